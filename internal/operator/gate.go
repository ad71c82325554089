package operator

import (
	"context"
	"sync/atomic"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conference"
)

// gate leads to the cache of the Conferences once there is one. The zero value is closed.
type gate struct{ cache atomic.Pointer[client.Reader] }

// open has Conferences read from a cache that has them.
func (g *gate) open(cache client.Reader) { g.cache.Store(&cache) }

// gatedClient reads Conferences from a cache of their own, once there is one (R29): the
// manager's would block if it were asked for a kind which is not served, or which it may
// not list. Until then the error is that of a kind which is not served.
type gatedClient struct {
	client.Client

	gate *gate
}

// Get reads an object.
func (c gatedClient) Get(ctx context.Context, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
	if _, gated := object.(*v1alpha1.Conference); !gated {
		return c.Client.Get(ctx, key, object, options...)
	}
	if cache := c.gate.cache.Load(); cache != nil {
		return (*cache).Get(ctx, key, object, options...)
	}
	return notServed()
}

// List reads objects.
func (c gatedClient) List(ctx context.Context, objects client.ObjectList, options ...client.ListOption) error {
	if _, gated := objects.(*v1alpha1.ConferenceList); !gated {
		return c.Client.List(ctx, objects, options...)
	}
	if cache := c.gate.cache.Load(); cache != nil {
		return (*cache).List(ctx, objects, options...)
	}
	return notServed()
}

// notServed is the error of a RESTMapper that does not know the kind.
func notServed() error {
	kind := v1alpha1.GroupVersion.WithKind(conference.Kind)
	return &meta.NoKindMatchError{GroupKind: kind.GroupKind(), SearchedVersions: []string{kind.Version}}
}
