package sim

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/operator"
	"github.com/voiceops/conference-operator/internal/roster"
)

// queues are the workqueues in virtual time.
type queues struct {
	accounts, admission, participants, conferences *virtualQueue[reconcile.Request]

	rosters            *virtualQueue[roster.Key]
	rooms              *virtualQueue[directory.RoomKey]
	directories, calls *virtualQueue[types.NamespacedName]
}

func newQueues(now func() time.Time) queues {
	return queues{
		accounts: newVirtualQueue[reconcile.Request](now), admission: newVirtualQueue[reconcile.Request](now),
		participants: newVirtualQueue[reconcile.Request](now), conferences: newVirtualQueue[reconcile.Request](now),
		rosters: newVirtualQueue[roster.Key](now), rooms: newVirtualQueue[directory.RoomKey](now),
		directories: newVirtualQueue[types.NamespacedName](now), calls: newVirtualQueue[types.NamespacedName](now),
	}
}

// bind has the controllers use the queues.
func (q queues) bind(ctx context.Context, controllers operator.Controllers) error {
	return errors.Join(
		controllers.Accounts.Queue.Source().Start(ctx, q.accounts),
		controllers.Admission.Queue.Source().Start(ctx, q.admission),
		controllers.Participants.Queue.Source().Start(ctx, q.participants),
		controllers.Conferences.Queue.Source().Start(ctx, q.conferences),
		controllers.Rosters.Queue.Source().Start(ctx, q.rosters),
		controllers.Rooms.Rooms.Source().Start(ctx, q.rooms),
		controllers.Directories.Queue.Source().Start(ctx, q.directories),
		controllers.Callers.Queue.Source().Start(ctx, q.calls),
	)
}

// virtualQueue is controller-runtime's priority queue in virtual time. Of several
// additions of a key it keeps the earliest time and the highest priority, and it
// hands out no key that is being worked on. Of the keys that are ready the one of
// the highest priority comes first, then the one that was ready first, then the
// first by name; the real queue has the order of arrival in that last place, which
// within one instant of virtual time is a matter of chance.
type virtualQueue[K comparable] struct {
	// The methods that are not overridden are not used by anything here.
	priorityqueue.PriorityQueue[K]
	now     func() time.Time
	retries workqueue.TypedRateLimiter[K]

	mu    sync.Mutex
	items map[K]item
	busy  map[K]bool
}

// item says when a key is ready, and how urgent it is.
type item struct {
	at       time.Time
	priority int
}

func newVirtualQueue[K comparable](now func() time.Time) *virtualQueue[K] {
	return &virtualQueue[K]{
		now: now, items: map[K]item{}, busy: map[K]bool{},
		// The real queue's default.
		retries: workqueue.NewTypedItemExponentialFailureRateLimiter[K](5*time.Millisecond, 1000*time.Second),
	}
}

// Add adds a key of priority 0 that is ready.
func (q *virtualQueue[K]) Add(key K) { q.AddWithOpts(priorityqueue.AddOpts{}, key) }

// AddWithOpts adds keys.
func (q *virtualQueue[K]) AddWithOpts(options priorityqueue.AddOpts, keys ...K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.now()
	for _, key := range keys {
		after := options.After
		if options.RateLimited {
			if delay := q.retries.When(key); after == 0 || delay < after {
				after = delay
			}
		}
		added := item{at: now.Add(after), priority: ptr.Deref(options.Priority, 0)}
		if queued, ok := q.items[key]; ok {
			added = queued.merge(added, now)
		}
		q.items[key] = added
	}
}

// merge is what a key has in the queue that is added again.
func (i item) merge(added item, now time.Time) item {
	merged := i
	if added.at.Before(i.at) {
		merged.at = added.at
	}
	if added.priority > i.priority {
		merged.priority = added.priority
		if !merged.at.After(now) {
			// It goes behind the others of its new priority.
			merged.at = now
		}
	}
	return merged
}

// before reports whether an item that is ready is handed out before another, or
// their keys have to decide.
func (i item) before(other item) (before, equal bool) {
	if i.priority != other.priority {
		return i.priority > other.priority, false
	}
	return i.at.Before(other.at), i.at.Equal(other.at)
}

// GetWithPriority takes the first key that is ready, with its priority; without
// one it returns at once, as if the queue were shut down.
func (q *virtualQueue[K]) GetWithPriority() (key K, priority int, none bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now, first, found := q.now(), item{}, false
	for candidate, queued := range q.items {
		if q.busy[candidate] || queued.at.After(now) {
			continue
		}
		before, equal := queued.before(first)
		if !found || before || equal && fmt.Sprint(candidate) < fmt.Sprint(key) {
			key, first, found = candidate, queued, true
		}
	}
	if found {
		delete(q.items, key)
		q.busy[key] = true
	}
	return key, first.priority, !found
}

// nextAt is when the next key will be ready that is not yet, zero if there is none.
func (q *virtualQueue[K]) nextAt() (at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for key, queued := range q.items {
		if !q.busy[key] {
			at = earlier(at, queued.at)
		}
	}
	return at
}

// earlier is the earlier of two times, of which zero means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Done gives back a key that was worked on.
func (q *virtualQueue[K]) Done(key K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.busy, key)
}

// Forget ends the series of failures of a key.
func (q *virtualQueue[K]) Forget(key K) { q.retries.Forget(key) }

// run reconciles the first key that is ready, and requeues it as
// controller-runtime does; later is when the next will be ready if none is.
func run[K comparable](s *Sim, q *virtualQueue[K], reconcile func(context.Context, K) (reconcile.Result, error)) (ran bool, later time.Time) {
	key, priority, none := q.GetWithPriority()
	if none {
		return false, q.nextAt()
	}
	result, err := reconcile(logf.IntoContext(s.t.Context(), s.record.logger()), key)
	q.Done(key)
	s.requestMu.Lock()
	crashed := s.crashed()
	s.requestMu.Unlock()
	if crashed {
		s.Restart()
		return true, later
	}
	priority = ptr.Deref(result.Priority, priority)
	switch {
	case err != nil:
		s.Errors++
		s.record.note("error", err.Error())
		q.AddWithOpts(priorityqueue.AddOpts{RateLimited: true, Priority: &priority}, key)
	case result.RequeueAfter > 0:
		q.Forget(key)
		q.AddWithOpts(priorityqueue.AddOpts{After: result.RequeueAfter, Priority: &priority}, key)
	default:
		q.Forget(key)
	}
	return true, later
}
