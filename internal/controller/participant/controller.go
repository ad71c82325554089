package participant

import (
	"context"
	"time"

	"golang.org/x/time/rate"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/wake"
)

// passDeadline bounds a pass, which goes on through a shut-down of the manager
// once it has begun to write; the manager waits longer than that (R16).
const passDeadline = 8 * time.Second

// Reconciler keeps participants as declared.
type Reconciler struct {
	// Client reads from the cache and writes status.
	Client client.Client
	// Live reads past the cache.
	Live client.Reader
	// Registry has the accounts' gateways and the rosters.
	Registry *gateway.Registry
	// Queue is this controller's own queue.
	Queue *wake.Queue[reconcile.Request]
	// Recorder writes events.
	Recorder events.EventRecorder
	// Metrics are the operator's collectors.
	Metrics *metrics.Metrics
	// Pace bounds how fast a crowd is told that its account can't send.
	Pace *rate.Limiter
	// Workers is how many participants are reconciled at once.
	Workers int
	// Now is the clock.
	Now func() time.Time

	notebook notebook
}

// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=conferenceparticipants,verbs=get;list;watch;patch;delete
// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=conferenceparticipants/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// Setup adds the controller to a manager.
func (r *Reconciler) Setup(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).
		Named("participant").
		For(&v1alpha1.ConferenceParticipant{}, builder.WithPredicates(ReconcileTriggers())).
		Watches(&v1alpha1.ConferenceParticipant{}, handler.EnqueueRequestsFromMapFunc(r.Neighbours), builder.WithPredicates(LifecycleChanged())).
		WatchesRawSource(r.Queue.Source()).
		WithOptions(controller.Options{MaxConcurrentReconciles: r.Workers}).
		Complete(r)
}

// Reconcile brings one participant closer to what is declared, and reports.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := &v1alpha1.ConferenceParticipant{}
	if err := r.Client.Get(ctx, request.NamespacedName, object); err != nil {
		if apierrors.IsNotFound(err) {
			r.forget(request.NamespacedName)
		}
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	pass := r.begin(object)
	pass.stopping = ctx.Err
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), passDeadline)
	defer cancel()
	outcome, err := r.converge(ctx, pass)
	if err != nil {
		return ctrl.Result{}, err
	}
	return r.report(ctx, pass, outcome)
}

// converge goes the straight line up to the outcome.
func (r *Reconciler) converge(ctx context.Context, p *pass) (outcome, error) {
	p.refreshRecord()
	for _, observe := range []step{r.anchor, r.farewell, r.idle, r.account, r.claim, r.held, r.refused, r.presence} {
		if found, done, err := observe(ctx, p); done || err != nil {
			return found, err
		}
	}
	r.warnOfRelease(p)
	desired, err := r.desired(ctx, p)
	if err != nil {
		return outcome{}, err
	}
	decision := plan.Next(desired, p.sight.Observed, p.notes.history, p.now)
	found, err := r.apply(ctx, p, decision)
	if err != nil {
		return outcome{}, err
	}
	return r.play(ctx, p, decision, found)
}

// step is a part of observing; done ends the pass with an outcome.
type step func(context.Context, *pass) (found outcome, done bool, err error)
