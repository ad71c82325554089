package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RoomState is what is known of the rooms of a Conference.
//
// +kubebuilder:validation:Enum=None;Waiting;Live;Several
type RoomState string

const (
	// RoomNone is no room of that name.
	RoomNone RoomState = "None"
	// RoomWaiting is a room that was not started yet: those in it wait, and can't be
	// heard.
	RoomWaiting RoomState = "Waiting"
	// RoomLive is one room in progress.
	RoomLive RoomState = "Live"
	// RoomSeveral is more than one room, each governed for itself.
	RoomSeveral RoomState = "Several"
)

// RoomCounts count what the rooms of a Conference have in them.
type RoomCounts struct {
	// rooms that are governed.
	// +optional
	Rooms int32 `json:"rooms"`
	// participants that are in the rooms.
	// +optional
	Participants int32 `json:"participants"`
	// managed of them have a ConferenceParticipant of this Conference.
	// +optional
	Managed int32 `json:"managed"`
	// muted of them.
	// +optional
	Muted int32 `json:"muted"`
	// hold is how many of them are on hold.
	// +optional
	Hold int32 `json:"hold"`
	// coaching of them.
	// +optional
	Coaching int32 `json:"coaching"`
	// unidentified of them, of which the role is not known.
	// +optional
	Unidentified int32 `json:"unidentified"`
	// overridden of them, by a ConferenceParticipant that this Conference has not
	// made.
	// +optional
	Overridden int32 `json:"overridden"`
	// notReady of them have been Rejected, NotApplied or Contested for over a
	// minute.
	// +optional
	NotReady int32 `json:"notReady"`
}

// RoleCount counts the call legs of a role.
type RoleCount struct {
	// name of the role.
	//
	// +required
	Name RoleName `json:"name,omitempty"`
	// participants of the role.
	// +optional
	Participants int32 `json:"participants"`
}

// RoomRequestState is the progress of a request to a whole room.
type RoomRequestState struct {
	// id of the announcement or end.
	//
	// +required
	// +kubebuilder:validation:MaxLength=63
	ID string `json:"id,omitempty"`
	// state is Pending until the request is about to be sent, Claimed while its
	// outcome is open, and then Accepted, Rejected, Unknown or Expired for good.
	//
	// +required
	State AnnouncementState `json:"state,omitempty"`
	// attempts is the number of requests that were claimed.
	//
	// +optional
	Attempts int32 `json:"attempts,omitempty"`
	// claimTime is when the first request was claimed.
	//
	// +optional
	ClaimTime *metav1.MicroTime `json:"claimTime,omitempty"`
	// message says why the provider refused the request.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// RoomStatus is one room.
type RoomStatus struct {
	// conferenceSID of the room.
	//
	// +required
	// +kubebuilder:validation:MaxLength=64
	ConferenceSID string `json:"conferenceSID,omitempty"`
	// state is Waiting until the room was started, then Live.
	//
	// +optional
	State RoomState `json:"state,omitempty"`
	// startTime is when the room was created, as the provider says.
	//
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`
	// waiting says that everybody but the role of waitForRole is kept on hold.
	//
	// +optional
	Waiting bool `json:"waiting,omitempty"`
	// announcement is what became of the announcement in this room.
	//
	// +optional
	Announcement *RoomRequestState `json:"announcement,omitempty"`
	// end is what became of the end of this room.
	//
	// +optional
	End *RoomRequestState `json:"end,omitempty"`
}

// RoomParticipant is one call leg in a room.
type RoomParticipant struct {
	// callSID of the call leg.
	//
	// +required
	// +kubebuilder:validation:MaxLength=64
	CallSID string `json:"callSID,omitempty"`
	// conferenceSID of the room.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=64
	ConferenceSID string `json:"conferenceSID,omitempty"`
	// role of the call leg; absent while it is not known, and without roles.
	//
	// +optional
	Role RoleName `json:"role,omitempty"`
	// muted as last observed.
	// +optional
	Muted bool `json:"muted"`
	// hold as last observed.
	// +optional
	Hold bool `json:"hold"`
	// coaching as last observed.
	// +optional
	Coaching bool `json:"coaching"`
	// participantRef names the ConferenceParticipant of the call leg.
	//
	// +optional
	ParticipantRef *LocalReference `json:"participantRef,omitempty"`
}

// ConferenceStatus is what was observed of the rooms of a Conference.
type ConferenceStatus struct {
	// observedGeneration is the generation of the spec that this status is
	// about; -1 until the operator has looked at the object.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the Conference: Ready, and while they are true Reconciling,
	// Stalled and Suspended; Drifted in mode Observe; Identified and Waiting while
	// they say something.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// roomState is None, Waiting, Live or Several.
	//
	// +optional
	RoomState RoomState `json:"roomState,omitempty"`

	// counts of the rooms and the call legs in them.
	//
	// +optional
	Counts *RoomCounts `json:"counts,omitempty"`

	// roles counts the call legs of each role.
	//
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=16
	Roles []RoleCount `json:"roles,omitempty"`

	// rooms are the rooms, only with friendlyName.
	//
	// +optional
	// +listType=map
	// +listMapKey=conferenceSID
	// +kubebuilder:validation:MaxItems=8
	Rooms []RoomStatus `json:"rooms,omitempty"`

	// participants is a sample of the call legs: roles with a match first, then the
	// newest.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	Participants []RoomParticipant `json:"participants,omitempty"`

	// handledAnnouncementIDs are the last 64 announcements that are done with,
	// newest first.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=63
	HandledAnnouncementIDs []string `json:"handledAnnouncementIDs,omitempty"`

	// handledEndIDs are the last 64 ends that are done with, newest first.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=63
	HandledEndIDs []string `json:"handledEndIDs,omitempty"`

	// lastHandledReconcileAt is the value of the annotation
	// conference.voiceops.dev/reconcile-requested-at that was handled last.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=253
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}
