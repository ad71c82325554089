// Package operator puts the operator together: three controllers, each with a
// queue to which the others can add, around one registry of accounts and one store of rosters. The manager
// command and the tests run the same controllers.
package operator

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	clientevents "k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	runtimemetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/controller/account"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/participant"
	rostercontroller "github.com/voiceops/conference-operator/internal/controller/roster"
	"github.com/voiceops/conference-operator/internal/events"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
)

// workersPerSeat is how many workers a controller has for each request that one
// account may have in flight (a seat), so that an account that occupies all its
// seats leaves workers for the others.
const workersPerSeat = 4

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
	// UserAgent is the User-Agent of the requests to the provider.
	UserAgent string
	// Proxy returns the proxy for a request to the provider; nil for none at all,
	// whatever the environment says.
	Proxy func(*http.Request) (*url.URL, error)
	// Selector selects, by their labels, the participants in the cache and the
	// accounts that this process writes the status of. Everything if nil.
	Selector labels.Selector
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Metrics is where the collectors are registered; the registry that the
	// manager serves if nil.
	Metrics prometheus.Registerer
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
	// Participants keeps participants as declared.
	Participants *participant.Reconciler

	// Registry is the accounts that the controllers share.
	Registry *provider.Registry
	// Store is the rosters that they share.
	Store *roster.Store
}

// NewControllers wires the controllers; it starts nothing. cached reads from a
// cache with the indexes of package index, and writes; live reads past the
// cache. Config must have Now and Metrics.
func NewControllers(ctx context.Context, cached client.Client, live client.Reader, recorder clientevents.EventRecorder, config Config) Controllers {
	accounts, participants := &enqueue.Queue[reconcile.Request]{}, &enqueue.Queue[reconcile.Request]{}
	conferences, ticks := &enqueue.Queue[roster.Key]{}, &enqueue.Queue[reconcile.Request]{}
	registry := provider.NewRegistry()
	rosters := roster.NewStore(func(key roster.Key) { conferences.Enqueue(enqueue.PriorityEdit, 0, key) })
	if config.Selector == nil {
		config.Selector = labels.Everything()
	}
	collectors := metrics.New(config.Metrics, participant.Counter(ctx, cached), func() (int, int) { return registry.Size(), rosters.Size() })
	return Controllers{
		Registry: registry, Store: rosters,
		Accounts: &account.Reconciler{
			Client: cached, Secrets: live, Accounts: registry, Rosters: rosters, Allowed: config.Allowed, Queue: accounts,
			ScheduleTick: func(name types.NamespacedName, after time.Duration) {
				ticks.Enqueue(enqueue.PriorityEdit, after, reconcile.Request{NamespacedName: name})
			},
			EnqueueDependents: accountDependents{cached, participants, conferences}.enqueue, Recorder: recorder,
			Metrics: collectors, Concurrency: config.Concurrency, UserAgent: config.UserAgent, Selector: config.Selector, Now: config.Now,
			Proxy: config.Proxy,
		},
		Admission: &account.Ticker{Accounts: registry, Queue: ticks},
		Rosters: &rostercontroller.Reconciler{
			Accounts: registry, Rosters: rosters, Queue: conferences, Notify: subscribers{participants}.enqueue,
			Metrics: collectors, Workers: workersPerSeat * config.Concurrency, Now: config.Now,
		},
		Participants: participant.New(participant.Config{
			Client: cached, Live: live, Accounts: registry, Rosters: rosters, Queue: participants, Recorder: recorder,
			Metrics: collectors, ReportLimiter: rate.NewLimiter(accountReportsPerSecond, accountReportsBurst),
			Workers: workersPerSeat * config.Concurrency, Now: config.Now,
		}),
	}
}

// subscribers are the queues of the kinds that subscribe to conferences.
type subscribers struct {
	participants *enqueue.Queue[reconcile.Request]
}

// enqueue has a subscriber reconciled.
func (s subscribers) enqueue(priority int, subscriber roster.Subscriber) {
	if subscriber.Kind == participant.Kind {
		s.participants.Enqueue(priority, 0, reconcile.Request{NamespacedName: subscriber.Name})
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
	controllers := NewControllers(ctx, mgr.GetClient(), mgr.GetAPIReader(), recorder, config)
	return errors.Join(
		mgr.Add(recorder),
		controllers.Accounts.SetupWithManager(mgr),
		controllers.Admission.SetupWithManager(mgr),
		controllers.Rosters.SetupWithManager(mgr),
		controllers.Participants.SetupWithManager(mgr),
	)
}

// accountDependents finds and enqueues the objects that depend on an account.
type accountDependents struct {
	client       client.Reader
	participants *enqueue.Queue[reconcile.Request]
	conferences  *enqueue.Queue[roster.Key]
}

// enqueue adds every participant and every conference of an account to its queue.
func (d accountDependents) enqueue(ctx context.Context, account types.NamespacedName) error {
	found, err := index.OfAccount(ctx, d.client, account)
	if err != nil {
		return err
	}
	for i := range found {
		d.conferences.Enqueue(enqueue.PriorityDrift, 0, index.KeyOf(&found[i]))
		d.participants.Enqueue(enqueue.PriorityDrift, 0, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&found[i])})
	}
	return nil
}
