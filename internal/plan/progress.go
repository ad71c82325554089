package plan

import "github.com/voiceops/conference-operator/api/v1alpha1"

// Progress is how far a participant is from what is declared.
type Progress int

// The stages of progress.
const (
	// InSync is every declared field as declared.
	InSync Progress = iota
	// Converging is an update that is due, or accepted and not seen in effect.
	Converging
	// AwaitingCoachee is a coaching of a coachee that is not there yet, or on hold.
	AwaitingCoachee
	// CoacheeLost is a coaching of a coachee that has left.
	CoacheeLost
	// ReferenceInvalid is a coaching of a coachee that can never be coached.
	ReferenceInvalid
	// Yielded is a difference that the driftPolicy leaves alone.
	Yielded
	// Rejected is a field that the provider refuses.
	Rejected
	// NotApplied is a change that was accepted again and again and never seen in
	// effect.
	NotApplied
	// Contested is a field that another party keeps changing back.
	Contested
)

// Reason is the reason of the condition Ready.
func (p Progress) Reason() string {
	return [...]string{
		InSync: v1alpha1.ReasonInSync, Converging: v1alpha1.ReasonConverging,
		AwaitingCoachee: v1alpha1.ReasonWaitingForCoachee, CoacheeLost: v1alpha1.ReasonCoacheeGone,
		ReferenceInvalid: v1alpha1.ReasonInvalidReference, Yielded: v1alpha1.ReasonYielded,
		Rejected: v1alpha1.ReasonRejected, NotApplied: v1alpha1.ReasonNotApplied, Contested: v1alpha1.ReasonContested,
	}[p]
}

// Ready reports whether nothing is left to do.
func (p Progress) Ready() bool { return p == InSync || p == Yielded }

// Stalled reports whether a person must act.
func (p Progress) Stalled() bool {
	return p == CoacheeLost || p == ReferenceInvalid || p == Rejected || p == NotApplied || p == Contested
}

// CoacheeMissing reports whether the coaching waits for another coachee or for
// the coachee to come.
func (p Progress) CoacheeMissing() bool {
	return p == AwaitingCoachee || p == CoacheeLost || p == ReferenceInvalid
}
