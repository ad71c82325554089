package account

import (
	"context"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/wake"
)

// workers is how many accounts are verified at once: a provider that does not
// answer holds one of them for a few seconds.
const workers = 16

// Reconciler keeps the registry of gateways in line with the VoiceAccounts.
type Reconciler struct {
	// Client reads VoiceAccounts from the cache and writes their status.
	Client client.Client
	// Secrets reads Secrets past the cache.
	Secrets client.Reader
	// Registry is told about every account.
	Registry *gateway.Registry
	// Allowed are the base URLs that may be reached.
	Allowed gateway.Allowed
	// Queue is this controller's own queue.
	Queue *wake.Queue[reconcile.Request]
	// WakeDependents runs a pass over everything that depends on an account.
	WakeDependents func(ctx context.Context, account types.NamespacedName) error
	// Recorder writes events.
	Recorder events.EventRecorder
	// Metrics are the operator's collectors.
	Metrics *metrics.Metrics
	// Concurrency is how many requests of one account may be in flight.
	Concurrency int
	// Selector is of which accounts the status is written here: every shard reads
	// all of them, and the one that an account's labels belong to reports.
	Selector labels.Selector
	// UserAgent is what the provider sees.
	UserAgent string
	// Now is the clock.
	Now func() time.Time
}

// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=voiceaccounts,verbs=list;watch
// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=voiceaccounts/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// Setup adds the controller to a manager.
func (r *Reconciler) Setup(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("account").
		For(&v1alpha1.VoiceAccount{}, builder.WithPredicates(ReconcileTriggers())).
		WatchesRawSource(r.Queue.Source()).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
}

// ReconcileTriggers lets through the events of an account that call for a reconcile
// of it: a new generation, other labels. The operator's own status writes are none
// of them.
func ReconcileTriggers() predicate.Predicate {
	return predicate.Or(predicate.GenerationChangedPredicate{}, predicate.LabelChangedPredicate{})
}

// Reconcile looks at one account: what its spec and Secret say, what the
// provider says of them, and who has to know.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := &v1alpha1.VoiceAccount{}
	if err := r.Client.Get(ctx, request.NamespacedName, object); err != nil {
		if apierrors.IsNotFound(err) {
			return ctrl.Result{}, r.forget(ctx, request.NamespacedName)
		}
		return ctrl.Result{}, err
	}
	found, err := r.examine(ctx, object)
	if err != nil {
		return ctrl.Result{}, err
	}
	if err := r.handOver(ctx, request.NamespacedName, found); err != nil {
		return ctrl.Result{}, err
	}
	if err := r.report(ctx, object, found); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: found.again}, nil
}

// forget drops an account that is no more and tells who depended on it.
func (r *Reconciler) forget(ctx context.Context, name types.NamespacedName) error {
	retain, err := r.needed(ctx, name)
	if err != nil {
		return err
	}
	r.Registry.Delete(name, retain)
	r.Metrics.ForgetAccount(name.Namespace, name.Name)
	return r.WakeDependents(ctx, name)
}

// handOver gives what was found to the other controllers, and wakes those who
// depend on the account where it makes a difference to them.
func (r *Reconciler) handOver(ctx context.Context, name types.NamespacedName, found finding) error {
	replaced, _, _ := r.Registry.Lookup(name)
	retain := replaced != nil && replaced != found.gateway
	if retain {
		var err error
		if retain, err = r.needed(ctx, name); err != nil {
			return err
		}
	}
	before := r.Registry.Set(name, found.gateway, found.standing, retain)
	r.Metrics.BreakerOpen(name.Namespace, name.Name, found.standing.Reason == v1alpha1.ReasonUnauthorized ||
		found.standing.Reason == v1alpha1.ReasonAPIUnavailable)
	if before == found.standing && !found.recovered {
		return nil
	}
	return r.WakeDependents(ctx, name)
}

// needed says whether an object's deletion may need the account's credentials,
// also after the account or its Secret has gone (R11).
func (r *Reconciler) needed(ctx context.Context, name types.NamespacedName) (bool, error) {
	dependents, err := index.OfAccount(ctx, r.Client, name)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(dependents, func(p v1alpha1.ConferenceParticipant) bool {
		return controllerutil.ContainsFinalizer(&p, v1alpha1.Finalizer)
	}), nil
}
