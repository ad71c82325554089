// Package enqueue lets one controller put requests straight onto another's
// workqueue: a list that shows a difference enqueues the participant it is about,
// and no other.
package enqueue

import (
	"context"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// The priorities of requests: a person's edit goes before drift, drift before
// what a start-up has to go through. Watch events of new and changed objects have
// PriorityEdit, those of the initial list have PriorityStartUp, as
// controller-runtime sets them.
const (
	// PriorityEdit is a change of a spec, and everything it waits for.
	PriorityEdit = 0
	// PriorityDrift is a difference that a list has shown.
	PriorityDrift = handler.LowPriority / 2
	// PriorityStartUp is the first reconcile of an object that was there before.
	PriorityStartUp = handler.LowPriority
)

// InCrowd is the priority of a request that so many others of its conference are
// waiting with: a crowd yields to the edit of a quiet conference, and never falls
// behind drift.
func InCrowd(priority, others int) int { return priority - min(others/8, 40) }

// Queue is the workqueue of a controller, for use by the others. The zero value
// is ready to use: what is enqueued before the controller starts waits for it.
type Queue[K comparable] struct {
	mu      sync.Mutex
	queue   priorityqueue.PriorityQueue[K]
	pending []pendingAdd[K]
}

// pendingAdd is what was enqueued before the controller has started.
type pendingAdd[K comparable] struct {
	options priorityqueue.AddOpts
	keys    []K
}

// Source returns the source that binds the controller's workqueue.
func (q *Queue[K]) Source() source.TypedSource[K] {
	return source.TypedFunc[K](func(_ context.Context, queue workqueue.TypedRateLimitingInterface[K]) error {
		q.bind(queue)
		return nil
	})
}

func (q *Queue[K]) bind(queue workqueue.TypedRateLimitingInterface[K]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	// The manager's controllers all use the priority queue, the default.
	q.queue = queue.(priorityqueue.PriorityQueue[K])
	for _, early := range q.pending {
		q.queue.AddWithOpts(early.options, early.keys...)
	}
	q.pending = nil
}

// Enqueue has each key reconciled, at once or after a while. The workqueue keeps
// the earliest of several times and the highest of several priorities.
func (q *Queue[K]) Enqueue(priority int, after time.Duration, keys ...K) {
	if len(keys) == 0 {
		return
	}
	added := pendingAdd[K]{options: priorityqueue.AddOpts{Priority: &priority, After: max(after, 0)}, keys: keys}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.queue == nil {
		q.pending = append(q.pending, added)
		return
	}
	q.queue.AddWithOpts(added.options, added.keys...)
}
