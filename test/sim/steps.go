package sim

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Advance moves the clock and runs nothing.
func (s *Sim) Advance(d time.Duration) {
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.now = s.clock.now.Add(d)
}

// StepWithContext runs one reconcile of a participant and one of a conference, if any
// is due, the first with a context of its own.
func (s *Sim) StepWithContext(ctx context.Context) {
	run(s, s.queues.participants, func(_ context.Context, request reconcile.Request) (reconcile.Result, error) {
		return s.Controllers.Participants.Reconcile(logf.IntoContext(ctx, s.record.logger()), request)
	})
	run(s, s.queues.rosters, s.Controllers.Rosters.Reconcile)
}

// RunUntilIdle runs everything that is due now, until nothing is.
func (s *Sim) RunUntilIdle() {
	s.t.Helper()
	for range 10_000 {
		if _, ran := s.Step(); !ran {
			return
		}
	}
	s.t.Fatal("the operator does not come to rest: a hot loop")
}

// Step runs one reconcile of each controller that is due; later is when the next is.
func (s *Sim) Step() (later time.Time, ran bool) {
	accounts, a := run(s, s.queues.accounts, s.Controllers.Accounts.Reconcile)
	participants, p := run(s, s.queues.participants, s.Controllers.Participants.Reconcile)
	rosters, r := run(s, s.queues.rosters, s.Controllers.Rosters.Reconcile)
	for _, at := range []time.Time{a, p, r} {
		if later.IsZero() || !at.IsZero() && at.Before(later) {
			later = at
		}
	}
	ran = accounts || participants || rosters
	if s.second != nil {
		at, also := s.second.Step()
		if later.IsZero() || !at.IsZero() && at.Before(later) {
			later = at
		}
		ran = ran || also
	}
	return later, ran
}

// Elapse lets time go by, and runs everything in it when it is due.
func (s *Sim) Elapse(d time.Duration) {
	s.t.Helper()
	end := s.Now().Add(d)
	for {
		s.RunUntilIdle()
		later, _ := s.Step()
		if later.IsZero() || later.After(end) {
			later = end
		}
		s.Advance(later.Sub(s.Now()))
		if !later.Before(end) {
			s.RunUntilIdle()
			return
		}
	}
}
