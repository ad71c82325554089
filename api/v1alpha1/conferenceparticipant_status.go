package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ParticipantState is what the provider returned last about the participant:
// all 13 fields of the API's participant resource, unchanged.
type ParticipantState struct {
	// accountSID is the account that the conference belongs to.
	// +optional
	AccountSID string `json:"accountSID,omitempty"`
	// callSID is the call leg.
	// +optional
	CallSID string `json:"callSID,omitempty"`
	// callSIDToCoach is the call leg that is coached; absent if there is none.
	// +optional
	CallSIDToCoach string `json:"callSIDToCoach,omitempty"`
	// coaching is whether only the coached participant hears this one.
	// +optional
	Coaching bool `json:"coaching"`
	// conferenceSID is the conference.
	// +optional
	ConferenceSID string `json:"conferenceSID,omitempty"`
	// dateCreated is when the participant joined, as the provider wrote it.
	// +optional
	DateCreated string `json:"dateCreated,omitempty"`
	// dateUpdated is when the participant last changed, as the provider wrote it.
	// +optional
	DateUpdated string `json:"dateUpdated,omitempty"`
	// endConferenceOnExit is whether the conference ends when this participant
	// leaves; absent where the provider does not say.
	// +optional
	EndConferenceOnExit *bool `json:"endConferenceOnExit,omitempty"`
	// hold is whether the participant is on hold.
	// +optional
	Hold bool `json:"hold"`
	// muted is whether the participant is muted.
	// +optional
	Muted bool `json:"muted"`
	// startConferenceOnEnter is whether the conference begins when this
	// participant enters; absent where the provider does not say.
	// +optional
	StartConferenceOnEnter *bool `json:"startConferenceOnEnter,omitempty"`
	// status of the call, as the provider wrote it, such as in-progress.
	// +optional
	Status string `json:"status,omitempty"`
	// uri of the participant, relative to the base URL.
	// +optional
	URI string `json:"uri,omitempty"`
}

// ConferenceParticipantStatus is what was observed and what it means.
type ConferenceParticipantStatus struct {
	// observedGeneration is the generation of the spec that this status is
	// about; -1 until the operator has looked at the object.
	//
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions of the participant: Ready, and while they are true
	// Reconciling, Stalled and Suspended; Drifted in mode Observe.
	//
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=8
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// callState is Waiting until the participant is seen in the conference and
	// while its call rings, Live while it is there, and Left after it has gone. A
	// participant that never came stays Waiting.
	//
	// +optional
	CallState CallState `json:"callState,omitempty"`

	// participant is exactly what the provider returned last.
	//
	// +optional
	Participant *ParticipantState `json:"participant,omitempty"`

	// appliedInputsDigest is a hash of the holdURL and holdMethod that were
	// applied last; the provider never returns them.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=64
	AppliedInputsDigest string `json:"appliedInputsDigest,omitempty"`

	// lastSyncedDigest is a hash of the desired state that was last seen in sync.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=64
	LastSyncedDigest string `json:"lastSyncedDigest,omitempty"`

	// announcement is what became of the announcement of the spec.
	//
	// +optional
	Announcement *AnnouncementStatus `json:"announcement,omitempty"`

	// handledAnnouncementIDs are the last 64 announcements that are done with,
	// newest first. None of them is played again; an id that is older than these is
	// forgotten and would play.
	//
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=63
	HandledAnnouncementIDs []string `json:"handledAnnouncementIDs,omitempty"`

	// once is what became of each field of the spec's once.
	//
	// +optional
	// +listType=map
	// +listMapKey=field
	// +kubebuilder:validation:MaxItems=2
	Once []OnceStatus `json:"once,omitempty"`

	// initial is the participant as first observed; only with deletionPolicy
	// Reset.
	//
	// +optional
	Initial *InitialState `json:"initial,omitempty"`

	// finishTime is when the participant was seen to have left, when the join
	// deadline has passed, or when the conference was seen to be over without it.
	//
	// +optional
	FinishTime *metav1.Time `json:"finishTime,omitempty"`

	// lastHandledReconcileAt is the value of the annotation
	// conference.voiceops.dev/reconcile-requested-at that was handled last.
	//
	// +optional
	// +kubebuilder:validation:MaxLength=253
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`
}
