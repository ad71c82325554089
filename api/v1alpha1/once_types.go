package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Once is what is brought about one time and then left alone. It is an action,
// not state: it is never drift, and no restart repeats what is done.
//
// +kubebuilder:validation:XValidation:rule="has(self.muted) || has(self.hold)",message="once needs muted or hold: add one of them, or remove once"
// +kubebuilder:validation:XValidation:rule="!has(self.holdURL) || (has(self.hold) && self.hold)",fieldPath=".holdURL",message="once.holdURL needs once.hold: true: add it, or remove holdURL"
// +kubebuilder:validation:XValidation:rule="!has(self.holdMethod) || (has(self.hold) && self.hold)",fieldPath=".holdMethod",message="once.holdMethod needs once.hold: true: add it, or remove holdMethod"
type Once struct {
	// AudioControls are muted, hold, holdURL and holdMethod.
	AudioControls `json:",inline"`
}

// OnceState is the progress of one field of what is done once.
//
// +kubebuilder:validation:Enum=Pending;Done
type OnceState string

const (
	// OncePending was not seen in effect yet.
	OncePending OnceState = "Pending"
	// OnceDone is done, and not repeated for this join.
	OnceDone OnceState = "Done"
)

// OnceField is a field of once with a value of its own.
//
// +kubebuilder:validation:Enum=muted;hold
type OnceField string

const (
	// OnceMuted is muted.
	OnceMuted OnceField = "muted"
	// OnceHold is hold, with its music.
	OnceHold OnceField = "hold"
)

// OnceStatus is what became of one field of what is done once.
type OnceStatus struct {
	// field is muted or hold.
	//
	// +required
	Field OnceField `json:"field,omitempty"`

	// value that the field is brought to.
	//
	// +required
	Value *bool `json:"value,omitempty"`

	// dateCreated is the join that this is about, as the provider dates it: when the
	// participant leaves and joins anew, once is due again. Absent where the provider
	// gives no readable date.
	//
	// +optional
	DateCreated *metav1.Time `json:"dateCreated,omitempty"`

	// state is Pending until the field was seen to have the value, then Done for
	// good.
	//
	// +required
	State OnceState `json:"state,omitempty"`
}
