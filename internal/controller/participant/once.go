package participant

import (
	"time"

	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/policy"
)

// refreshOnce brings the record of what is done once up to date, also where nothing
// may be sent.
func (x *reconciliation) refreshOnce() {
	x.status.Once = x.desired.Once.Refresh(x.status.Once, x.memory.Joined)
}

// decide plans the one update that is due, and takes over what of once is done: in
// mode Observe nothing ever is.
func (x *reconciliation) decide(now time.Time) plan.Decision {
	desired := x.desired
	desired.Once = desired.Once.For(x.status.Once, x.memory.Edit.FirstSeen())
	if x.onceIsOfEarlierJoin() {
		desired.Once = plan.Once{}
	}
	decision := plan.Next(desired, x.seen, x.memory.Updates, now)
	if len(decision.OnceDone) > 0 && !x.observes() {
		record := plan.CompleteOnce(x.status.Once, decision.OnceDone)
		x.status.Once, x.memory.UnsavedOnce = record, &record
	}
	return decision
}

// onceIsOfEarlierJoin reports whether a child was applied for an earlier join: what is
// to be done once for this one its Conference has not decided so far (R26).
func (x *reconciliation) onceIsOfEarlierJoin() bool {
	if index.ConferenceOf(x.object) == nil {
		return false
	}
	decidedFor := policy.ChildOf(x.object).Record.Joined
	return !decidedFor.IsZero() && x.memory.Joined.After(decidedFor)
}

// verifyOnce has an observation show what is to be done once and is so already.
func (x *reconciliation) verifyOnce(decision plan.Decision) {
	if !decision.OnceLook.IsZero() {
		x.refresh(x.memory.CallSID, decision.OnceLook)
	}
}
