package participant

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/tracing"
)

// sender sends updates.
type sender struct {
	rosters Rosters
	persist persister
	learn   learner
	queue   *enqueue.Queue[reconcile.Request]
	metrics *metrics.Metrics
	clock   func() time.Time
}

// send sends the one update that was decided on, if it may be sent now, and learns
// from the response.
func (s sender) send(ctx context.Context, x *reconciliation, decision plan.Decision) (outcome, error) {
	if x.observes() {
		return x.concludeObserved(decision), nil
	}
	if decision.Update.IsZero() {
		return s.learn.conclude(x, decision), nil
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
	if stored, err := s.prepare(ctx, x, decision); !stored || err != nil {
		return noReport().at(x.now.Add(retryAfterResponse)), err
	}
	if found, blocked := x.checkDecision(decision); blocked {
		return found, nil
	}
	return s.transmit(ctx, x, decision), nil
}

// protectWithin bounds the write before a whisperer is muted that everybody may hear.
const protectWithin = time.Second

// prepare does what comes before an update. It may take a write, and the decision
// become too old meanwhile.
func (s sender) prepare(ctx context.Context, x *reconciliation, decision plan.Decision) (stored bool, err error) {
	if x.memory.Backlog.Throttled() {
		// Others are queued, too: when their turn comes there will be an observation.
		s.rosters.Prefetch(x.memory.Key, memory.RenewBy(x.seen))
	}
	if x.status.LastSyncedDigest != x.desired.Digest {
		// Not in sync with the spec before any more, and not yet with this one.
		x.status.LastSyncedDigest = ""
	}
	if decision.Protects {
		s.protect(ctx, x)
		return true, nil
	}
	stored, err = s.persist.beforeUpdate(ctx, x)
	x.now = s.clock()
	return stored, err
}

// protect says that the mute which follows is no other party's, for this process and the
// next. An API server that fails holds no mute back.
func (s sender) protect(ctx context.Context, x *reconciliation) {
	x.memory.Updates.Synced, x.status.LastSyncedDigest = false, ""
	ctx, cancel := context.WithTimeout(ctx, protectWithin)
	defer cancel()
	if _, err := s.persist.beforeUpdate(ctx, x); err != nil {
		logf.FromContext(ctx).Info("A mute is sent although it could not be written down before", "cause", err.Error())
	}
	x.now = s.clock()
}

// checkDecision ends the reconcile of an object that may not send its update now,
// whatever others may: it keeps its own back-off, or would carry out an edit or open
// something by an observation that is not current (R2, R17). Of a participant that
// can't be read there is none, and what gets here only mutes.
func (x *reconciliation) checkDecision(decision plan.Decision) (found outcome, blocked bool) {
	switch m := &x.memory; {
	case m.Retry.Waiting(x.now):
		return x.delayed(m.RetryCause, m.Retry.NotBefore), true
	case (decision.Opens() || !m.Edit.Final() && !m.Unreadable) && !memory.Current(x.seen, x.now):
		return x.awaitObservation(), true
	}
	return outcome{}, false
}

// transmit sends an update that has a seat.
func (s sender) transmit(ctx context.Context, x *reconciliation, decision plan.Decision) outcome {
	backlog, waited := x.memory.Backlog.Admit(x.now)
	s.metrics.Waited(waited)
	tracing.Waited(ctx, x.now, waited)
	x.memory.Backlog, x.memory.Updates.Beeped, x.sent = backlog, true, true
	echo, times, err := x.session.Update(x.audited(ctx, "", "", x.changesOf(decision)), x.memory.Key.Conference, x.memory.CallSID, decision.Update)
	if err != nil {
		return s.learn.recordFailure(ctx, x, decision, times, err)
	}
	return s.learn.recordSuccess(ctx, x, decision, echo, times)
}
