package v1alpha1

// The name: a type that ends in State is what was observed, and this one is what
// is declared, like the buttons of a phone, which are called its controls.
// Coaching is not among them, since it connects two participants.
//
// The rules of the type are added to those of every type that inlines it, and
// their fieldPath is relative to that type.

// AudioControls are the controls for the audio of one participant: muted, hold
// and the music on hold. Every kind that declares them inlines this type, so
// that fields and rules are the same everywhere.
//
// +kubebuilder:validation:XValidation:rule="!has(self.holdURL) || has(self.hold)",fieldPath=".holdURL",message="holdURL needs hold to be set: add hold: true, or remove holdURL"
// +kubebuilder:validation:XValidation:rule="!has(self.holdMethod) || has(self.hold)",fieldPath=".holdMethod",message="holdMethod needs hold to be set: add hold: true, or remove holdMethod"
type AudioControls struct {
	// muted is whether the other participants can't hear this one. Unset: left
	// as it is.
	//
	// +optional
	Muted *bool `json:"muted,omitempty"`

	// hold is whether the participant is on hold. Unset: left as it is.
	//
	// +optional
	Hold *bool `json:"hold,omitempty"`

	// holdURL is what a participant on hold hears: an absolute http or https
	// URL of a document with playback verbs, fetched by the provider, never by
	// the operator. Needs hold to be set, and is sent only while hold is true.
	// Unset: the provider's default music, from the next hold on. If it is removed
	// during a hold, nothing is sent and the music goes on as it is until the hold
	// ends.
	//
	// +optional
	HoldURL DocumentURL `json:"holdURL,omitempty"`

	// holdMethod is how the provider fetches holdURL. Default POST, always sent
	// with holdURL. Needs hold to be set.
	//
	// +optional
	HoldMethod HTTPMethod `json:"holdMethod,omitempty"`
}
