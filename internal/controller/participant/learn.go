package participant

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/voice"
)

// learner takes over the responses to updates.
type learner struct {
	rosters Rosters
	metrics *metrics.Metrics
	clock   func() time.Time
}

// recordSuccess takes over an accepted update and its echo, which is trusted now and
// verified when it has settled (R6).
func (l learner) recordSuccess(ctx context.Context, x *reconciliation, decision plan.Decision, echo voice.Participant, times voice.Times) outcome {
	for _, field := range decision.Repairs {
		l.metrics.Corrected(field.Name())
	}
	logf.FromContext(ctx).Info("Updated the participant", "fields", namesOf(decision.Fields), "repair", len(decision.Repairs) > 0)
	m := &x.memory
	m.Look, m.Backlog, m.Retry, m.RetryCause = m.Look.VoidBefore(times.Sent), m.Backlog.Restart(), backoff.State{}, memory.Observation
	l.rosters.Roster(m.Key).RecordUpdate(echo, times)
	l.rosters.ScheduleVerification(m.Key, x.subscriber(), times.Responded)
	x.status.Participant, x.echoed = stateOf(echo), true
	x.seen.Participant, x.seen.Echo = echo, true
	x.seen.ObservedAt, x.seen.RespondedAt = times.Sent, times.Responded
	x.join()
	m.Updates = m.Updates.Accept(decision, echo, times.Responded)
	return l.replan(x)
}

// recordFailure takes over an update that failed, by the class of the failure (R8).
func (l learner) recordFailure(ctx context.Context, x *reconciliation, decision plan.Decision, times voice.Times, err error) outcome {
	logf.FromContext(ctx).Info("The update of a participant failed", "fields", namesOf(decision.Fields), "cause", err.Error())
	failure, m := voice.AsError(err), &x.memory
	switch voice.ClassOf(err) {
	case voice.ClassUnauthorized:
		m.Updates = m.Updates.Deny(decision, failure, times.Responded)
		return l.awaitVerification(x)
	case voice.ClassRefused, voice.ClassCoacheeMissing:
		m.Updates = m.Updates.Refuse(decision, failure, l.clock())
		if !failure.Permanent {
			// The call may ring, which is no refusal.
			x.refresh(m.CallSID, times.Responded)
		}
		return l.replan(x)
	case voice.ClassGone:
		return l.recordGone(x, decision, times, failure)
	case voice.ClassNotExecuted:
		return l.retry(x, failure)
	default:
		// It may have been carried out: what was observed before is void, unless
		// nothing else will be and the mute may not have arrived.
		if !m.Unreadable || failure.Flaw != "" {
			m.Look = m.Look.VoidUntil(times.Responded)
		}
		l.rosters.ScheduleVerification(m.Key, x.subscriber(), times.Responded)
		return l.retry(x, failure)
	}
}

// awaitVerification waits for what the verification of the account's token shows
// about a denied update, unless the token was verified only just.
func (l learner) awaitVerification(x *reconciliation) outcome {
	if block, until := x.session.Blocked(); block != provider.None {
		return x.delayed(causeOf(block), until)
	}
	x.memory.Updates = x.memory.Updates.Attribute()
	return l.replan(x)
}

// recordGone has it confirmed whether the participant is gone. One that is still
// there is refused, where the code can mean that.
func (l learner) recordGone(x *reconciliation, decision plan.Decision, times voice.Times, failure *voice.Error) outcome {
	m := &x.memory
	m.Updates.Vanished++
	again := m.Updates.Vanished > 1
	if again && failure.Code != 0 && failure.HTTPStatus != 404 {
		m.Updates = m.Updates.Refuse(decision, failure, l.clock())
		return l.replan(x)
	}
	m.Look = m.Look.VoidUntil(times.Responded)
	if again {
		return l.retry(x, failure)
	}
	x.refresh(m.CallSID, times.Responded)
	return noReport()
}

// retry puts the next try off, longer each time, unless the provider says how long.
// Other requests of the account may succeed meanwhile.
func (l learner) retry(x *reconciliation, failure *voice.Error) outcome {
	if failure.RetryAfter == 0 {
		x.backOff(l.clock())
	}
	if block, until := x.session.Blocked(); block != provider.None {
		return x.delayed(causeOf(block), until)
	}
	return x.delayed(memory.Unavailable, x.memory.Retry.NotBefore)
}

func namesOf(fields []plan.Field) []string {
	names := make([]string, len(fields))
	for i, field := range fields {
		names[i] = field.Name()
	}
	return names
}

// conclude ends a reconcile that has nothing to send, and measures how long an edit
// took.
func (l learner) conclude(x *reconciliation, decision plan.Decision) outcome {
	awaited := x.memory.Edit.Awaited()
	found := x.conclude(decision)
	if awaited && decision.Progress == plan.InSync {
		l.metrics.Converged(l.clock().Sub(x.memory.Edit.FirstSeen()))
	}
	return found
}

// replan decides again after a response: either there is more to send, and a
// reconcile of its own sends it, or nothing is left to do.
func (l learner) replan(x *reconciliation) outcome {
	next := x.decide(l.clock())
	if next.Update.IsZero() {
		return l.conclude(x, next)
	}
	return noReport().now()
}
