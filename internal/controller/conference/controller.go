package conference

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	clientevents "k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/tracing"
)

// Config is what both reconcilers are made of.
type Config struct {
	// Client reads from the cache and writes.
	Client client.Client
	// Live reads past the cache: Secrets, and objects after a conflict.
	Live client.Reader
	// Accounts are the accounts at the provider.
	Accounts Accounts
	// Directory has the rooms of the accounts.
	Directory Directory
	// Rosters has the call legs in them.
	Rosters Rosters
	// Callers has the calls behind the call legs.
	Callers Callers
	// Store is what is remembered of Conferences.
	Store *Store
	// Queue is the workqueue of the Conferences.
	Queue *enqueue.Queue[reconcile.Request]
	// Rooms is the workqueue of the rooms.
	Rooms *enqueue.Queue[directory.RoomKey]
	// Participants is the workqueue of the participants, which follow their Conference.
	Participants *enqueue.Queue[reconcile.Request]
	// EnqueueAccount has an account reconciled, of which the rooms are listed slowly
	// from now on, or no more.
	EnqueueAccount func(account types.NamespacedName)
	// Recorder writes events.
	Recorder clientevents.EventRecorder
	// Metrics counts what became of announcements to rooms.
	Metrics Metrics
	// Hasher makes the hashes of numbers.
	Hasher policy.Hasher
	// Selector is that of the operator's cache: children get the labels of their
	// Conference that it asks for, and no other.
	Selector labels.Selector
	// Workers is how many Conferences are reconciled at once.
	Workers int
	// InFlight is how many children of a room are written at once.
	InFlight int
	// Tracer has the spans of reconciles; nil for none.
	Tracer *tracing.Tracer
	// Now is the clock.
	Now func() time.Time
}

// governance is how Conferences compare.
func (c Config) governance() Governance {
	return Governance{Reader: c.Client, Accounts: c.Accounts, Directory: c.Directory}
}

// Reconciler keeps Conferences: it finds their rooms, and reports. Create it with New.
type Reconciler struct {
	Config
	gatherer  gatherer
	requester requester
	reporter  reporter
}

// New returns a reconciler of Conferences.
func New(c Config) *Reconciler {
	reporter := newReporter(c)
	return &Reconciler{
		Config: c, reporter: reporter,
		requester: requester{
			sessions: sessionsOf(c.Accounts), directory: c.Directory, queue: c.Queue, reporter: reporter, clock: c.Now,
		},
		gatherer: gatherer{
			accounts: c.Accounts, directory: c.Directory, store: c.Store, governance: c.governance(),
			numbers: numberReader{secrets: c.Live, hasher: c.Hasher}, clock: c.Now,
		},
	}
}

// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=conferences,verbs=get;list;watch
// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=conferences/status,verbs=patch
// +kubebuilder:rbac:groups=conference.voiceops.dev,resources=conferenceparticipants,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create

// Reconcile brings what is known of a Conference's rooms up to date, says to them what is
// to be said once, and reports.
func (r *Reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	stopping := ctx.Err
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), roomDeadline)
	defer cancel()
	object := &v1alpha1.Conference{}
	err := r.Client.Get(ctx, request.NamespacedName, object)
	if apierrors.IsNotFound(err) || err == nil && !object.DeletionTimestamp.IsZero() {
		// Its children end by themselves (R28).
		r.forget(request.NamespacedName)
		return ctrl.Result{}, nil
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	m, stale := r.Store.get(request.NamespacedName, object.UID)
	r.unsubscribe(request.NamespacedName, stale)
	m.stored = m.stored.Overlay(object, &object.Status)
	f, err := r.gatherer.gather(ctx, object, m)
	if err != nil {
		return ctrl.Result{}, err
	}
	r.govern(f, m)
	if err := r.requester.request(ctx, f, m, stopping); err != nil {
		return ctrl.Result{}, err
	}
	result, err := r.reporter.report(ctx, f, m)
	f.requests.again = earlier(f.requests.again, r.tellReleased(f, m))
	return f.requests.result(result, r.Now()), err
}

// govern subscribes to what the Conference needs to know, and to nothing else. While it
// is not decided whether another one governs, everything stays as it is.
func (r *Reconciler) govern(f *facts, m *memory) {
	if f.claim.State == claim.Undecided {
		f.results = r.Store.results(m)
		return
	}
	name := client.ObjectKeyFromObject(f.object)
	r.discover(f, m, name)
	change := r.Store.govern(m, f, policy.Compile(f.object, f.numbers.known, r.Hasher))
	r.end(f, name, change.over)
	subscriber := roster.Subscriber{Kind: Kind, Name: name}
	for _, room := range f.governed {
		r.Rosters.Subscribe(roster.Key{Account: f.account, Conference: room.SID}, subscriber, roster.Interest{Demand: roster.DemandRoom})
	}
	for _, room := range change.rooms {
		r.Rooms.Enqueue(enqueue.PriorityEdit, 0, directory.RoomKey{Conference: name, SID: room.SID})
	}
	if r.Store.noteSlow(f.account, r.Rosters.RoomsListedSlowly(f.account)) {
		r.EnqueueAccount(f.account)
	}
	if !f.idle() {
		r.reporter.announceRooms(f, change)
	}
	f.results = r.Store.results(m)
}

// discover has the rooms of the account listed while the Conference needs them, and at
// once after an edit or a request.
func (r *Reconciler) discover(f *facts, m *memory, name types.NamespacedName) {
	if f.idle() {
		r.Directory.Unsubscribe(f.account, name)
		return
	}
	r.Directory.Subscribe(f.account, name, selectorOf(f.object))
	edited := m.object == nil || m.object.Generation != f.object.Generation
	if edited || requestedAt(f.object) != f.object.Status.LastHandledReconcileAt {
		r.Directory.Request(f.account, r.Now())
	}
}

// end drops the rooms that are over, or not governed any more.
func (r *Reconciler) end(f *facts, name types.NamespacedName, over []directory.Room) {
	keys := make([]roster.Key, 0, len(over))
	for _, room := range over {
		keys = append(keys, roster.Key{Account: f.account, Conference: room.SID})
	}
	r.unsubscribe(name, keys)
}

// unsubscribe ends everything that was asked for on behalf of a Conference in rooms.
func (r *Reconciler) unsubscribe(name types.NamespacedName, rooms []roster.Key) {
	for _, key := range rooms {
		r.Rosters.Unsubscribe(key, roster.Subscriber{Kind: Kind, Name: name}, "")
		r.Callers.Forget(key.Account, directory.RoomKey{Conference: name, SID: key.Conference})
	}
}

// forget drops what is remembered of a Conference that is gone or goes.
func (r *Reconciler) forget(name types.NamespacedName) {
	account, rooms := r.Store.forget(name)
	r.unsubscribe(name, rooms)
	if account.Name != "" {
		r.Directory.Unsubscribe(account, name)
	}
}

// requestedAt is the value of the reconcile annotation.
func requestedAt(object client.Object) string {
	return object.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
}
