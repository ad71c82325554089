package v1alpha1

// Reasons returns the closed set of reasons that conditions of any kind may
// have.
func Reasons() []string {
	return []string{
		ReasonInSync, ReasonParticipantLeft, ReasonObserved, ReasonYielded, ReasonConverging,
		ReasonWaitingForParticipant, ReasonWaitingForAccount, ReasonWaitingForCoachee, ReasonThrottled,
		ReasonAPIUnavailable, ReasonRejected, ReasonInvalidReference, ReasonCoacheeGone, ReasonUnauthorized,
		ReasonConflict, ReasonNotApplied, ReasonContested, ReasonParticipantNotFound, ReasonConferenceOver,
		ReasonConferenceNotFound, ReasonSuspended, ReasonDrifted, ReasonTokenAccepted, ReasonBaseURLNotAllowed,
		ReasonAddressNotAllowed, ReasonAccountNotFound, ReasonAccountRefused, ReasonSecretNotFound,
		ReasonSecretKeyMissing, ReasonNoRoom, ReasonChildrenRefused, ReasonInvalidNumbers, ReasonTooManyRooms,
		ReasonLookupFailing, ReasonUnidentified, ReasonWaitingForRole,
	}
}
