package participant

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/plan"
)

// lookAfterAnswer is the wait between two looks for what an answer promised.
const lookAfterAnswer = time.Second

// rest ends a pass with nothing to send: the object is as declared, or waits
// for something.
func (r *Reconciler) rest(p *pass, decision plan.Decision) outcome {
	first := !p.notes.judged
	p.notes.judged, p.notes.due, p.notes.waiting = true, false, waiting{}
	if decision.Look {
		if p.answered {
			// The look comes in a moment, and with it something to report.
			r.ask(p, p.notes.call, p.sight.Observed.SentAt)
			return silent().at(p.now.Add(lookAfterAnswer))
		}
		r.ask(p, p.notes.call, p.now.Add(lookAfterAnswer))
	}
	r.awaitCoachee(p, decision)
	switch decision.Reason {
	case v1alpha1.ReasonInSync:
		p.status.LastSyncedDigest = plan.SpecDigest(&p.before.Spec)
		p.notes.history.Synced = true
		if first && p.notes.urgent {
			r.Metrics.Converged(r.Now().Sub(p.notes.request.at))
		}
	case v1alpha1.ReasonWaitingForCoachee, v1alpha1.ReasonCoacheeGone, v1alpha1.ReasonInvalidReference:
		// What is built again when the coachee is back is nobody's drift.
		p.notes.history.Synced = false
	}
	return conclude(verdictOf(decision)).at(decision.Next)
}

// awaitCoachee keeps looking for a coachee, soon at first. Who is not declared yet
// comes with an event.
func (r *Reconciler) awaitCoachee(p *pass, decision plan.Decision) {
	coachee := decision.Desired.Coachee.SID
	waits := decision.Reason == v1alpha1.ReasonWaitingForCoachee || decision.Reason == v1alpha1.ReasonCoacheeGone
	if !waits || coachee == "" {
		p.notes.coacheeSince = time.Time{}
		return
	}
	if p.notes.coacheeSince.IsZero() {
		p.notes.coacheeSince = p.now
	}
	r.ask(p, coachee, p.now.Add(plan.LookAgain(p.now.Sub(p.notes.coacheeSince))))
}

// verdictOf says who acts on a decision: nobody, the operator, or a person.
func verdictOf(decision plan.Decision) conditions.Verdict {
	switch decision.Reason {
	case v1alpha1.ReasonInSync, v1alpha1.ReasonYielded:
		return conditions.Ready(decision.Reason, decision.Message)
	case v1alpha1.ReasonRejected, v1alpha1.ReasonNotApplied, v1alpha1.ReasonContested,
		v1alpha1.ReasonCoacheeGone, v1alpha1.ReasonInvalidReference:
		return conditions.Stalled(decision.Reason, decision.Message)
	default:
		return conditions.Reconciling(decision.Reason, decision.Message)
	}
}

// observed reports what would be done in mode Observe.
func (r *Reconciler) observed(p *pass, decision plan.Decision) outcome {
	p.notes.judged, p.notes.due, p.notes.waiting = true, false, waiting{}
	if len(decision.Differences) == 0 {
		p.status.LastSyncedDigest = plan.SpecDigest(&p.before.Spec)
	}
	return conclude(conditions.Observed(plan.Listed(decision.Differences)))
}
