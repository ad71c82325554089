package participant

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/plan"
)

const (
	// freshFor is how old an observation may be by which an edit is judged (R2).
	freshFor = time.Second
	// slowLook is how often a participant is looked for after its deadline
	// where its conference is not polled.
	slowLook = time.Minute
)

// presence ends the passes of objects that can't be judged now: because the
// last look is too old, or because the participant is not there.
func (r *Reconciler) presence(_ context.Context, p *pass) (outcome, bool, error) {
	p.sight = r.Registry.Roster(p.key).Sight(p.notes.call)
	if !p.freshEnough() {
		if p.notes.askedAt.IsZero() {
			p.notes.askedAt = p.now
		}
		r.ask(p, p.notes.call, p.now)
		return p.blocked(gateway.Unavailable, time.Time{}), true, nil
	}
	p.notes.askedAt = time.Time{}
	if !p.sight.Present {
		p.notes.waiting = waiting{}
	}
	switch {
	case p.sight.Present && p.sight.Observed.Ended():
		p.finish()
		return r.left(p), true, nil
	case p.sight.Present:
		p.arrive()
		p.remember()
		return outcome{}, false, nil
	case p.status.CallState == v1alpha1.CallLive:
		return r.missing(p), true, nil
	default:
		return r.awaited(p), true, nil
	}
}

// freshEnough says whether the last look may be judged by: not older than our
// own last update, and while somebody waits for something at most a second old,
// or asked for by it (R2). An absence counts only in a look sent after the object
// was first seen (R7).
func (p *pass) freshEnough() bool {
	lookedAt := p.sight.LookedAt
	switch {
	case !lookedAt.After(p.notes.voidUntil) || lookedAt.Before(p.notes.updatedAt):
		return false
	case !p.sight.Present && lookedAt.Before(p.notes.seenAt):
		return false
	case p.notes.settled():
		return true
	}
	if asked := p.notes.askedAt; !asked.IsZero() && !lookedAt.Before(asked) {
		return true
	}
	demanded := p.notes.request.requestedAt != p.status.LastHandledReconcileAt
	return !demanded && p.now.Sub(lookedAt) <= freshFor
}

// arrive writes down that the participant is in the conference, and how; not
// what lags behind an accepted change.
func (p *pass) arrive() {
	p.status.CallState, p.status.FinishTime = v1alpha1.CallLive, nil
	p.notes.history = p.notes.history.Judge(p.sight.Observed, p.now)
	if !p.notes.history.Lagging(p.sight.Observed) && p.differs() {
		p.status.Participant = stateOf(p.sight.Observed.Participant)
	}
}

// remember keeps how the participant was first observed, for who resets it.
func (p *pass) remember() {
	switch seen := p.sight.Observed; {
	case p.before.Spec.DeletionPolicy != v1alpha1.DeletionReset:
		p.status.Initial = nil
	case p.status.Initial == nil:
		p.status.Initial = &v1alpha1.InitialState{Muted: seen.Muted, Hold: seen.Hold, Coaching: seen.Coaching}
	}
}

// differs says whether what was observed differs from the status in what is
// compared; the other fields are refreshed with the next change (R2).
func (p *pass) differs() bool {
	state := p.status.Participant
	return state == nil || !gateway.Same(participantOf(state), p.sight.Observed.Participant)
}

// finish writes down that the call has ended or left.
func (p *pass) finish() {
	if p.status.CallState != v1alpha1.CallLeft {
		p.status.CallState, p.status.FinishTime = v1alpha1.CallLeft, ptr.To(metav1.NewTime(p.now.Truncate(time.Second)))
	}
	if p.sight.Present {
		p.status.Participant = stateOf(p.sight.Observed.Participant)
	}
	p.notes.judged, p.notes.due = true, false
}

// left reports the end, and deletes the object when its time has come.
func (r *Reconciler) left(p *pass) outcome {
	verdict := conditions.Stalled(v1alpha1.ReasonParticipantLeft,
		"The participant left before the declared state was in sync; a new call is a new object.")
	if p.status.LastSyncedDigest == plan.SpecDigest(&p.before.Spec) {
		verdict = conditions.Ready(v1alpha1.ReasonParticipantLeft,
			"The call has ended or left this conference; nothing is left to do.")
	}
	p.meetDemand()
	found := conclude(verdict)
	if ttl := p.before.Spec.TTLSecondsAfterFinished; ttl != nil {
		end := p.status.FinishTime.Add(time.Duration(*ttl) * time.Second)
		found.expire = !p.now.Before(end)
		found.next = end
	}
	return found
}

// missing gathers the evidence that a participant which was there has left;
// one 404 is none (R7).
func (r *Reconciler) missing(p *pass) outcome {
	departed, readAt := plan.Departed(p.sight.Absence, p.now)
	if departed {
		p.finish()
		return r.left(p)
	}
	r.Registry.Ask(p.key, gateway.Ask{Waiter: p.name, CallSID: p.notes.call, At: readAt, Read: true, Priority: p.priority()})
	if !p.pending() {
		return silent()
	}
	return conclude(conditions.Reconciling(v1alpha1.ReasonConverging,
		"The participant was not there at the last look; it is confirmed whether it has left."))
}

// awaited waits for a participant that was never seen.
func (r *Reconciler) awaited(p *pass) outcome {
	p.status.CallState = v1alpha1.CallWaiting
	p.notes.judged = true
	created := p.before.CreationTimestamp.Time
	deadline := plan.Deadline(created, p.standing.ReadySince, ptr.Deref(p.before.Spec.JoinDeadlineSeconds, 900))
	known := conditions.Reason(p.status.Conditions, p.before.Generation)
	if known == v1alpha1.ReasonParticipantNotFound || !deadline.IsZero() && !p.now.Before(deadline) {
		if p.standing.ResyncInterval == 0 {
			r.ask(p, p.notes.call, p.now.Add(slowLook))
		}
		return conclude(conditions.Stalled(v1alpha1.ReasonParticipantNotFound,
			"The participant did not join before the deadline; check conferenceSID and callSID. It is still found if it comes."))
	}
	r.ask(p, p.notes.call, p.now.Add(plan.LookAgain(p.now.Sub(created))))
	return conclude(conditions.Reconciling(v1alpha1.ReasonWaitingForParticipant,
		"The participant was not seen in the conference so far; it is looked for until the join deadline.")).at(deadline)
}

// ask has a call leg looked at, and this object woken then.
func (r *Reconciler) ask(p *pass, callSID string, at time.Time) {
	r.Registry.Ask(p.key, gateway.Ask{Waiter: p.name, CallSID: callSID, At: at, Priority: p.priority()})
}
