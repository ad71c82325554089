package participant

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/provider"
)

// delayed is the outcome of an object that has to wait for a cause. It is reported
// once something to send has waited for a while; until then, and where there is
// nothing to send, the account alone reports it.
func (x *reconciliation) delayed(cause memory.Cause, until time.Time) outcome {
	if !x.pending() {
		return noReport().at(until)
	}
	x.memory.Backlog = x.memory.Backlog.Delay(cause, x.now)
	if overdue := x.memory.Backlog.OverdueAt(); x.now.Before(overdue) {
		return noReport().at(overdue).by(until)
	}
	if cause == memory.Throttled {
		return reportAccountWide(status.Reconciling(v1alpha1.ReasonThrottled,
			"The provider, or the account's rateLimit, asks to wait; the change is sent after that.")).at(until)
	}
	return reportAccountWide(status.Reconciling(v1alpha1.ReasonAPIUnavailable,
		"The provider can't be reached or fails; the change is sent as soon as it answers.")).at(until)
}

// waitForAccount reports a wait that needs no person only where it keeps something
// from being sent.
func (x *reconciliation) waitForAccount(message string) outcome {
	if !x.pending() {
		return noReport()
	}
	return reportAccountWide(status.Reconciling(v1alpha1.ReasonWaitingForAccount, message))
}

// causeOf says as what a blocked account is reported.
func causeOf(block provider.Block) memory.Cause {
	switch block {
	case provider.Throttled:
		return memory.Throttled
	case provider.Verifying:
		return memory.Verifying
	default:
		return memory.Unavailable
	}
}

// backOff puts the object's next request off, longer each time.
func (x *reconciliation) backOff(now time.Time) (until time.Time) {
	x.memory.RetryCause = memory.Unavailable
	if block, _ := x.session.Blocked(); block == provider.Throttled {
		x.memory.RetryCause = memory.Throttled
	}
	x.memory.Retry = x.memory.Retry.Fail(backoff.Request, now)
	return x.memory.Retry.NotBefore
}
