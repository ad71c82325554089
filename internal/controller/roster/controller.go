package roster

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/seat"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/tracing"
)

const (
	// busyInterval is how often a conference is listed at the least where something
	// changed within busyFor, or where coaching is declared.
	busyInterval = 5 * time.Second
	busyFor      = time.Minute
	// keptFor is how long what was seen is kept where no object has an interest in it
	// any more.
	keptFor = time.Second
	// deadline bounds a reconcile, which may follow many pages.
	deadline = time.Minute
)

// Reconciler observes conferences.
type Reconciler struct {
	// Accounts has the sessions to observe through.
	Accounts Accounts
	// Rosters has what was seen.
	Rosters Rosters
	// Queue is this controller's own workqueue.
	Queue *enqueue.Queue[roster.Key]
	// Notify has a subscriber of a conference reconciled; it must not block.
	Notify func(priority int, conferenceSID string, subscriber roster.Subscriber)
	// Ended is told of a conference that reads as completed; it must not block.
	Ended func(key roster.Key)
	// Metrics are the operator's collectors.
	Metrics *metrics.Metrics
	// Workers is how many conferences are observed at once.
	Workers int
	// Tracer has the spans of reconciles; nil for none.
	Tracer *tracing.Tracer
	// Now is the clock.
	Now func() time.Time
}

// SetupWithManager adds the controller to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return builder.TypedControllerManagedBy[roster.Key](mgr).
		Named("roster").
		WatchesRawSource(r.Queue.Source()).
		WithOptions(controller.TypedOptions[roster.Key]{MaxConcurrentReconciles: r.Workers}).
		Complete(tracing.Reconciler(r.Tracer, "roster", accountName, r))
}

// accountName is the name of the account of a conference.
func accountName(key roster.Key) types.NamespacedName { return key.Account }

// scope is one reconcile of one conference.
type scope struct {
	key     roster.Key
	roster  *roster.Roster
	session session
	resync  time.Duration
}

// Reconcile asks the provider what is due about one conference, and enqueues the
// subscribers that it affects.
func (r *Reconciler) Reconcile(ctx context.Context, key roster.Key) (ctrl.Result, error) {
	current, state, _ := r.Accounts.Lookup(key.Account)
	if r.Rosters.DropIdle(key, r.Now()) || current == nil {
		// A request, an interest or an account that becomes ready enqueues it again.
		return ctrl.Result{}, nil
	}
	s := scope{key: key, roster: r.Rosters.Roster(key), session: current, resync: state.ResyncInterval}
	if poll := s.roster.Next(r.interval(s), r.Now()); poll.HasWork() {
		return r.poll(ctx, s, poll), nil
	}
	return r.nextPoll(s), nil
}

// poll sends what is due, if it may be sent now.
func (r *Reconciler) poll(ctx context.Context, s scope, due roster.Poll) ctrl.Result {
	release, retry := seat.Take(s.session, admission.Request{
		Key: s.key, Flow: s.key.Conference, Wake: func(int) { r.Queue.Enqueue(enqueue.PriorityEdit, 0, s.key) },
	}, r.Now())
	if release == nil {
		return ctrl.Result{RequeueAfter: retry}
	}
	defer release()
	r.fetch(ctx, s, due)
	return r.nextPoll(s)
}

// nextPoll is when there is more to ask: at once if it was requested meanwhile.
func (r *Reconciler) nextPoll(s scope) ctrl.Result {
	switch poll := s.roster.Next(r.interval(s), r.Now()); {
	case poll.HasWork():
		return ctrl.Result{RequeueAfter: time.Millisecond}
	case !poll.Empty():
		return ctrl.Result{RequeueAfter: max(poll.At.Sub(r.Now()), time.Millisecond)}
	case s.roster.Demand(r.Now()) == roster.DemandNone:
		// What was requested is judged by what was seen; then the conference is dropped.
		return ctrl.Result{RequeueAfter: keptFor}
	}
	return ctrl.Result{}
}

// interval is how often the conference is listed without being asked for. A room is
// listed often whatever the account's interval is, unless there are too many (R18).
func (r *Reconciler) interval(s scope) time.Duration {
	demand, room := s.roster.Demands(r.Now())
	interval := r.demanded(s, demand)
	if !room {
		return interval
	}
	often, least := r.Rosters.RoomInterval(s.key.Account)
	if interval > 0 {
		often = min(often, interval)
	}
	return max(often, least)
}

// demanded is the interval for objects that are about one call leg each.
func (r *Reconciler) demanded(s scope, demand roster.Demand) time.Duration {
	switch {
	case demand == roster.DemandNone || s.resync == 0:
		return 0
	case demand == roster.DemandRare:
		return max(s.resync, backoff.RareSearch)
	case demand == roster.DemandCoaching || s.roster.ChangedSince(r.Now().Add(-busyFor)):
		return min(s.resync, busyInterval)
	default:
		return s.resync
	}
}
