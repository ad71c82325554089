package sim

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Advance moves the clock and runs nothing.
func (s *Sim) Advance(d time.Duration) {
	if s.ear != nil {
		s.ear.moment(s.Now().Add(d))
	}
	s.clock.mu.Lock()
	defer s.clock.mu.Unlock()
	s.clock.now = s.clock.now.Add(d)
}

// Step runs one reconcile of each controller that has one ready; later is when
// the next will be, and ran says whether there was any.
func (s *Sim) Step() (later time.Time, ran bool) {
	accounts, a := run(s, s.queues.accounts, s.Controllers.Accounts.Reconcile)
	admission, t := run(s, s.queues.admission, s.Controllers.Admission.Reconcile)
	participants, p := run(s, s.queues.participants, s.Controllers.Participants.Reconcile)
	rosters, r := run(s, s.queues.rosters, s.Controllers.Rosters.Reconcile)
	directories, d := run(s, s.queues.directories, s.Controllers.Directories.Reconcile)
	calls, c := run(s, s.queues.calls, s.Controllers.Callers.Reconcile)
	governed, g := s.stepRooms()
	later = earlier(earlier(earlier(a, t), earlier(p, r)), earlier(earlier(d, c), g))
	ran = accounts || admission || participants || rosters || directories || calls || governed
	if s.second != nil {
		at, also := s.second.Step()
		later, ran = earlier(later, at), ran || also
	}
	return later, ran
}

// stepRooms runs one reconcile of a Conference and one of a room, unless their queues are
// left to the test.
func (s *Sim) stepRooms() (ran bool, later time.Time) {
	if s.RoomsHeld {
		return false, time.Time{}
	}
	conferences, c := run(s, s.queues.conferences, s.Controllers.Conferences.Reconcile)
	rooms, r := run(s, s.queues.rooms, s.Controllers.Rooms.Reconcile)
	return conferences || rooms, earlier(c, r)
}

// StepWithContext runs one reconcile of a participant, with a context of its own,
// and one of a conference, if any is ready.
func (s *Sim) StepWithContext(ctx context.Context) {
	run(s, s.queues.participants, func(_ context.Context, request reconcile.Request) (reconcile.Result, error) {
		return s.Controllers.Participants.Reconcile(logf.IntoContext(ctx, s.record.logger()), request)
	})
	run(s, s.queues.rosters, s.Controllers.Rosters.Reconcile)
}

// RunUntilIdle runs everything that is ready, until nothing is. The clock stands
// still.
func (s *Sim) RunUntilIdle() {
	s.t.Helper()
	for range 10_000 {
		if _, ran := s.Step(); !ran {
			return
		}
	}
	s.t.Fatal("the operator does not become idle: a hot loop")
}

// Elapse lets time go by, and runs everything that becomes ready in it.
func (s *Sim) Elapse(d time.Duration) {
	s.t.Helper()
	end := s.Now().Add(d)
	for {
		s.RunUntilIdle()
		later, _ := s.Step()
		if later.IsZero() || later.After(end) {
			later = end
		}
		// A test may have moved the clock at a boundary.
		s.Advance(max(later.Sub(s.Now()), 0))
		if !later.Before(end) {
			s.RunUntilIdle()
			return
		}
	}
}
