package participant

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/roster"
)

// conclude ends a reconcile that has nothing to send: the object is as declared, or
// waits for something. It is pure but for the reconcile's own state and effects.
func (x *reconciliation) conclude(decision plan.Decision) outcome {
	x.memory = x.memory.Concluded(x.seen)
	x.confirmEdit()
	x.memory.Updates = x.memory.Updates.Settle(decision.Deferred)
	if decision.Look {
		if x.echoed {
			// The observation comes in a moment, and with it something to report.
			x.refresh(x.memory.CallSID, x.seen.ObservedAt)
			return noReport().at(x.now.Add(retryAfterResponse))
		}
		x.refresh(x.memory.CallSID, x.now.Add(retryAfterResponse))
	}
	x.verifyOnce(decision)
	x.awaitCoachee(decision)
	switch {
	case decision.Synced:
		x.sync()
	case decision.Coachee.CoacheeMissing():
		// What is built again when the coachee is back is no drift.
		x.memory.Updates.Synced = false
	}
	return report(verdictOf(decision)).at(decision.Next)
}

// confirmEdit has an edit observed again that was found carried out by an observation
// from before it (R2).
func (x *reconciliation) confirmEdit() {
	if edit := x.memory.Edit; edit.Provisional() {
		x.requestRefresh(roster.RefreshRequest{CallSID: x.memory.CallSID, At: edit.FirstSeen(), By: edit.ConfirmBy()})
	}
}

// sync takes over that what is declared is in sync. Until an edit is confirmed a
// difference is part of it, and no drift, whatever process finds it.
func (x *reconciliation) sync() {
	x.memory.Updates.Synced = x.memory.Updates.Synced || !x.memory.Edit.Provisional()
	x.status.LastSyncedDigest = ""
	if x.memory.Updates.Synced || !x.leavesDrift() {
		x.status.LastSyncedDigest = x.desired.Digest
	}
}

// awaitCoachee keeps looking for a coachee, often at first. One that is not declared
// yet comes with an event of its object.
func (x *reconciliation) awaitCoachee(decision plan.Decision) {
	coachee := &x.memory.Coachee
	coachee.Lost, coachee.Expected = decision.Coachee == plan.CoacheeLost, decision.Progress.Ready() || decision.Synced
	sid := decision.Desired.Coachee.SID
	if decision.Coachee != plan.AwaitingCoachee && decision.Coachee != plan.CoacheeLost || sid == "" {
		coachee.AwaitedSince = time.Time{}
		return
	}
	*coachee = coachee.Await(x.now)
	x.refresh(sid, x.now.Add(backoff.Search(x.now.Sub(coachee.AwaitedSince))))
}

// verdictOf says what a decision means to a person: nothing to do, wait, or act.
func verdictOf(decision plan.Decision) status.Verdict {
	switch reason := decision.Progress.Reason(); {
	case decision.Progress.Ready():
		return status.Ready(reason, decision.Message)
	case decision.Progress.Stalled():
		return status.Stalled(reason, decision.Message)
	default:
		return status.Reconciling(reason, decision.Message)
	}
}

// concludeObserved reports what would be done in mode Observe.
func (x *reconciliation) concludeObserved(decision plan.Decision) outcome {
	x.memory = x.memory.Concluded(x.seen)
	x.confirmEdit()
	x.memory.Coachee.Expected = true
	if len(decision.Differences) == 0 && !x.memory.Edit.Provisional() {
		x.status.LastSyncedDigest = x.desired.Digest
	}
	return report(status.Observed(plan.Listed(decision.Differences)))
}
