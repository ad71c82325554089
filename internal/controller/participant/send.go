package participant

import (
	"context"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/provider/admission"
)

// sender sends updates and learns from their responses.
type sender struct {
	rosters Rosters
	persist persister
	queue   *enqueue.Queue[reconcile.Request]
	metrics *metrics.Metrics
	clock   func() time.Time
}

// send sends the one update that was decided on, if it may be sent now, and learns
// from the response.
func (s sender) send(ctx context.Context, x *reconciliation, decision plan.Decision) (outcome, error) {
	if x.object.Spec.Mode == v1alpha1.ModeObserve {
		return x.concludeObserved(decision), nil
	}
	if decision.Update.IsZero() {
		return s.conclude(x, decision), nil
	}
	x.memory.Backlog = x.memory.Backlog.Plan()
	if found, blocked := x.checkDecision(decision); blocked {
		return found, nil
	}
	release, ok := x.session.TryAcquire(admissionRequest(x, s.queue, decision.Restricts()))
	if !ok {
		return x.delayed(memory.Throttled, time.Time{}), nil
	}
	defer release()
	if x.stopping() != nil {
		// What has not begun is left to the next process (R16).
		return noReport(), nil
	}
	if x.memory.Backlog.Throttled() {
		// Others are queued, too: when their turn comes there will be an observation.
		s.rosters.Prefetch(x.memory.Key, memory.RenewBy(x.seen))
	}
	if x.status.LastSyncedDigest != x.desired.Digest {
		// Not in sync with the spec before any more, and not yet with this one.
		x.status.LastSyncedDigest = ""
	}
	if stored, err := s.persist.beforeUpdate(ctx, x); !stored || err != nil {
		return noReport().at(x.now.Add(retryAfterResponse)), err
	}
	// A write takes time, too: the decision may have become too old.
	x.now = s.clock()
	if found, blocked := x.checkDecision(decision); blocked {
		return found, nil
	}
	return s.transmit(ctx, x, decision), nil
}

// checkDecision ends the reconcile of an object that may not send its update now,
// whatever others may: it keeps its own back-off, or would carry out an edit or open
// something by an observation that is not current (R2, R17).
func (x *reconciliation) checkDecision(decision plan.Decision) (found outcome, blocked bool) {
	switch m := &x.memory; {
	case m.Retry.Waiting(x.now):
		return x.delayed(m.RetryCause, m.Retry.NotBefore), true
	case (decision.Opens() || !m.Edit.Final()) && !memory.Current(x.seen, x.now):
		return x.awaitObservation(), true
	}
	return outcome{}, false
}

// admissionRequest is the object's request to send an update.
func admissionRequest(x *reconciliation, queue *enqueue.Queue[reconcile.Request], restricts bool) admission.Request {
	request := reconcile.Request{NamespacedName: x.memory.Name}
	return admission.Request{
		Key: x.memory.Name, Flow: x.memory.Key.Conference, Write: true, Restricts: restricts,
		// The function must not close over the reconcile, which it would keep.
		Wake: func(crowd int) { queue.Enqueue(enqueue.InCrowd(enqueue.PriorityEdit, crowd), 0, request) },
	}
}

// transmit sends an update that has a seat.
func (s sender) transmit(ctx context.Context, x *reconciliation, decision plan.Decision) outcome {
	backlog, waited := x.memory.Backlog.Admit(x.now)
	s.metrics.Waited(waited)
	x.memory.Backlog, x.memory.Updates.Beeped, x.sent = backlog, true, true
	echo, times, err := x.session.Update(ctx, x.memory.Key.Conference, x.memory.CallSID, decision.Update)
	if err != nil {
		return s.recordFailure(ctx, x, decision, times, err)
	}
	return s.recordSuccess(ctx, x, decision, echo, times)
}

// conclude ends a reconcile that has nothing to send, and measures how long an edit
// took.
func (s sender) conclude(x *reconciliation, decision plan.Decision) outcome {
	awaited := x.memory.Edit.Awaited()
	found := x.conclude(decision)
	if awaited && decision.Progress == plan.InSync {
		s.metrics.Converged(s.clock().Sub(x.memory.Edit.FirstSeen()))
	}
	return found
}

// replan decides again after a response: either there is more to send, and a
// reconcile of its own sends it, or nothing is left to do.
func (s sender) replan(x *reconciliation, desired plan.Desired) outcome {
	next := plan.Next(desired, x.seen, x.memory.Updates, s.clock())
	if next.Update.IsZero() {
		return s.conclude(x, next)
	}
	return noReport().now()
}
