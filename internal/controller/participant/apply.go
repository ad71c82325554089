package participant

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/internal/wake"
)

// slowestRetry bounds the growing wait between tries of an update that fails.
const slowestRetry = time.Minute

// apply sends the one update that was decided on, if it may be sent now, and
// learns from the answer.
func (r *Reconciler) apply(ctx context.Context, p *pass, decision plan.Decision) (outcome, error) {
	if p.before.Spec.Mode == v1alpha1.ModeObserve {
		return r.observed(p, decision), nil
	}
	if decision.Update.IsZero() {
		return r.rest(p, decision), nil
	}
	p.notes.due = true
	if found, barred := p.barred(); barred {
		return found, nil
	}
	release, admitted := p.gateway.Admit(r.turn(p, decision.Closes()))
	if !admitted {
		return p.blocked(gateway.Throttled, time.Time{}), nil
	}
	defer release()
	if p.stopping() != nil {
		// What has not begun is left to the next process (R16).
		return silent(), nil
	}
	if !p.notes.waiting.throttled.IsZero() {
		// Others are held back, too: when their turn comes there will be a look.
		r.Registry.Renew(p.key, p.sight.LookedAt.Add(freshFor))
	}
	if p.status.LastSyncedDigest != plan.SpecDigest(&p.before.Spec) {
		// Not in sync with the spec before any more, and not yet with this one.
		p.status.LastSyncedDigest = ""
	}
	if kept, err := r.keep(ctx, p); !kept || err != nil {
		return silent().at(p.now.Add(lookAfterAnswer)), err
	}
	return r.send(ctx, p, decision), nil
}

// barred says that the object may send nothing, whatever others may: it is refused
// alone, or keeps its own back-off.
func (p *pass) barred() (found outcome, barred bool) {
	switch {
	case p.notes.alone(p.notes.deniedAt):
		p.notes.judged = true
		return conclude(conditions.Stalled(v1alpha1.ReasonRejected,
			"The provider refuses to update this participant although it accepts the account's token; check its scope and conferenceSID.")), true
	case p.now.Before(p.notes.notBefore):
		return p.blocked(p.notes.trouble, p.notes.notBefore), true
	}
	return outcome{}, false
}

// turn is the object's place among those who want to send an update.
func (r *Reconciler) turn(p *pass, closes bool) gateway.Turn {
	request := reconcile.Request{NamespacedName: p.name}
	return gateway.Turn{
		Key: p.name, Conference: p.key.Conference, Update: true, Closes: closes,
		// The pass is not kept by who waits in line.
		Wake: func() { r.Queue.Wake(wake.Edit, 0, request) },
	}
}

// send sends an update that was admitted.
func (r *Reconciler) send(ctx context.Context, p *pass, decision plan.Decision) outcome {
	r.Metrics.Waited(p.notes.admit(p.now))
	p.sent, p.notes.history.Beeped = true, true
	answer, times, err := p.gateway.Update(ctx, p.key.Conference, p.notes.call, decision.Update)
	if err != nil {
		return r.learnFailure(ctx, p, decision, times, err)
	}
	return r.learn(ctx, p, decision, answer, times)
}

// again has a pass run over the object at once.
func (r *Reconciler) again(p *pass) {
	r.Queue.Wake(wake.Edit, 0, reconcile.Request{NamespacedName: p.name})
}

// learn books an accepted update and its answer, which is trusted now and
// checked when it has settled (R6).
func (r *Reconciler) learn(ctx context.Context, p *pass, decision plan.Decision, answer voice.Participant, times gateway.Times) outcome {
	n := p.notes
	for _, part := range decision.Repairs {
		r.Metrics.Corrected(part.Field())
	}
	logf.FromContext(ctx).Info("Updated the participant", "fields", fieldsOf(decision.Parts), "repair", len(decision.Repairs) > 0)
	n.updatedAt, n.waiting = times.Sent, waiting{}
	n.failures, n.vanished, n.notBefore = 0, 0, time.Time{}
	n.history = n.history.Accept(decision, answer, times.Answered)
	r.Registry.Roster(p.key).RecordUpdate(answer, times)
	r.Registry.Check(p.key, p.name, times.Answered)
	p.status.Participant, p.answered = stateOf(answer), true
	p.sight.Observed = plan.Observed{Participant: answer, SentAt: times.Sent, Echo: true}
	return r.proceed(p, decision.Desired)
}

// proceed decides again after an answer: either there is more to send, and a
// pass of its own sends it, or the object rests.
func (r *Reconciler) proceed(p *pass, desired plan.Desired) outcome {
	next := plan.Next(desired, p.sight.Observed, p.notes.history, r.Now())
	if next.Update.IsZero() {
		return r.rest(p, next)
	}
	r.again(p)
	return silent()
}

// learnFailure books an update that failed, by the class of the failure (R8).
func (r *Reconciler) learnFailure(ctx context.Context, p *pass, decision plan.Decision, times gateway.Times, err error) outcome {
	logf.FromContext(ctx).Info("The update of a participant failed", "fields", fieldsOf(decision.Parts), "cause", err.Error())
	failure := voice.AsError(err)
	switch class := voice.ClassOf(err); class {
	case voice.ClassUnauthorized:
		p.notes.deniedAt = times.Answered
		return p.blocked(gateway.Suspect, time.Time{})
	case voice.ClassRefused, voice.ClassCoacheeMissing:
		p.notes.history = p.notes.history.Refuse(decision, failure, r.Now())
		return r.proceed(p, decision.Desired)
	case voice.ClassGone:
		return r.learnGone(p, decision, times, failure)
	case voice.ClassNotExecuted:
		return r.retry(p, failure)
	default:
		// It may have been carried out: what was seen before is void.
		p.notes.voidUntil = times.Answered
		r.Registry.Check(p.key, p.name, times.Answered)
		return r.retry(p, failure)
	}
}

// learnGone has it confirmed whether the participant is gone. One that is still
// there is refused, where the code can mean that.
func (r *Reconciler) learnGone(p *pass, decision plan.Decision, times gateway.Times, failure *voice.Error) outcome {
	p.notes.vanished++
	if p.notes.vanished > 1 && failure.Code != 0 && failure.HTTPStatus != 404 {
		p.notes.history = p.notes.history.Refuse(decision, failure, r.Now())
		return r.proceed(p, decision.Desired)
	}
	p.notes.voidUntil = times.Answered
	if p.notes.vanished > 1 {
		return r.retry(p, failure)
	}
	r.ask(p, p.notes.call, times.Answered)
	return silent()
}

// retry puts the next try off, longer each time, unless the provider says how
// long. Other requests of the account may succeed meanwhile.
func (r *Reconciler) retry(p *pass, failure *voice.Error) outcome {
	if failure.RetryAfter == 0 {
		r.backOff(p)
	}
	if trouble, until := p.gateway.Held(); trouble != gateway.Fine {
		return p.blocked(trouble, until)
	}
	return p.blocked(gateway.Unavailable, p.notes.notBefore)
}

// backOff puts the object's next request off, longer each time.
func (r *Reconciler) backOff(p *pass) (until time.Time) {
	p.notes.trouble = gateway.Unavailable
	if trouble, _ := p.gateway.Held(); trouble == gateway.Throttled {
		p.notes.trouble = trouble
	}
	p.notes.notBefore = r.Now().Add(gateway.Backoff(p.notes.failures, slowestRetry))
	p.notes.failures++
	return p.notes.notBefore
}

func fieldsOf(parts []plan.Part) []string {
	fields := make([]string, len(parts))
	for i, part := range parts {
		fields[i] = part.Field()
	}
	return fields
}
