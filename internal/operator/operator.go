// Package operator puts the operator together: three controllers, each with a
// queue that the others can wake, around one registry of gateways. The manager
// command and the tests run the same.
package operator

import (
	"context"
	"errors"
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
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/participant"
	"github.com/voiceops/conference-operator/internal/controller/roster"
	"github.com/voiceops/conference-operator/internal/events"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/metrics"
	"github.com/voiceops/conference-operator/internal/wake"
)

// workersPerSlot is how many more workers than slots there are, so that an
// account which holds all of its own can't hold those of the others.
const workersPerSlot = 4

const (
	// toldPerSecond is how many participants a second are told that their account
	// can't send, and toldAtOnce how many at once.
	toldPerSecond = 25
	toldAtOnce    = 20
)

// Config is what the person who runs the operator decides.
type Config struct {
	// Allowed are the base URLs that accounts may use.
	Allowed gateway.Allowed
	// Concurrency is how many requests of one account may be in flight.
	Concurrency int
	// UserAgent is what the provider sees.
	UserAgent string
	// Selector is of which participants the cache holds; the status of an account
	// is written where it matches the account's labels. All if nil.
	Selector labels.Selector
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Metrics is where the collectors are registered; the registry that the
	// manager serves if nil.
	Metrics prometheus.Registerer
}

// Parts are the operator's controllers, wired to each other.
type Parts struct {
	// Accounts hands gateways over.
	Accounts *account.Reconciler
	// Rosters looks at conferences.
	Rosters *roster.Reconciler
	// Participants keeps participants as declared.
	Participants *participant.Reconciler
}

// Assemble wires the controllers. cached reads from a cache with the indexes of
// package index and writes; live reads past the cache.
func Assemble(ctx context.Context, cached client.Client, live client.Reader, recorder clientevents.EventRecorder, config Config) Parts {
	accounts, participants := &wake.Queue[reconcile.Request]{}, &wake.Queue[reconcile.Request]{}
	rosters := &wake.Queue[gateway.Key]{}
	registry := gateway.NewRegistry(config.Now, func(key gateway.Key) { rosters.Wake(wake.Edit, 0, key) })
	if config.Selector == nil {
		config.Selector = labels.Everything()
	}
	collectors := metrics.New(config.Metrics, participant.Counter(ctx, cached), registry.Size)
	return Parts{
		Accounts: &account.Reconciler{
			Client: cached, Secrets: live, Registry: registry, Allowed: config.Allowed, Queue: accounts,
			WakeDependents: dependents{cached, participants, rosters}.wake, Recorder: recorder,
			Metrics: collectors, Concurrency: config.Concurrency, UserAgent: config.UserAgent, Selector: config.Selector, Now: config.Now,
		},
		Rosters: &roster.Reconciler{
			Client: cached, Registry: registry, Queue: rosters, Participants: participants,
			Workers: workersPerSlot * config.Concurrency, Now: config.Now,
		},
		Participants: &participant.Reconciler{
			Client: cached, Live: live, Registry: registry, Queue: participants, Recorder: recorder,
			Metrics: collectors, Pace: rate.NewLimiter(toldPerSecond, toldAtOnce),
			Workers: workersPerSlot * config.Concurrency, Now: config.Now,
		},
	}
}

// Setup adds the operator to a manager that was not started.
func Setup(ctx context.Context, manager ctrl.Manager, config Config) error {
	if config.Now == nil {
		config.Now = time.Now
	}
	if config.Metrics == nil {
		config.Metrics = runtimemetrics.Registry
	}
	if err := index.Add(ctx, manager.GetFieldIndexer()); err != nil {
		return err
	}
	recorder := events.New(events.Config{
		Writer: manager.GetClient(), Scheme: manager.GetScheme(), Controller: "conference-operator", Now: config.Now,
		Dropped: metrics.NewEvents(config.Metrics).Dropped, Log: manager.GetLogger().WithName("events"),
	})
	parts := Assemble(ctx, manager.GetClient(), manager.GetAPIReader(), recorder, config)
	return errors.Join(
		manager.Add(recorder),
		parts.Accounts.Setup(manager),
		parts.Rosters.Setup(manager),
		parts.Participants.Setup(manager),
	)
}

// dependents are who depends on an account.
type dependents struct {
	client       client.Reader
	participants *wake.Queue[reconcile.Request]
	rosters      *wake.Queue[gateway.Key]
}

// wake runs a pass over every participant and conference of an account.
func (d dependents) wake(ctx context.Context, account types.NamespacedName) error {
	found, err := index.OfAccount(ctx, d.client, account)
	if err != nil {
		return err
	}
	for i := range found {
		d.rosters.Wake(wake.Drift, 0, index.KeyOf(&found[i]))
		d.participants.Wake(wake.Drift, 0, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&found[i])})
	}
	return nil
}
