package account

import (
	"context"
	"net/http"
	"net/url"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	clientevents "k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/tracing"
	"github.com/voiceops/conference-operator/internal/voice"
)

// workers is how many accounts are verified at once: a provider that does not
// respond occupies one of them for a few seconds.
const workers = 16

// Reconciler keeps the sessions in line with the VoiceAccounts.
type Reconciler struct {
	// Client reads VoiceAccounts from the cache and writes their status.
	Client client.Client
	// Secrets reads Secrets past the cache.
	Secrets client.Reader
	// Accounts is where the checked accounts are published.
	Accounts Accounts
	// Rosters keeps the conferences, by which account of the provider each one is.
	Rosters Rosters
	// Allowed are the base URLs that may be reached.
	Allowed provider.AllowList
	// Queue is this controller's own workqueue.
	Queue *enqueue.Queue[reconcile.Request]
	// ScheduleTick has the admission queues of an account moved after a while.
	ScheduleTick func(account types.NamespacedName, after time.Duration)
	// EnqueueDependents has everything reconciled that depends on an account.
	EnqueueDependents func(ctx context.Context, account types.NamespacedName) error
	// Recorder writes events.
	Recorder clientevents.EventRecorder
	// Metrics are the operator's collectors.
	Metrics *metrics.Metrics
	// Observe receives the outcome of each request to the provider.
	Observe voice.Observer
	// Tracer has the spans of reconciles; nil for none.
	Tracer *tracing.Tracer
	// Concurrency is how many requests of one account may be in flight.
	Concurrency int
	// Selector selects the accounts to write the status of: every shard reads
	// all of them, and the one that an account's labels belong to reports.
	Selector labels.Selector
	// UserAgent is the User-Agent of the requests to the provider.
	UserAgent string
	// Proxy returns the proxy for a request to the provider; nil for none at all.
	Proxy func(*http.Request) (*url.URL, error)
	// Now is the clock.
	Now func() time.Time
}

// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=voiceaccounts,verbs=list;watch
// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=voiceaccounts/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// SetupWithManager adds the controller to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("account").
		For(&v1alpha1.VoiceAccount{}, builder.WithPredicates(ReconcileTriggers())).
		WatchesRawSource(r.Queue.Source()).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(tracing.Reconciler(r.Tracer, "account", tracing.Request, r))
}

// ReconcileTriggers lets through the events of an account that call for a reconcile
// of it: a new generation, other labels. The operator's own status writes are none
// of them.
func ReconcileTriggers() predicate.Predicate {
	return predicate.Or(predicate.GenerationChangedPredicate{}, predicate.LabelChangedPredicate{})
}

// Reconcile checks one account: what its spec and Secret say, what the provider
// says of them, and which controllers have to know.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := &v1alpha1.VoiceAccount{}
	if err := r.Client.Get(ctx, request.NamespacedName, object); err != nil {
		if apierrors.IsNotFound(err) {
			return ctrl.Result{}, r.forget(ctx, request.NamespacedName)
		}
		return ctrl.Result{}, err
	}
	found, err := r.check(ctx, object)
	if err != nil {
		return ctrl.Result{}, err
	}
	if err := r.publish(ctx, request.NamespacedName, found); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.report(ctx, object, found); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: found.requeueAfter}, nil
}

// forget drops an account that is no more and enqueues what depended on it.
func (r *Reconciler) forget(ctx context.Context, name types.NamespacedName) error {
	retain, err := index.AnyFinalizer(ctx, r.Client, name, "")
	if err != nil {
		return err
	}
	r.Accounts.Delete(name, retain)
	r.Rosters.ForgetAccount(name)
	r.Metrics.ForgetAccount(name.Namespace, name.Name)
	return r.EnqueueDependents(ctx, name)
}

// publish gives the result to the other controllers, and enqueues what depends on
// the account where it makes a difference.
func (r *Reconciler) publish(ctx context.Context, name types.NamespacedName, found result) error {
	current, _, _ := r.Accounts.Lookup(name)
	retain := current != nil && current != found.session
	if retain {
		var err error
		if retain, err = index.AnyFinalizer(ctx, r.Client, name, ""); err != nil {
			return err
		}
	}
	// No roster of another account of the provider may be seen beside the new state.
	r.Rosters.SetProvider(name, found.state.ProviderAccount)
	replaced, before := r.Accounts.Set(name, found.session, found.state, retain)
	if replaced != found.session || !found.state.Verified {
		// What was refused to other credentials is tried again (R8).
		r.Rosters.Forgive(name)
	}
	r.Metrics.BreakerOpen(name.Namespace, name.Name, found.state.Blocked())
	logTransition(ctx, before, found)
	if !before.Differs(found.state) && !found.recovered {
		return nil
	}
	return r.EnqueueDependents(ctx, name)
}
