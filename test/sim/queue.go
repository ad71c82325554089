package sim

import (
	"context"
	"fmt"
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/gateway"
)

// queues are the three workqueues in virtual time.
type queues struct {
	accounts, participants *virtualQueue[reconcile.Request]
	rosters                *virtualQueue[gateway.Key]
}

// virtualQueue stands in for a workqueue: it keeps the earliest time of a key,
// and hands out none that is being worked on.
type virtualQueue[K comparable] struct {
	priorityqueue.PriorityQueue[K]
	sim  *Sim
	mu   sync.Mutex
	due  map[K]time.Time
	busy map[K]bool
}

func newVirtualQueue[K comparable](s *Sim) *virtualQueue[K] {
	return &virtualQueue[K]{sim: s, due: map[K]time.Time{}, busy: map[K]bool{}}
}

// AddWithOpts notes keys and when they are due.
func (q *virtualQueue[K]) AddWithOpts(options priorityqueue.AddOpts, keys ...K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, key := range keys {
		at := q.sim.Now().Add(options.After)
		if noted, ok := q.due[key]; !ok || at.Before(noted) {
			q.due[key] = at
		}
	}
}

// next takes the key that is due first, or else says when that will be.
func (q *virtualQueue[K]) next() (key K, ok bool, later time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for candidate, at := range q.due {
		if q.busy[candidate] {
			continue
		}
		if later.IsZero() || at.Before(later) || at.Equal(later) && fmt.Sprint(candidate) < fmt.Sprint(key) {
			key, later = candidate, at
		}
	}
	if later.IsZero() || later.After(q.sim.Now()) {
		return key, false, later
	}
	delete(q.due, key)
	q.busy[key] = true
	return key, true, time.Time{}
}

// Done gives back a key that was worked on.
func (q *virtualQueue[K]) Done(key K) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.busy, key)
}

// run runs what is due and says whether there was anything.
func run[K comparable](s *Sim, q *virtualQueue[K], reconcile func(context.Context, K) (reconcile.Result, error)) (ran bool, later time.Time) {
	key, ok, later := q.next()
	if !ok {
		return false, later
	}
	result, err := reconcile(logf.IntoContext(s.t.Context(), s.record.logger()), key)
	q.Done(key)
	s.requestMu.Lock()
	died := s.crashed()
	s.requestMu.Unlock()
	if died {
		s.Restart()
		return true, later
	}
	switch {
	case err != nil:
		s.Errors++
		s.record.note("error", err.Error())
		q.AddWithOpts(priorityqueue.AddOpts{After: time.Second}, key)
	case result.RequeueAfter > 0:
		q.AddWithOpts(priorityqueue.AddOpts{After: result.RequeueAfter}, key)
	}
	return true, later
}
