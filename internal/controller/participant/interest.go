package participant

import (
	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/roster"
)

// interest is how the object's conference is to be observed, after what its status
// reports now. It is wanted by objects that are not suspended, have not lost their
// claim, and have not left, or only just; those past their deadline want it rarely.
func (x *reconciliation) interest() (interest roster.Interest, wanted bool) {
	current := x.object.Status
	if x.object.Spec.Suspend || x.memory.Claim == claim.Lost || !x.object.DeletionTimestamp.IsZero() {
		return interest, false
	}
	interest = roster.Interest{
		CallSID: x.memory.CallSID, Demand: roster.DemandRegular, Presence: presenceOf(current.CallState), Unreadable: x.memory.Unreadable,
	}
	if x.coaches() {
		interest.Demand = roster.DemandCoaching
	}
	if known := current.Participant; known != nil {
		reported := roster.StateOf(participantOf(known))
		interest.Reported, interest.CoacheeExpected = &reported, x.coacheeExpected(reported)
	}
	switch {
	case neverJoined(current):
		interest.Demand = roster.DemandRare
		return interest, !x.memory.ConferenceOver
	case current.FinishTime == nil:
		if x.seen.Conference == roster.ConferenceMissing && current.CallState == v1alpha1.CallWaiting {
			interest.Demand = roster.DemandRare
		}
		return interest, true
	}
	interest.Until = plan.RevivableUntil(current.FinishTime.Time)
	return interest, x.now.Before(interest.Until)
}

// coaches reports whether coaching is declared.
func (x *reconciliation) coaches() bool { return x.desired.Coaching != nil && *x.desired.Coaching }

// coacheeExpected reports whether the object is to be told of a missing coachee: it
// reports the coaching to be in effect, or is a whisperer that can be heard, which
// is muted then, whatever else is wrong (R17).
func (x *reconciliation) coacheeExpected(reported roster.State) bool {
	return x.coaches() && (x.memory.Coachee.Expected || x.desired.Whisper() && !reported.Muted)
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
