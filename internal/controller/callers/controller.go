package callers

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/voiceops/conference-operator/internal/callers"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/seat"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/tracing"
)

const (
	// workers is of how many accounts calls are read at once.
	workers = 8
	// deadline bounds a reconcile, which may follow many pages.
	deadline = time.Minute
)

// Reconciler reads calls.
type Reconciler struct {
	// Accounts has the sessions to read through.
	Accounts Accounts
	// Calls has what was read.
	Calls *callers.Store
	// Queue is this controller's own workqueue, of accounts.
	Queue *enqueue.Queue[types.NamespacedName]
	// Rooms is the workqueue of rooms.
	Rooms *enqueue.Queue[directory.RoomKey]
	// InFlight is how many requests of one account are sent at once.
	InFlight int
	// Tracer has the spans of reconciles; nil for none.
	Tracer *tracing.Tracer
	// Now is the clock.
	Now func() time.Time
}

// SetupWithManager adds the controller to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return builder.TypedControllerManagedBy[types.NamespacedName](mgr).
		Named("callers").
		WatchesRawSource(r.Queue.Source()).
		WithOptions(controller.TypedOptions[types.NamespacedName]{MaxConcurrentReconciles: workers}).
		Complete(tracing.Reconciler(r.Tracer, "callers", tracing.Name, r))
}

// scope is one reconcile of one account.
type scope struct {
	account types.NamespacedName
	session session
}

// seatKey is the key of a request for a seat: one for each request that may be in flight.
type seatKey struct {
	account types.NamespacedName
	seat    int
}

// Reconcile asks the provider what is due about an account's calls.
func (r *Reconciler) Reconcile(ctx context.Context, account types.NamespacedName) (ctrl.Result, error) {
	current, _, _ := r.Accounts.Lookup(account)
	if current == nil {
		// An account that becomes ready enqueues it again.
		return ctrl.Result{}, nil
	}
	r.notify(r.Calls.Recall(account, r.Now()))
	poll := r.Calls.Next(account, r.Now())
	if poll.HasWork() {
		if retry, sent := r.fetch(ctx, scope{account, current}, poll); !sent {
			return ctrl.Result{RequeueAfter: retry}, nil
		}
		r.notify(r.Calls.Recall(account, r.Now()))
		poll = r.Calls.Next(account, r.Now())
	}
	switch {
	case poll.HasWork():
		return ctrl.Result{RequeueAfter: time.Millisecond}, nil
	case poll.At.IsZero():
		return ctrl.Result{}, nil
	default:
		return ctrl.Result{RequeueAfter: max(poll.At.Sub(r.Now()), time.Millisecond)}, nil
	}
}

// seat takes one of the seats for an account's calls.
func (r *Reconciler) seat(s scope, number int) (release func(), retry time.Duration) {
	return seat.Take(s.session, admission.Request{
		Key: seatKey{s.account, number}, Flow: "calls", Wake: func(int) { r.Queue.Enqueue(enqueue.PriorityEdit, 0, s.account) },
	}, r.Now())
}
