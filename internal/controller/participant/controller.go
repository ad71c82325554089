package participant

import (
	"context"
	"time"

	"golang.org/x/time/rate"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	clientevents "k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/tracing"
)

// reconcileDeadline bounds a reconcile, which goes on through a shut-down of the manager once
// it has begun to write; the manager waits longer than that (R16).
const reconcileDeadline = 8 * time.Second

// Config is what a Reconciler is made of.
type Config struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Live reads past the cache.
	Live client.Reader
	// Accounts are the accounts at the provider.
	Accounts Accounts
	// Rosters are the conferences.
	Rosters Rosters
	// Policies are the Conferences; nil if there are none.
	Policies Policies
	// Queue is this controller's own workqueue.
	Queue *enqueue.Queue[reconcile.Request]
	// Recorder writes events.
	Recorder clientevents.EventRecorder
	// Metrics are the operator's collectors.
	Metrics *metrics.Metrics
	// ReportLimiter bounds how fast the objects of an account report that it can't
	// send.
	ReportLimiter *rate.Limiter
	// Workers is how many participants are reconciled at once.
	Workers int
	// Tracer has the spans of reconciles; nil for none.
	Tracer *tracing.Tracer
	// Now is the clock.
	Now func() time.Time
}

// Reconciler keeps participants as declared. Create it with New.
type Reconciler struct {
	Config
	related
	memories memory.Store

	gatherer  gatherer
	sender    sender
	announcer announcer
	finalizer finalizer
	reporter  reporter
}

// New returns a reconciler.
func New(c Config) *Reconciler {
	gather := gatherer{
		reader: c.Client, accounts: c.Accounts, rosters: c.Rosters, policies: c.Policies, coachees: coachees{reader: c.Client, rosters: c.Rosters},
	}
	notify := notifier{recorder: c.Recorder, metrics: c.Metrics}
	persist := persister{client: c.Client, notify: notify, writer: status.Writer[*v1alpha1.ConferenceParticipant]{
		Client: c.Client, Live: c.Live, New: func() *v1alpha1.ConferenceParticipant { return &v1alpha1.ConferenceParticipant{} },
		Resource: v1alpha1.GroupVersion.WithResource("conferenceparticipants").GroupResource(),
	}}
	learn := learner{rosters: c.Rosters, metrics: c.Metrics, clock: c.Now}
	relatives := related{reader: c.Client}
	return &Reconciler{
		Config: c, related: relatives, gatherer: gather,
		sender:    sender{rosters: c.Rosters, persist: persist, learn: learn, queue: c.Queue, metrics: c.Metrics, clock: c.Now},
		announcer: announcer{persist: persist, queue: c.Queue, metrics: c.Metrics, clock: c.Now},
		finalizer: finalizer{
			finalizers: finalizers{client: c.Client, accounts: c.Accounts, persist: persist},
			gatherer:   gather, notify: notify, queue: c.Queue, clock: c.Now,
		},
		reporter: reporter{
			rosters: c.Rosters, queue: c.Queue, related: relatives, persist: persist, limiter: c.ReportLimiter, clock: c.Now,
		},
	}
}

// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=conferenceparticipants,verbs=get;list;watch;patch;delete
// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=conferenceparticipants/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// SetupWithManager adds the controller to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("participant").
		For(&v1alpha1.ConferenceParticipant{}, builder.WithPredicates(ReconcileTriggers())).
		Watches(&v1alpha1.ConferenceParticipant{}, handler.EnqueueRequestsFromMapFunc(r.MapRelated), builder.WithPredicates(LifecycleChanged())).
		Watches(&v1alpha1.ConferenceParticipant{}, trackCache(&r.memories)).
		WatchesRawSource(r.Queue.Source()).
		WithOptions(controller.Options{MaxConcurrentReconciles: r.Workers}).
		Complete(tracing.Reconciler(r.Tracer, "participant", tracing.Request, r))
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
	x := r.begin(ctx, object)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reconcileDeadline)
	defer cancel()
	defer r.end(x)
	found, err := r.converge(ctx, x)
	r.reporter.carryOut(ctx, x)
	if err != nil {
		return ctrl.Result{}, err
	}
	return r.reporter.report(ctx, x, found)
}

// converge goes the straight line up to the outcome.
func (r *Reconciler) converge(ctx context.Context, x *reconciliation) (outcome, error) {
	if gone, err := r.finalizer.ensureFinalizer(ctx, x); gone || err != nil {
		return outcome{finalized: gone}, err
	}
	// Storing a finalizer takes time.
	x.now = r.Now()
	if !x.object.DeletionTimestamp.IsZero() {
		endClaim(x)
		r.reporter.carryOut(ctx, x)
		return r.finalizer.finalize(ctx, x)
	}
	if err := r.gatherer.gather(ctx, x); err != nil {
		return outcome{}, err
	}
	found, open := gate(x)
	r.reporter.carryOut(ctx, x)
	if !open {
		return found, nil
	}
	r.reporter.persist.notify.warnOfRelease(x)
	decision := x.decide(x.now)
	found, err := r.sender.send(ctx, x, decision)
	if err != nil {
		return outcome{}, err
	}
	return r.announcer.announce(ctx, x, decision, found)
}

// begin takes up what is remembered of an object.
func (r *Reconciler) begin(ctx context.Context, object *v1alpha1.ConferenceParticipant) *reconciliation {
	x, stale := begin(&r.memories, object, r.Now())
	x.stopping = ctx.Err
	if stale != nil {
		r.reporter.unsubscribe(*stale)
	}
	x.refreshRecord()
	return x
}

// end remembers what a reconcile has learned, however it ended.
func (r *Reconciler) end(x *reconciliation) {
	if interested := r.reporter.subscribe(x); !interested && x.forgettable() {
		r.memories.Forget(x.memory.Name)
		return
	}
	r.memories.Keep(x.memory)
}

// forget drops what is remembered of an object that is gone.
func (r *Reconciler) forget(name types.NamespacedName) {
	if subject := r.memories.Forget(name); subject != nil {
		r.reporter.unsubscribe(*subject)
	}
}
