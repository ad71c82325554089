package status

import (
	"context"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Writer writes the status of one kind of object.
type Writer[T client.Object] struct {
	// Client writes.
	Client client.Client
	// Live reads past the cache.
	Live client.Reader
	// New returns an empty object.
	New func() T
	// Resource names the kind in errors.
	Resource schema.GroupResource
}

// Write stores the status of after, with the version of before, which it was
// computed from. On a conflict the live object is read, and what merge makes of it
// is written instead, once; another object of the same name is not found. It
// returns what was written.
func (w Writer[T]) Write(ctx context.Context, before, after T, merge func(live T) T) (written T, err error) {
	if err := w.Patch(ctx, before, after); !apierrors.IsConflict(err) {
		return after, err
	}
	live := w.New()
	if err := w.Live.Get(ctx, client.ObjectKeyFromObject(before), live); err != nil {
		return after, err
	}
	if live.GetUID() != before.GetUID() {
		return after, apierrors.NewNotFound(w.Resource, before.GetName())
	}
	merged := merge(live)
	return merged, w.Patch(ctx, live, merged)
}

// Patch stores the status of after, if before is still the newest version.
func (w Writer[T]) Patch(ctx context.Context, before, after T) error {
	return w.Client.Status().Patch(ctx, after, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}
