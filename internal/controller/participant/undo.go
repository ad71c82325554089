package participant

import (
	"context"
	"time"

	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/policy"
)

// takeover is what other objects that claim a child's call leg have taken over of it.
type takeover struct {
	// fields are those that they declare, or do once.
	fields policy.Fields
	// coaching says that one of them declares coaching, or was written by hand: the
	// whole call leg is out of the policy then (R22).
	coaching bool
	// byHand says that one was written by hand.
	byHand bool
}

// takeoverBy is what rivals have taken over that claim the call leg of a candidate.
func takeoverBy(mine claim.Candidate, rivals []rival) (t takeover) {
	for _, other := range rivals {
		if !claim.Inherited(mine, []claim.Candidate{other.Candidate}) {
			continue
		}
		desired, byHand := plan.DesiredOf(&other.object.Spec), other.Precedence == claim.HandWritten
		t.fields.Muted = t.fields.Muted || desired.Muted != nil || desired.Once.Muted != nil
		t.fields.Hold = t.fields.Hold || desired.Hold != nil || desired.Once.Hold != nil
		t.coaching = t.coaching || byHand || desired.Coaching != nil
		t.byHand = t.byHand || byHand
	}
	return t
}

// undoOfChild is what the deletion of a child undoes: its whisper, and what it has closed
// for a while and others have not taken over. How the participant was at first makes no
// difference to it (R23).
func undoOfChild(desired plan.Desired, made *policy.Child, taken takeover, now time.Time) plan.Undo {
	if until := made.KeepsUntil(); taken.byHand && !until.IsZero() && !now.Before(until) {
		// It has had its time, and the call leg is out of the policy (R22).
		return plan.Undo{}
	}
	opens := made.Opens(taken.fields)
	// A call leg that coached stays muted until it leaves (R20).
	opens.Muted = opens.Muted && made.Record.Coach == ""
	return plan.UndoOfChild(desired, opens.Muted, opens.Hold, !taken.coaching)
}

// childNeedsCleanUp reports whether the deletion of a child needs a request, and notes
// what it has to undo.
func (f finalizer) childNeedsCleanUp(ctx context.Context, x *reconciliation) (bool, error) {
	rivals, err := f.gatherer.rivals(ctx, x.object, x.now)
	_, account := f.gatherer.accounts.ForFinalizer(x.memory.Key.Account)
	made := policy.ChildOf(x.object)
	made.Once = x.status.Once
	x.undo = undoOfChild(x.desired, &made, takeoverBy(candidate(x.object, account, x.now), rivals), x.now)
	return !x.undo.IsZero(), err
}
