package v1alpha1

// The types of conditions, after the conventions of kstatus: Ready is there
// once an object was looked at, unless it is suspended, the others only while
// they are true.
const (
	// ConditionReady says whether the object is as declared.
	ConditionReady = "Ready"
	// ConditionReconciling says that the operator is at work or waiting, and
	// needs no help.
	ConditionReconciling = "Reconciling"
	// ConditionStalled says that the operator can't get further until a person
	// acts.
	ConditionStalled = "Stalled"
	// ConditionSuspended says that no requests are sent because spec.suspend is
	// true. Beside it there is no other, save a Ready from before that is True.
	ConditionSuspended = "Suspended"
	// ConditionIdentified is False while the role of a call leg in a room is not
	// known.
	ConditionIdentified = "Identified"
	// ConditionRoomsListedSlowly is True of an account with so many rooms that they are
	// listed more seldom than every 5 s.
	ConditionRoomsListedSlowly = "RoomsListedSlowly"
	// ConditionWaiting is True while a room waits for a role.
	ConditionWaiting = "Waiting"
	// ConditionDrifted says in mode Observe whether the participant differs
	// from what is declared.
	ConditionDrifted = "Drifted"
)

// The reasons of a participant's conditions.
const (
	// ReasonInSync means that every declared field is as declared.
	ReasonInSync = "InSync"
	// ReasonParticipantLeft means that the call has ended or left the
	// conference: Ready if the desired state had been in sync, Stalled if not.
	ReasonParticipantLeft = "ParticipantLeft"
	// ReasonObserved means that mode Observe looks and never updates.
	ReasonObserved = "Observed"
	// ReasonYielded means that the participant was changed by something else, and
	// that driftPolicy leaves this difference alone.
	ReasonYielded = "Yielded"
	// ReasonConverging means that an update was accepted or is about to be
	// sent, and the change was not seen yet.
	ReasonConverging = "Converging"
	// ReasonWaitingForParticipant means that the participant was not seen in the
	// conference yet, or that its call rings.
	ReasonWaitingForParticipant = "WaitingForParticipant"
	// ReasonWaitingForAccount means that the VoiceAccount or its Secret is
	// missing, suspended or not ready.
	ReasonWaitingForAccount = "WaitingForAccount"
	// ReasonWaitingForCoachee means that the participant to coach is not in the
	// conference yet, rings, or is on hold.
	ReasonWaitingForCoachee = "WaitingForCoachee"
	// ReasonThrottled means that something is to be sent, and that the provider
	// or the account's rateLimit has kept it waiting for over 5 seconds.
	ReasonThrottled = "Throttled"
	// ReasonAPIUnavailable means that something is to be sent, and that the
	// provider has not been reached or has failed for over 5 seconds.
	ReasonAPIUnavailable = "APIUnavailable"
	// ReasonRejected means that the provider refuses a field of this spec, or
	// this object alone, again and again, or its conference; the rest is applied.
	// It is tried again slowly, unless only the spec can help.
	ReasonRejected = "Rejected"
	// ReasonInvalidReference means that the object to coach is this one, or one
	// of another conference or account.
	ReasonInvalidReference = "InvalidReference"
	// ReasonCoacheeGone means that the participant to coach was in the
	// conference and has left.
	ReasonCoacheeGone = "CoacheeGone"
	// ReasonUnauthorized means that the account's token is refused.
	ReasonUnauthorized = "Unauthorized"
	// ReasonConflict means that another object claims the same participant.
	ReasonConflict = "Conflict"
	// ReasonNotApplied means that a change was accepted several times and never
	// observed.
	ReasonNotApplied = "NotApplied"
	// ReasonContested means that a field is changed back by something else again
	// and again, so that corrections are slowed down.
	ReasonContested = "Contested"
	// ReasonParticipantNotFound means that the join deadline has passed.
	ReasonParticipantNotFound = "ParticipantNotFound"
	// ReasonConferenceOver means that the conference has ended and the participant
	// was never seen in it.
	ReasonConferenceOver = "ConferenceOver"
	// ReasonConferenceNotFound means that the provider has not known the conference
	// for half a minute.
	ReasonConferenceNotFound = "ConferenceNotFound"
	// ReasonSuspended means that spec.suspend is true.
	ReasonSuspended = "Suspended"
	// ReasonDrifted means that the participant differs from what is declared.
	ReasonDrifted = "Drifted"
)

// The reasons of a participant's events, besides those of its conditions.
const (
	// EventAnnouncementAccepted: the provider accepted an announcement.
	EventAnnouncementAccepted = "AnnouncementAccepted"
	// EventAnnouncementRejected: the provider refused an announcement.
	EventAnnouncementRejected = "AnnouncementRejected"
	// EventAnnouncementUnknown: an announcement may have been played or not, and
	// is not tried again.
	EventAnnouncementUnknown = "AnnouncementUnknown"
	// EventAnnouncementExpired: an announcement was not played before its
	// notAfterTime.
	EventAnnouncementExpired = "AnnouncementExpired"
	// EventSuperseded: an announcement was replaced or withdrawn before it was
	// played.
	EventSuperseded = "Superseded"
	// EventAnnouncementIgnored: an id was handled before, so nothing is played.
	EventAnnouncementIgnored = "AnnouncementIgnored"
	// EventAnnouncementMissed: the participant left before an announcement was
	// played, or no room was in progress.
	EventAnnouncementMissed = "AnnouncementMissed"
	// EventWouldEndConference: deletionPolicy Remove left the participant in the
	// conference, which would end without it.
	EventWouldEndConference = "WouldEndConference"
	// EventNotReset: the object is gone, and the participant is not as the
	// deletionPolicy wants it.
	EventNotReset = "NotReset"
	// EventNoLongerManaged: muted, hold or coaching was true, is not managed any
	// more, and stays as it is.
	EventNoLongerManaged = "NoLongerManaged"
)

// The reasons of an account's conditions, besides ReasonUnauthorized,
// ReasonAPIUnavailable and ReasonSuspended.
const (
	// ReasonTokenAccepted means that the provider accepted the token.
	ReasonTokenAccepted = "TokenAccepted"
	// ReasonBaseURLNotAllowed means that the operator's --allowed-base-urls does
	// not allow the account's base URL.
	ReasonBaseURLNotAllowed = "BaseURLNotAllowed"
	// ReasonAddressNotAllowed means that the host of the base URL has an address
	// that is private or otherwise special, and that the operator's
	// --allowed-base-urls does not list the URL literally.
	ReasonAddressNotAllowed = "AddressNotAllowed"
	// ReasonAccountNotFound means that the provider does not know the account: it
	// answers 404, 410 or 301.
	ReasonAccountNotFound = "AccountNotFound"
	// ReasonAccountRefused means that the provider refuses the account's requests
	// otherwise, for lack of payment for example.
	ReasonAccountRefused = "AccountRefused"
	// ReasonSecretNotFound means that the Secret with the token is missing.
	ReasonSecretNotFound = "SecretNotFound"
	// ReasonSecretKeyMissing means that the Secret has no such key, or that it
	// is empty.
	ReasonSecretKeyMissing = "SecretKeyMissing"
)

// The reasons of a Conference's conditions, besides those it shares with
// participants and accounts.
const (
	// ReasonNoRoom means that no room of that name is in progress, and the policy
	// waits for one.
	ReasonNoRoom = "NoRoom"
	// ReasonChildrenRefused means that the API server refuses to create
	// ConferenceParticipants.
	ReasonChildrenRefused = "ChildrenRefused"
	// ReasonInvalidNumbers means that a Secret with numbers has a line that is no
	// number.
	ReasonInvalidNumbers = "InvalidNumbers"
	// ReasonTooManyRooms means that more rooms bear the name than are governed, or that
	// an account has more than can be listed every 5 s.
	ReasonTooManyRooms = "TooManyRooms"
	// ReasonLookupFailing means that the calls of those that join can't be read.
	ReasonLookupFailing = "LookupFailing"
	// ReasonUnidentified means that the role of a call leg is not known.
	ReasonUnidentified = "Unidentified"
	// ReasonWaitingForRole means that everybody else is on hold until a call leg of a
	// role is there.
	ReasonWaitingForRole = "WaitingForRole"
)

// The reasons of a Conference's events, besides those of its conditions.
const (
	// EventRoomFound: a room of that name is in progress.
	EventRoomFound = "RoomFound"
	// EventRoomOver: a room has ended.
	EventRoomOver = "RoomOver"
	// EventRoomOpened: the call legs that waited for a role are not on hold any more.
	EventRoomOpened = "RoomOpened"
	// EventRoomEnded: a room was ended as declared.
	EventRoomEnded = "RoomEnded"
	// EventRoomNotEnded: a room was not ended as declared, or may not have been.
	EventRoomNotEnded = "RoomNotEnded"
	// EventSpoofableCoach: a role that coaches is matched by the number of an inbound
	// caller, which can be forged.
	EventSpoofableCoach = "SpoofableCoach"
)
