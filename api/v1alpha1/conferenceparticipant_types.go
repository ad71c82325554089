package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ReconcileRequestedAtAnnotation asks for a fresh look at the provider when its
// value changes, and clears the waits of NotApplied, Contested and Rejected. It
// never replays an announcement. The value is free; a timestamp is usual. It is
// echoed in status.lastHandledReconcileAt.
const ReconcileRequestedAtAnnotation = "conference.voiceops.dev/reconcile-requested-at"

// AllowEndConferenceAnnotation allows deletionPolicy Remove, with the value
// "true", to remove a participant with which the conference ends for everybody.
const AllowEndConferenceAnnotation = "conference.voiceops.dev/allow-end-conference"

// Finalizer keeps an object with deletionPolicy Reset or Remove until that was
// done, for five minutes at most.
const Finalizer = "conference.voiceops.dev/participant"

// ConferenceParticipantSpec declares the state of one call leg in one
// conference. A field of the desired state that is left out is not managed: the
// operator never touches it.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.callSIDToCoach) && has(self.participantToCoachRef))",fieldPath=".participantToCoachRef",message="set callSIDToCoach or participantToCoachRef, not both: remove one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.coaching) || !self.coaching || has(self.callSIDToCoach) || has(self.participantToCoachRef)",fieldPath=".coaching",message="coaching: true needs somebody to coach: add callSIDToCoach or participantToCoachRef"
// +kubebuilder:validation:XValidation:rule="!has(self.callSIDToCoach) || self.callSIDToCoach != self.callSID",fieldPath=".callSIDToCoach",message="callSIDToCoach is this participant's own callSID, and nobody coaches themself: name the call of the one to coach"
type ConferenceParticipantSpec struct {
	// accountRef names the VoiceAccount in this namespace through which the
	// participant is reached. Immutable.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="accountRef is immutable: a new call is a new object: name it after the call"
	AccountRef LocalReference `json:"accountRef,omitzero"`

	// conferenceSID is the conference that the participant is in. Immutable.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="conferenceSID is immutable: a new call is a new object: name it after the call"
	ConferenceSID SID `json:"conferenceSID,omitempty"`

	// callSID is the participant's call leg. Immutable: a new call is a new
	// object.
	//
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="callSID is immutable: a new call is a new object: name it after the call"
	CallSID SID `json:"callSID,omitempty"`

	// AudioControls are muted, hold, holdURL and holdMethod.
	AudioControls `json:",inline"`

	// coaching is whether the participant is heard by the coached participant
	// alone. true needs callSIDToCoach or participantToCoachRef, and either of
	// them without coaching means true. With muted: false the participant stays
	// muted until the coaching was seen to be in effect. Unset, without a
	// target: not managed.
	//
	// +optional
	Coaching *bool `json:"coaching,omitempty"`

	// callSIDToCoach is the call leg to coach, in the same conference.
	//
	// +optional
	CallSIDToCoach SID `json:"callSIDToCoach,omitempty"`

	// participantToCoachRef names the ConferenceParticipant in this namespace
	// that is to be coached: one of the same account and conference.
	//
	// +optional
	ParticipantToCoachRef *LocalReference `json:"participantToCoachRef,omitempty"`

	// beep is whether those in the conference hear a beep with a change: true
	// with a declared change and never with a repair or a repetition, false
	// never. Unset: the provider decides.
	//
	// +optional
	Beep *bool `json:"beep,omitempty"`

	// announcement is played to this participant once for each id, and never
	// again. It is an action, not state: neither drift nor a restart repeats it.
	//
	// +optional
	Announcement *Announcement `json:"announcement,omitzero"`

	// mode is Enforce (default) or Observe, which never updates the participant
	// and reports in the condition Drifted what it would do.
	//
	// +optional
	// +kubebuilder:default=Enforce
	Mode Mode `json:"mode,omitempty"`

	// driftPolicy says what becomes of what somebody else changed after the
	// declared state was in sync: Enforce (default) repairs it, Restrict repairs
	// only what closes (mute, hold, coaching), Report repairs nothing. A change
	// of the spec is applied under each of them.
	//
	// +optional
	// +kubebuilder:default=Enforce
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// deletionPolicy says what becomes of the participant when this object is
	// deleted: Retain (default) leaves it as it is, Reset opens again what this
	// object closed, Remove removes the participant from the conference. A
	// participant with which the conference would end is removed only with the
	// annotation conference.voiceops.dev/allow-end-conference: "true".
	//
	// +optional
	// +kubebuilder:default=Retain
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// suspend stops every request for this participant while it is true.
	//
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// joinDeadlineSeconds is how long a participant that was never seen may be
	// waited for, from the creation of this object or from when the account
	// first became ready, if later. Default 900; 0 waits for ever.
	//
	// +optional
	// +kubebuilder:default=900
	// +kubebuilder:validation:Minimum=0
	JoinDeadlineSeconds *int32 `json:"joinDeadlineSeconds,omitempty"`

	// ttlSecondsAfterFinished deletes this object so long after its call was
	// seen to have ended. Unset: never.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	TTLSecondsAfterFinished *int32 `json:"ttlSecondsAfterFinished,omitempty"`
}

// ConferenceParticipant declares whether one call leg in one conference is
// muted, on hold, coaching whom.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:validation:XValidation:rule="!has(self.spec.participantToCoachRef) || self.spec.participantToCoachRef.name != self.metadata.name",fieldPath=".spec.participantToCoachRef",message="participantToCoachRef names this very object, and nobody coaches themself: name the ConferenceParticipant to coach"
// +kubebuilder:resource:shortName=cpart,categories=voice
// +kubebuilder:selectablefield:JSONPath=`.spec.conferenceSID`
// +kubebuilder:selectablefield:JSONPath=`.spec.callSID`
// +kubebuilder:selectablefield:JSONPath=`.spec.accountRef.name`
// +kubebuilder:printcolumn:name="Muted",type=boolean,JSONPath=`.status.participant.muted`
// +kubebuilder:printcolumn:name="Hold",type=boolean,JSONPath=`.status.participant.hold`
// +kubebuilder:printcolumn:name="Coaching",type=boolean,JSONPath=`.status.participant.coaching`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Call",type=string,JSONPath=`.status.callState`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Conference",type=string,JSONPath=`.spec.conferenceSID`,priority=1
// +kubebuilder:printcolumn:name="Call SID",type=string,JSONPath=`.spec.callSID`,priority=1
// +kubebuilder:printcolumn:name="Announcement",type=string,JSONPath=`.status.announcement.state`,priority=1
type ConferenceParticipant struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard object metadata.
	//
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is the declared state.
	//
	// +required
	Spec ConferenceParticipantSpec `json:"spec,omitzero"`

	// status is what was observed and what it means.
	//
	// +optional
	// +kubebuilder:default={"observedGeneration":-1}
	Status ConferenceParticipantStatus `json:"status,omitzero"`
}

// ConferenceParticipantList is a list of ConferenceParticipant.
//
// +kubebuilder:object:root=true
type ConferenceParticipantList struct {
	metav1.TypeMeta `json:",inline"`

	// metadata is the standard list metadata.
	metav1.ListMeta `json:"metadata,omitzero"`

	// items are the participants.
	Items []ConferenceParticipant `json:"items"`
}
