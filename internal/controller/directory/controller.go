package directory

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/seat"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/provider/admission"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/tracing"
)

const (
	// workers is how many accounts are listed at once.
	workers = 8
	// deadline bounds a reconcile, which may follow many pages.
	deadline = time.Minute
)

// Reconciler finds the rooms of accounts.
type Reconciler struct {
	// Accounts has the sessions to list through.
	Accounts Accounts
	// Directories has the rooms that were found.
	Directories *directory.Store
	// Rosters has the call legs in them.
	Rosters Rosters
	// Queue is this controller's own workqueue, of accounts.
	Queue *enqueue.Queue[types.NamespacedName]
	// NotifyConferences has Conferences reconciled; it must not block.
	NotifyConferences func(conferences []types.NamespacedName)
	// Notify has a subscriber of a conference reconciled; it must not block.
	Notify func(priority int, conferenceSID string, subscriber roster.Subscriber)
	// Tracer has the spans of reconciles; nil for none.
	Tracer *tracing.Tracer
	// Now is the clock.
	Now func() time.Time
}

// SetupWithManager adds the controller to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return builder.TypedControllerManagedBy[types.NamespacedName](mgr).
		Named("directory").
		WatchesRawSource(r.Queue.Source()).
		WithOptions(controller.TypedOptions[types.NamespacedName]{MaxConcurrentReconciles: workers}).
		Complete(tracing.Reconciler(r.Tracer, "directory", tracing.Name, r))
}

// scope is one reconcile of one account.
type scope struct {
	account  types.NamespacedName
	session  session
	interval time.Duration
}

// seatKey is the key of a directory's requests for a seat.
type seatKey types.NamespacedName

// Reconcile asks the provider what is due about an account's rooms.
func (r *Reconciler) Reconcile(ctx context.Context, account types.NamespacedName) (ctrl.Result, error) {
	current, state, _ := r.Accounts.Lookup(account)
	if current == nil {
		// An account that becomes ready enqueues it again.
		return ctrl.Result{}, nil
	}
	s := scope{account: account, session: current, interval: state.DiscoveryInterval}
	poll := r.Directories.Next(account, s.interval, r.Now())
	if !poll.HasWork() {
		return r.nextPoll(poll), nil
	}
	release, retry := seat.Take(s.session, admission.Request{
		Key: seatKey(account), Flow: "conferences", Wake: func(int) { r.Queue.Enqueue(enqueue.PriorityEdit, 0, account) },
	}, r.Now())
	if release == nil {
		if block, _ := s.session.Blocked(); block != provider.None {
			r.NotifyConferences(r.Directories.Unlisted(account))
		}
		return ctrl.Result{RequeueAfter: retry}, nil
	}
	defer release()
	r.fetch(ctx, s, poll)
	return r.nextPoll(r.Directories.Next(account, s.interval, r.Now())), nil
}

// nextPoll is when there is more to ask.
func (r *Reconciler) nextPoll(poll directory.Poll) ctrl.Result {
	switch {
	case poll.HasWork():
		return ctrl.Result{RequeueAfter: time.Millisecond}
	case poll.At.IsZero():
		return ctrl.Result{}
	default:
		return ctrl.Result{RequeueAfter: max(poll.At.Sub(r.Now()), time.Millisecond)}
	}
}
