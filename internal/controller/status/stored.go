package status

import (
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Stored is the status of type S that this process wrote last to an object, kept
// while the cache may be behind it: no reconcile acts on its own past (R14). The
// zero value is none.
//
// The cache's own read-your-writes option is no substitute: it blocks each read
// until the informer has caught up, lists wait for all pending writes of the kind,
// and it does not work with several watched namespaces.
type Stored[S any] struct{ written *written[S] }

// written is what was written, at which version.
type written[S any] struct {
	status          *S
	finalizers      []string
	resourceVersion string
}

// Store returns what was just written to an object.
func Store[S any](object client.Object, status *S) Stored[S] {
	return Stored[S]{&written[S]{status, object.GetFinalizers(), object.GetResourceVersion()}}
}

// Unseen returns what is to be kept where the cache has a version: nothing that it
// has seen.
func (s Stored[S]) Unseen(cached string) Stored[S] {
	if s.written == nil || cached == "" {
		return s
	}
	order, err := resourceversion.CompareResourceVersion(s.written.resourceVersion, cached)
	if err != nil || order <= 0 {
		return Stored[S]{}
	}
	return s
}

// Seen reports whether the cache has seen all that was written.
func (s Stored[S]) Seen() bool { return s.written == nil }

// Overlay puts what was stored over an object from the cache that has not seen it
// yet, its status included, and returns what is to be kept: nothing that the cache
// has seen. The status must not be changed afterwards.
func (s Stored[S]) Overlay(object client.Object, status *S) Stored[S] {
	unseen := s.Unseen(object.GetResourceVersion())
	if w := unseen.written; w != nil {
		*status = *w.status
		object.SetFinalizers(w.finalizers)
		object.SetResourceVersion(w.resourceVersion)
	}
	return unseen
}
