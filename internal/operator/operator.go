// Package operator puts the operator together: its controllers, each with a queue
// to which the others can add, around one provider.Registry of accounts and one
// roster.Store of conferences. Here alone the controllers know each other:
// NewControllers wires them, SetupWithManager adds them to a manager, with the
// indexes and the writer of events. The manager command and the tests run the same
// controllers. StripForCache keeps in the cache what they read, and no more.
//
// Conferences have a cache of their own, which is made once the API server serves them:
// opener.go waits for that and then adds the controllers of Conferences and rooms to the
// running manager; gate.go leads reads of Conferences to that cache, and fails them
// at once before.
package operator

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/labels"
	clientevents "k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	runtimemetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/voiceops/conference-operator/internal/audit"
	"github.com/voiceops/conference-operator/internal/callers"
	"github.com/voiceops/conference-operator/internal/controller/account"
	callerscontroller "github.com/voiceops/conference-operator/internal/controller/callers"
	"github.com/voiceops/conference-operator/internal/controller/conference"
	directorycontroller "github.com/voiceops/conference-operator/internal/controller/directory"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/participant"
	rostercontroller "github.com/voiceops/conference-operator/internal/controller/roster"
	"github.com/voiceops/conference-operator/internal/events"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/tracing"
	"github.com/voiceops/conference-operator/internal/voice"
)

// workersPerSeat is how many workers a controller has for each request that one
// account may have in flight (a seat), so that an account that occupies all its
// seats leaves workers for the others.
const workersPerSeat = 4

// childrenInFlight is how many children of a room are written at once.
const childrenInFlight = 16

const (
	// accountReportsPerSecond limits how many participants a second report that
	// their account can't send; accountReportsBurst is how many may do so at once.
	accountReportsPerSecond = 25
	accountReportsBurst     = 20
)

// Config is what the flags of the manager decide, and what tests replace.
type Config struct {
	// Allowed are the base URLs that accounts may use.
	Allowed provider.AllowList
	// Concurrency is how many requests of one account may be in flight.
	Concurrency int
	// InFlight is how many requests one reconcile sends at once: children of a room 16,
	// reads of calls all that are due, if 0.
	InFlight int
	// UserAgent is the User-Agent of the requests to the provider.
	UserAgent string
	// Proxy returns the proxy for a request to the provider; nil for none at all,
	// whatever the environment says.
	Proxy func(*http.Request) (*url.URL, error)
	// Selector selects, by their labels, the participants and Conferences in the cache
	// and the accounts that this process writes the status of. Everything if nil.
	Selector labels.Selector
	// Namespaces are those that are watched; all of them if empty.
	Namespaces []string
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Metrics is where the collectors are registered; the registry that the
	// manager serves if nil.
	Metrics prometheus.Registerer
	// Audit is where a line goes for each request that changes something at the provider;
	// nowhere if it is the zero value.
	Audit logr.Logger
	// Tracer has the spans of reconciles, waits and requests; nil for none.
	Tracer *tracing.Tracer
}

// Controllers are the operator's controllers, wired to each other. Create them
// with NewControllers.
type Controllers struct {
	// Accounts verifies accounts and publishes their sessions.
	Accounts *account.Reconciler
	// Admission moves the admission queues.
	Admission *account.Ticker
	// Rosters polls conferences.
	Rosters *rostercontroller.Reconciler
	// Directories finds rooms.
	Directories *directorycontroller.Reconciler
	// Callers reads calls.
	Callers *callerscontroller.Reconciler
	// Participants keeps participants as declared.
	Participants *participant.Reconciler
	// Conferences finds the rooms of Conferences, and reports.
	Conferences *conference.Reconciler
	// Rooms keeps the children in the rooms.
	Rooms *conference.RoomReconciler

	// Registry is the accounts that the controllers share.
	Registry *provider.Registry
	// Store is the rosters that they share.
	Store *roster.Store
}

// NewControllers wires the controllers; it starts nothing. cached reads from a
// cache with the indexes of package index, and writes; live reads past the
// cache. Config must have Now and Metrics.
func NewControllers(ctx context.Context, cached client.Client, live client.Reader, recorder clientevents.EventRecorder, config Config) Controllers {
	queues, registry := &queues{}, provider.NewRegistry()
	known := newStores(queues)
	if config.Selector == nil {
		config.Selector = labels.Everything()
	}
	collectors := metrics.New(config.Metrics, participant.Counter(ctx, cached), func() (int, int) { return registry.Size(), known.Size() })
	controllers := Controllers{
		Registry: registry, Store: known.Store,
		Accounts: &account.Reconciler{
			Client: cached, Secrets: live, Accounts: registry, Rosters: known, Allowed: config.Allowed, Queue: &queues.accounts,
			ScheduleTick: queues.scheduleTick, EnqueueDependents: accountDependents{cached, queues, known}.enqueue, Recorder: recorder,
			Metrics: collectors, Concurrency: config.Concurrency, UserAgent: config.UserAgent, Selector: config.Selector, Now: config.Now,
			Proxy: config.Proxy, Observe: config.observer(collectors), Tracer: config.Tracer,
		},
		Admission: &account.Ticker{Accounts: registry, Queue: &queues.ticks},
		Participants: participant.New(participant.Config{
			Client: cached, Live: live, Accounts: registry, Rosters: known.Store, Queue: &queues.participants, Recorder: recorder,
			Policies: conference.Governance{Reader: cached, Accounts: registry, Directory: known.directories},
			Metrics:  collectors, ReportLimiter: rate.NewLimiter(accountReportsPerSecond, accountReportsBurst),
			Workers: workersPerSeat * config.Concurrency, Tracer: config.Tracer, Now: config.Now,
		}),
	}
	controllers.observe(queues, known, collectors, config)
	governed := conference.Config{
		Client: cached, Live: live, Accounts: registry, Directory: known.directories, Rosters: known.Store, Callers: known.calls,
		Store: conference.NewStore(), Queue: &queues.conferences, Rooms: &queues.rooms, Participants: &queues.participants,
		EnqueueAccount: queues.enqueueAccount, Recorder: recorder, Metrics: collectors, Hasher: known.hasher,
		Selector: config.Selector, Workers: workersPerSeat * config.Concurrency, InFlight: cmp.Or(config.InFlight, childrenInFlight),
		Tracer: config.Tracer, Now: config.Now,
	}
	metrics.NewRooms(config.Metrics, governed.Store.Count)
	metrics.NewObjects(config.Metrics, objectCounter(ctx, cached))
	controllers.Conferences, controllers.Rooms = conference.New(governed), conference.NewRooms(governed)
	return controllers
}

// observer returns what receives the outcome of each request to the provider.
func (c Config) observer(collectors *metrics.Metrics) voice.Observer {
	log := audit.New(c.Audit)
	return func(ctx context.Context, outcome voice.Outcome) {
		collectors.Request(outcome.Operation, outcome.Class, outcome.Took)
		log.Observe(ctx, outcome)
		tracing.Observe(ctx, outcome)
	}
}

// observe adds the controllers that ask the provider and write nothing.
func (c *Controllers) observe(queues *queues, known stores, collectors *metrics.Metrics, config Config) {
	c.Rosters = &rostercontroller.Reconciler{
		Accounts: c.Registry, Rosters: known.Store, Queue: &queues.rosters, Notify: queues.notify,
		Ended: func(key roster.Key) {
			queues.notifyConferences(known.directories.End(key.Account, key.Conference, config.Now()))
		},
		Metrics: collectors, Workers: workersPerSeat * config.Concurrency, Tracer: config.Tracer, Now: config.Now,
	}
	c.Directories = &directorycontroller.Reconciler{
		Accounts: c.Registry, Directories: known.directories, Rosters: known.Store, Queue: &queues.directories,
		NotifyConferences: queues.notifyConferences, Notify: queues.notify, Tracer: config.Tracer, Now: config.Now,
	}
	c.Callers = &callerscontroller.Reconciler{
		Accounts: c.Registry, Calls: known.calls, Queue: &queues.calls, Rooms: &queues.rooms,
		InFlight: cmp.Or(config.InFlight, callers.ReadsAtOnce+1), Tracer: config.Tracer, Now: config.Now,
	}
}

// SetupWithManager adds the operator to a manager that was not started.
func SetupWithManager(ctx context.Context, mgr ctrl.Manager, config Config) error {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Metrics == nil {
		config.Metrics = runtimemetrics.Registry
	}
	if err := index.Add(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	recorder := events.New(events.Config{
		Writer: mgr.GetClient(), Scheme: mgr.GetScheme(), Controller: "conference-operator", Now: config.Now,
		Dropped: metrics.NewEvents(config.Metrics).Dropped, Log: mgr.GetLogger().WithName("events"),
	})
	conferences := &gate{}
	controllers := NewControllers(ctx, gatedClient{mgr.GetClient(), conferences}, mgr.GetAPIReader(), recorder, config)
	opener, err := newOpener(mgr, conferences, config, func(found cache.Cache) error { return controllers.begin(mgr, found) })
	if err != nil {
		return err
	}
	return errors.Join(
		mgr.Add(recorder),
		mgr.Add(opener),
		controllers.Accounts.SetupWithManager(mgr),
		controllers.Admission.SetupWithManager(mgr),
		controllers.Rosters.SetupWithManager(mgr),
		controllers.Directories.SetupWithManager(mgr),
		controllers.Callers.SetupWithManager(mgr),
		controllers.Participants.SetupWithManager(mgr),
	)
}
