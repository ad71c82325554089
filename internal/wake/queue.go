// Package wake lets one controller put work straight onto another's queue: a
// list that shows a difference wakes the participant it is about, and nobody
// else.
package wake

import (
	"context"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

// The priorities of work: a person's edit goes before drift, drift before what
// a start-up has to look through. Watch events of new and changed objects have
// Edit, those of the initial list have StartUp, as controller-runtime sets them.
const (
	// Edit is a change of a spec, and everything it waits for.
	Edit = 0
	// Drift is a difference that a list has shown.
	Drift = -50
	// StartUp is the first look at an object that was there before.
	StartUp = -100
)

// Queue is the queue of a controller, seen by the others. The zero value is
// ready to use: what is woken before the controller starts waits for it.
type Queue[K comparable] struct {
	mu      sync.Mutex
	queue   priorityqueue.PriorityQueue[K]
	waiting []call[K]
}

type call[K comparable] struct {
	options priorityqueue.AddOpts
	keys    []K
}

// Source returns the source that hands the controller's queue over.
func (q *Queue[K]) Source() source.TypedSource[K] {
	return source.TypedFunc[K](func(_ context.Context, queue workqueue.TypedRateLimitingInterface[K]) error {
		q.capture(queue)
		return nil
	})
}

func (q *Queue[K]) capture(queue workqueue.TypedRateLimitingInterface[K]) {
	q.mu.Lock()
	defer q.mu.Unlock()
	// The manager's controllers all use the priority queue, the default.
	q.queue = queue.(priorityqueue.PriorityQueue[K])
	for _, early := range q.waiting {
		q.queue.AddWithOpts(early.options, early.keys...)
	}
	q.waiting = nil
}

// Wake runs a pass over each key, at once or after a while. A queue keeps the
// earliest of several times and the highest of several priorities.
func (q *Queue[K]) Wake(priority int, after time.Duration, keys ...K) {
	if len(keys) == 0 {
		return
	}
	added := call[K]{options: priorityqueue.AddOpts{Priority: &priority, After: max(after, 0)}, keys: keys}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.queue == nil {
		q.waiting = append(q.waiting, added)
		return
	}
	q.queue.AddWithOpts(added.options, added.keys...)
}
