package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ReconcileRequestedAtAnnotation has the participant read from the provider again
// when its value changes, and ends the waits of NotApplied, Contested and
// Rejected. It never repeats an announcement. The value is free; a timestamp is
// usual. It is copied to status.lastHandledReconcileAt.
const ReconcileRequestedAtAnnotation = "conference.voiceops.dev/reconcile-requested-at"

// AllowEndConferenceAnnotation with the value "true" allows deletionPolicy Remove
// to remove a participant even if that ends the conference.
const AllowEndConferenceAnnotation = "conference.voiceops.dev/allow-end-conference"

// Finalizer keeps an object with deletionPolicy Reset or Remove until its
// participant is reset or removed, for at most five minutes as a rule.
const Finalizer = "conference.voiceops.dev/participant"

// ConferenceParticipantSpec declares the state of one call leg in one
// conference. A field of the desired state that is left out is not managed: the
// operator never changes it.
//
// +kubebuilder:validation:XValidation:rule="!(has(self.callSIDToCoach) && has(self.participantToCoachRef))",fieldPath=".participantToCoachRef",message="set callSIDToCoach or participantToCoachRef, not both: remove one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.coaching) || !self.coaching || has(self.callSIDToCoach) || has(self.participantToCoachRef)",fieldPath=".coaching",message="coaching: true needs a call to coach: add callSIDToCoach or participantToCoachRef"
// +kubebuilder:validation:XValidation:rule="!has(self.callSIDToCoach) || self.callSIDToCoach != self.callSID",fieldPath=".callSIDToCoach",message="callSIDToCoach is this participant's own callSID, and a participant can't coach itself: name the call of the one to coach"
// +kubebuilder:validation:XValidation:rule="!has(self.once) || !has(self.once.muted) || !has(self.muted)",fieldPath=".once",message="muted is declared and in once: remove one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.once) || !has(self.once.hold) || !has(self.hold)",fieldPath=".once",message="hold is declared and in once: remove one of them"
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

	// coaching is whether only the coached participant hears this one. true needs
	// callSIDToCoach or participantToCoachRef, and setting one of these without
	// coaching means true. With muted: false the participant stays muted until
	// coaching is seen to be in effect. All three unset: left as it is.
	//
	// +optional
	Coaching *bool `json:"coaching,omitempty"`

	// callSIDToCoach is the call leg to coach, in the same conference.
	//
	// +optional
	CallSIDToCoach SID `json:"callSIDToCoach,omitempty"`

	// participantToCoachRef names the ConferenceParticipant to coach, in this
	// namespace and of the same account and conference.
	//
	// +optional
	ParticipantToCoachRef *LocalReference `json:"participantToCoachRef,omitempty"`

	// beep is whether an update plays a beep to the conference: true only for a
	// change of the spec, not for repairs and retries; false never. Unset: the
	// provider decides.
	//
	// +optional
	Beep *bool `json:"beep,omitempty"`

	// announcement is played to this participant once for each id. It is an
	// action, not state: neither drift nor a restart repeats it.
	//
	// +optional
	Announcement *Announcement `json:"announcement,omitzero"`

	// once is what is brought about one time and then left alone: muted on entry,
	// for example, or the end of a hold that is not declared any more. A field is
	// either declared or in once. It is due under every driftPolicy, and due again
	// when the participant leaves and joins anew.
	//
	// +optional
	Once *Once `json:"once,omitempty"`

	// mode is Enforce (default), or Observe, which never updates the participant
	// and reports in the condition Drifted what differs.
	//
	// +optional
	// +kubebuilder:default=Enforce
	Mode Mode `json:"mode,omitempty"`

	// driftPolicy says what is repaired when the participant was in sync and is
	// then changed by something else: Enforce (default) repairs every managed
	// field, Restrict only a missing mute, hold or coaching, Report nothing. A
	// change of the spec is always applied.
	//
	// +optional
	// +kubebuilder:default=Enforce
	DriftPolicy DriftPolicy `json:"driftPolicy,omitempty"`

	// deletionPolicy says what happens to the participant when this object is
	// deleted: Retain (default) leaves it as it is, Reset undoes the mute, hold
	// and coaching that this object brought about, Remove removes it from the
	// conference. If the conference would end with it, Remove needs the
	// annotation conference.voiceops.dev/allow-end-conference: "true".
	//
	// +optional
	// +kubebuilder:default=Retain
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`

	// suspend stops every request for this participant while it is true.
	//
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// joinDeadlineSeconds is how long a participant that was never seen is waited
	// for, from the creation of this object or from when the account first became
	// ready, if later. Then this object is finished, and only looked for every few
	// minutes. Default 900; 0 waits for ever.
	//
	// +optional
	// +kubebuilder:default=900
	// +kubebuilder:validation:Minimum=0
	JoinDeadlineSeconds *int32 `json:"joinDeadlineSeconds,omitempty"`

	// ttlSecondsAfterFinished is how long this object is kept after it was finished:
	// its call was seen to have ended, did not join in time, or can't join a
	// conference that is over. Then it is deleted. Unset: as the account says.
	//
	// +optional
	// +kubebuilder:validation:Minimum=0
	TTLSecondsAfterFinished *int32 `json:"ttlSecondsAfterFinished,omitempty"`
}

// ConferenceParticipant declares the state of one call leg in one conference:
// muted, on hold, coaching another participant.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:validation:XValidation:rule="!has(self.spec.participantToCoachRef) || self.spec.participantToCoachRef.name != self.metadata.name",fieldPath=".spec.participantToCoachRef",message="participantToCoachRef names this very object, and a participant can't coach itself: name the ConferenceParticipant to coach"
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
// +kubebuilder:printcolumn:name="Role",type=string,JSONPath=`.metadata.labels.conference\.voiceops\.dev/role`,priority=1
// +kubebuilder:printcolumn:name="Conference",type=string,JSONPath=`.spec.conferenceSID`,priority=1
// +kubebuilder:printcolumn:name="Call SID",type=string,JSONPath=`.spec.callSID`,priority=1
// +kubebuilder:printcolumn:name="Suspended",type=boolean,JSONPath=`.spec.suspend`,priority=1
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

	// status is what was observed and how it compares with the spec.
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
