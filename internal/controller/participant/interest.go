package participant

import (
	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/roster"
)

// interest is how the object's conference is to be observed, after what its status
// reports now. It is wanted by objects that are not suspended, have not lost their
// claim, and have not left, or only just.
func (x *reconciliation) interest() (interest roster.Interest, wanted bool) {
	current := x.object.Status
	if x.object.Spec.Suspend || x.memory.Claim == claim.Lost || !x.object.DeletionTimestamp.IsZero() {
		return interest, false
	}
	coaches := x.desired.Coaching != nil && *x.desired.Coaching
	interest = roster.Interest{CallSID: x.memory.CallSID, Demand: roster.DemandRegular, Presence: presenceOf(current.CallState)}
	if coaches {
		interest.Demand = roster.DemandCoaching
	}
	if current.FinishTime != nil {
		interest.Until = plan.RevivableUntil(current.FinishTime.Time)
		if !x.now.Before(interest.Until) {
			return interest, false
		}
	}
	if known := current.Participant; known != nil {
		reported := roster.StateOf(participantOf(known))
		interest.Reported = &reported
		// A whisperer that can be heard is muted, whatever else is wrong (R17).
		audible := x.desired.Whisper() && !known.Muted
		interest.CoacheeExpected = coaches && (x.memory.Coachee.Expected || audible)
	}
	return interest, true
}

// presenceOf is a call state as rosters know it.
func presenceOf(state v1alpha1.CallState) roster.Presence {
	switch state {
	case v1alpha1.CallLive:
		return roster.Live
	case v1alpha1.CallLeft:
		return roster.Left
	default:
		return roster.Unseen
	}
}
