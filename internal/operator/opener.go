package operator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-logr/logr"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
)

// servedEvery is how often the API server is asked whether it serves Conferences while it
// does not.
const servedEvery = 10 * time.Second

// opener begins to manage Conferences once the API server serves them and the operator may
// list and watch them (R29). Until then it asks again and again, and logs one line.
type opener struct {
	gate *gate
	// live asks the API server itself.
	live client.WithWatch
	// newCache makes the cache of Conferences, which can't be made before they are served;
	// begin adds what reads them to the manager.
	newCache func() (cache.Cache, error)
	begin    func(cache.Cache) error
	// namespaces are those that are watched.
	namespaces []string
	log        logr.Logger
}

// newOpener returns an opener for a manager.
func newOpener(mgr ctrl.Manager, g *gate, config Config, begin func(cache.Cache) error) (*opener, error) {
	live, err := client.NewWithWatch(mgr.GetConfig(), client.Options{
		HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper(),
	})
	if err != nil {
		return nil, fmt.Errorf("make a client that can watch: %w", err)
	}
	namespaces := config.Namespaces
	if len(namespaces) == 0 {
		namespaces = []string{metav1.NamespaceAll}
	}
	within := map[string]cache.Config{}
	for _, namespace := range namespaces {
		within[namespace] = cache.Config{}
	}
	return &opener{
		gate: g, live: live, namespaces: namespaces, begin: begin, log: mgr.GetLogger().WithName("conferences"),
		newCache: func() (cache.Cache, error) {
			return cache.New(mgr.GetConfig(), cache.Options{
				HTTPClient: mgr.GetHTTPClient(), Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper(),
				DefaultNamespaces: within, DefaultLabelSelector: config.Selector, DefaultTransform: stripConference,
			})
		},
	}, nil
}

// NeedLeaderElection has replicas that don't lead fill their caches, too.
func (o *opener) NeedLeaderElection() bool { return false }

// Start waits until Conferences are served, fills their cache, begins, and keeps the cache
// until the manager stops.
func (o *opener) Start(ctx context.Context) error {
	conferences := o.await(ctx)
	if conferences == nil {
		return nil
	}
	ended := make(chan error, 1)
	go func() { ended <- conferences.Start(ctx) }()
	if conferences.WaitForCacheSync(ctx) {
		o.gate.open(conferences)
		if err := o.begin(conferences); err != nil && ctx.Err() == nil {
			return fmt.Errorf("begin to manage Conferences: %w", err)
		}
	}
	return <-ended
}

// await returns the cache of Conferences once it can be filled; nil if the manager stops
// before. One line says that they are missing, and another one that they are there.
func (o *opener) await(ctx context.Context) (found cache.Cache) {
	missing := false
	// It ends with success or with the context.
	_ = wait.PollUntilContextCancel(ctx, servedEvery, true, func(ctx context.Context) (_ bool, _ error) {
		err := o.probe(ctx)
		if err == nil {
			found, err = o.cacheOf(ctx)
		}
		if err != nil && !missing && ctx.Err() == nil {
			missing = true
			o.log.Info("Conferences are not managed, and everything else is: their CRD or the right to them is missing", "cause", err.Error())
		}
		return err == nil, nil
	})
	if missing && found != nil {
		o.log.Info("Conferences are managed from now on")
	}
	return found
}

// probe lists and watches Conferences as the cache will, which must not begin in vain: an
// informer never stops to try, and logs each failure.
func (o *opener) probe(ctx context.Context) error {
	for _, namespace := range o.namespaces {
		within := client.InNamespace(namespace)
		if err := o.live.List(ctx, &v1alpha1.ConferenceList{}, within, client.Limit(1)); err != nil {
			return err
		}
		watching, err := o.live.Watch(ctx, &v1alpha1.ConferenceList{}, within)
		if err != nil {
			return err
		}
		watching.Stop()
	}
	return nil
}

// cacheOf returns a cache that will be filled with Conferences when it is started.
func (o *opener) cacheOf(ctx context.Context) (cache.Cache, error) {
	conferences, err := o.newCache()
	if err != nil {
		return nil, err
	}
	// An index needs an informer, so that this begins one.
	if err := index.AddConferences(ctx, conferences); err != nil {
		return nil, err
	}
	return conferences, nil
}

// begin adds the controllers of Conferences and rooms to a manager, which was started.
func (c *Controllers) begin(mgr ctrl.Manager, conferences cache.Cache) error {
	return errors.Join(
		c.Rooms.SetupWithManager(mgr),
		c.Conferences.SetupWithManager(mgr, conferences, c.Rooms.ParticipantHandler()),
	)
}
