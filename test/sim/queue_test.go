package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// manual is a clock for queues alone.
type manual struct{ time.Time }

func (m *manual) now() time.Time { return m.Time }

func newManual() *manual { return &manual{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)} }

func wantOrder(t *testing.T, q *virtualQueue[string], want ...string) {
	t.Helper()
	for i, key := range want {
		if got, _, none := q.GetWithPriority(); none || got != key {
			t.Fatalf("%d: got %q (none: %v), want %q", i, got, none, key)
		}
	}
	if got, _, none := q.GetWithPriority(); !none {
		t.Fatalf("%q is left", got)
	}
}

// TestTheQueueHasTheOrderOfTheRealOne adds the same keys to both, with priorities
// by chance, some of them again and again.
func TestTheQueueHasTheOrderOfTheRealOne(t *testing.T) {
	for seed := range uint64(50) {
		chance, clock := rand.New(rand.NewPCG(seed, seed)), newManual()
		virtual, real := newVirtualQueue[string](clock.now), priorityqueue.New[string]("test")
		keys := map[string]bool{}
		for range 40 {
			clock.Time = clock.Add(time.Millisecond)
			key, priority := fmt.Sprint(chance.IntN(20)), chance.IntN(3)*50-100
			virtual.AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, key)
			real.AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, key)
			keys[key] = true
		}
		for i := range len(keys) {
			got, priority, _ := virtual.GetWithPriority()
			if want, p, _ := real.GetWithPriority(); got != want || priority != p {
				t.Errorf("seed %d, key %d: got %s with %d, want %s with %d", seed, i, got, priority, want, p)
			}
		}
		real.ShutDown()
	}
}

func TestTheQueueKeepsTheEarliestTimeAndTheHighestPriority(t *testing.T) {
	clock := newManual()
	q := newVirtualQueue[string](clock.now)
	q.AddWithOpts(priorityqueue.AddOpts{After: time.Minute, Priority: new(5)}, "a")
	q.AddWithOpts(priorityqueue.AddOpts{After: time.Second, Priority: new(-5)}, "a")
	q.AddWithOpts(priorityqueue.AddOpts{After: time.Hour}, "a")
	q.AddWithOpts(priorityqueue.AddOpts{After: time.Second}, "b")
	if later := q.nextAt(); !later.Equal(clock.Add(time.Second)) {
		t.Errorf("ready at %s", later)
	}
	wantOrder(t, q)
	clock.Time = clock.Add(time.Second)
	wantOrder(t, q, "a", "b")
}

func TestTheQueueHandsOutNothingTwiceAtOnce(t *testing.T) {
	q := newVirtualQueue[string](newManual().now)
	q.Add("a")
	wantOrder(t, q, "a")
	q.Add("a")
	wantOrder(t, q)
	q.Done("a")
	wantOrder(t, q, "a")
}

func TestARequeueKeepsThePriority(t *testing.T) {
	for name, c := range map[string]struct {
		result reconcile.Result
		err    error
		want   int
	}{
		"after a while":                {reconcile.Result{RequeueAfter: time.Second}, nil, -50},
		"after an error":               {reconcile.Result{}, errors.New("failed"), -50},
		"with another, after a while":  {reconcile.Result{RequeueAfter: time.Second, Priority: new(7)}, nil, 7},
		"with another, after an error": {reconcile.Result{Priority: new(7)}, errors.New("failed"), 7},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(t)
			q := newVirtualQueue[string](s.Now)
			q.AddWithOpts(priorityqueue.AddOpts{Priority: new(-50)}, "a")
			ran, _ := run(s, q, func(context.Context, string) (reconcile.Result, error) { return c.result, c.err })
			if got := q.items["a"]; !ran || got.priority != c.want || !got.at.After(s.Now()) {
				t.Errorf("ran %v, requeued as %+v, want priority %d", ran, got, c.want)
			}
		})
	}
}

// TestErrorsBackOff has the same key fail again and again, then succeed.
func TestErrorsBackOff(t *testing.T) {
	s := New(t)
	q := newVirtualQueue[string](s.Now)
	failing := errors.New("failed")
	reconciled := func(context.Context, string) (reconcile.Result, error) { return reconcile.Result{}, failing }
	q.Add("a")
	for _, want := range []time.Duration{5, 10, 20, 40} {
		run(s, q, reconciled)
		if got := q.items["a"].at.Sub(s.Now()); got != want*time.Millisecond {
			t.Errorf("again after %s, want %d ms", got, want)
		}
		s.Advance(want * time.Millisecond)
	}
	failing = nil
	run(s, q, reconciled)
	if len(q.items) != 0 || q.retries.NumRequeues("a") != 0 {
		t.Errorf("%d keys are queued, %d failures are remembered", len(q.items), q.retries.NumRequeues("a"))
	}
}
