package participant

import (
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/wake"
)

// pass is one look at one object, and what it finds on the way.
type pass struct {
	// before is the object as the pass found it, with the newest status known;
	// status is what becomes of it.
	before *v1alpha1.ConferenceParticipant
	status v1alpha1.ConferenceParticipantStatus
	name   types.NamespacedName
	key    gateway.Key
	notes  *notes
	now    time.Time
	// answered says that the observation is the answer to this pass's own update,
	// and sent that this pass has sent one.
	answered, sent bool
	// recordAt is when the record of announcements changes by itself; zero is
	// never.
	recordAt time.Time
	// stopping is not nil once the manager shuts down; the pass's own context
	// goes on, since what was begun is finished (R16).
	stopping func() error

	gateway  *gateway.Gateway
	standing gateway.Standing
	sight    gateway.Sight
}

// begin opens the notes about an object and sets the pass up.
func (r *Reconciler) begin(object *v1alpha1.ConferenceParticipant) *pass {
	now := r.Now()
	p := &pass{before: object, name: client.ObjectKeyFromObject(object), key: index.KeyOf(object), now: now}
	opened, stale := r.notebook.open(notes{name: p.name, uid: object.UID, key: p.key, call: string(object.Spec.CallSID), seenAt: now})
	if stale != nil {
		r.Registry.Forget(stale.key, stale.name, stale.call)
	}
	p.notes = opened
	p.notes.written.overlay(object)
	p.status = *object.Status.DeepCopy()
	p.notes.accept(object, now)
	return p
}

// forget drops what is kept about an object that is gone.
func (r *Reconciler) forget(name types.NamespacedName) {
	if closed := r.notebook.close(name); closed != nil {
		r.Registry.Forget(closed.key, closed.name, closed.call)
	}
}

// accept notes a new edit or demand, which ends every wait of the one before.
func (n *notes) accept(object *v1alpha1.ConferenceParticipant, now time.Time) {
	current := request{generation: object.Generation, requestedAt: requestedAt(object), at: n.request.at}
	if current == n.request {
		return
	}
	current.at = now
	n.urgent = unreported(object)
	first := n.request == request{}
	n.reported = first && !n.urgent
	edited := current.generation != n.request.generation
	n.history, n.request, n.judged = n.history.Fresh(), current, false
	n.history.Synced = object.Status.LastSyncedDigest == plan.SpecDigest(&object.Spec)
	n.notBefore, n.failures, n.vanished, n.deniedAt = time.Time{}, 0, 0, time.Time{}
	n.waiting, n.coacheeSince, n.askedAt = waiting{}, time.Time{}, time.Time{}
	// A generation that was reported on was sent before, by whomever.
	n.history.Beeped = n.history.Beeped && !edited || object.Generation == object.Status.ObservedGeneration
	if first {
		n.resume(object, now)
	}
}

// resume takes up what the process before this one was at, as far as the status
// tells.
func (n *notes) resume(object *v1alpha1.ConferenceParticipant, now time.Time) {
	n.history.AppliedInputs = object.Status.AppliedInputsDigest
	if n.request.requestedAt != object.Status.LastHandledReconcileAt {
		return
	}
	switch conditions.Reason(object.Status.Conditions, object.Generation) {
	case v1alpha1.ReasonNotApplied:
		n.history = n.history.Slow(now)
	case v1alpha1.ReasonContested:
		n.history = n.history.Contest(now)
	}
}

// reach notes through which gateway the object is reached: another one ends the
// refusals of the one before, since the account has changed (R8).
func (n *notes) reach(current *gateway.Gateway) {
	if current == nil || current == n.gateway {
		return
	}
	n.gateway, n.history = current, n.history.Forgive()
	n.deniedAt, n.announced.deniedAt = time.Time{}, time.Time{}
}

// alone says that a request was refused as unauthorized at a time, and the
// account's token was not: the refusal was meant for this object.
func (n *notes) alone(deniedAt time.Time) bool {
	return !deniedAt.IsZero() && !n.gateway.RefusedSince(deniedAt)
}

// belong notes whose the object is. Nothing of what was learned about it holds for
// another account of the provider: it is looked at afresh.
func (n *notes) belong(owner string) (another bool) {
	another = n.owner != "" && n.owner != owner
	n.owner = owner
	if another {
		n.history, n.judged, n.due, n.askedAt = plan.History{}, false, false, time.Time{}
	}
	return another
}

// wait notes that something to send is held back, and returns since when.
func (n *notes) wait(trouble gateway.Trouble, now time.Time) time.Time {
	if n.waiting.since.IsZero() {
		n.waiting.since = now
	}
	if trouble == gateway.Throttled && n.waiting.throttled.IsZero() {
		n.waiting.throttled = now
	}
	return n.waiting.since
}

// admit ends a wait for the limits, and returns how long it was.
func (n *notes) admit(now time.Time) (waited time.Duration) {
	if !n.waiting.throttled.IsZero() {
		waited = now.Sub(n.waiting.throttled)
	}
	n.waiting.throttled = time.Time{}
	return waited
}

// settled says whether nothing is waited for: no edit to be judged, no update that
// was held back, no coachee.
func (n *notes) settled() bool {
	return (n.judged || n.reported) && !n.due && n.coacheeSince.IsZero()
}

// unreported says whether an object was changed since it was last reported on,
// so that somebody waits for it.
func unreported(object *v1alpha1.ConferenceParticipant) bool {
	return object.Generation != object.Status.ObservedGeneration ||
		requestedAt(object) != object.Status.LastHandledReconcileAt
}

// pending says whether there is something to send, as far as anybody knows.
func (p *pass) pending() bool {
	return unreported(p.before) || p.notes.due || p.notes.urgent && !p.notes.judged ||
		p.before.Spec.Mode != v1alpha1.ModeObserve && recordOf(p.status).Pending()
}

// priority is with which the pass's requests are served.
func (p *pass) priority() int {
	if p.notes.urgent {
		return wake.Edit
	}
	return wake.StartUp
}
