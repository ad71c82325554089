package participant

import (
	"time"

	"github.com/voiceops/conference-operator/internal/plan"
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
	decision := plan.Next(desired, x.seen, x.memory.Updates, now)
	if len(decision.OnceDone) > 0 && !x.observes() {
		record := plan.CompleteOnce(x.status.Once, decision.OnceDone)
		x.status.Once, x.memory.UnsavedOnce = record, &record
	}
	return decision
}

// verifyOnce has an observation show what is to be done once and is so already.
func (x *reconciliation) verifyOnce(decision plan.Decision) {
	if !decision.OnceLook.IsZero() {
		x.refresh(x.memory.CallSID, decision.OnceLook)
	}
}
