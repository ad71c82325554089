package participant

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/roster"
)

// interest is how the object's conference is to be observed, after what its status
// reports now. It is wanted by objects that are not suspended and have not lost their
// claim, nor by children that go. One past its join deadline wants it rarely. One that left a while ago demands
// nothing, and is enqueued if a list that is sent for another object shows the call
// leg again (R7).
func (x *reconciliation) interest() (interest roster.Interest, wanted bool) {
	current := x.object.Status
	if x.suspended() || x.child.ended() || x.memory.Claim == claim.Lost || !x.object.DeletionTimestamp.IsZero() {
		return interest, false
	}
	interest = roster.Interest{
		CallSID: x.memory.CallSID, Demand: roster.DemandRegular, Presence: presenceOf(current.CallState, x.seen), Unreadable: x.memory.Unreadable,
		Joined: x.memory.Joined,
	}
	switch {
	case neverJoined(current):
		interest.Demand = roster.DemandRare
		return interest, !x.memory.ConferenceOver
	case current.FinishTime != nil:
		interest.Until = plan.RevivableUntil(current.FinishTime.Time)
		if !x.now.Before(interest.Until) {
			interest.Demand, interest.Until = roster.DemandNone, time.Time{}
		}
		return interest, true
	}
	return x.expecting(interest), true
}

// expecting is the interest of an object with a call leg that is there or may come.
func (x *reconciliation) expecting(interest roster.Interest) roster.Interest {
	current := x.object.Status
	if x.coaches() {
		interest.Demand, interest.CoacheeSID = roster.DemandCoaching, x.desired.Coachee.SID
		interest.CoacheeAwaited = !x.memory.Coachee.AwaitedSince.IsZero() && x.desired.Coachee.State != plan.CoacheeReady
	}
	if known := current.Participant; known != nil {
		reported := roster.StateOf(participantOf(known))
		interest.Reported, interest.CoacheeExpected = &reported, x.coacheeExpected(reported)
	}
	if x.seen.Conference == roster.ConferenceMissing && current.CallState == v1alpha1.CallWaiting {
		interest.Demand = roster.DemandRare
	}
	return interest
}

// coacheeExpected reports whether the object is enqueued for a missing coachee: it
// reports the coaching to be in effect, or is a whisperer that can be heard, which
// is muted then, whatever else is wrong (R17).
func (x *reconciliation) coacheeExpected(reported roster.State) bool {
	return x.coaches() && (x.memory.Coachee.Expected || x.desired.Whisper() && !reported.Muted)
}

// presenceOf is a call state, and whether the call leg rings, as rosters know it.
func presenceOf(state v1alpha1.CallState, seen roster.Observation) roster.Presence {
	switch {
	case state == v1alpha1.CallLeft:
		return roster.Left
	case seen.Rings():
		return roster.Ringing
	case state == v1alpha1.CallLive:
		return roster.Live
	default:
		return roster.Unseen
	}
}
