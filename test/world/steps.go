package world

import (
	"context"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Advance moves the clock and runs nothing.
func (w *World) Advance(d time.Duration) {
	w.clock.mu.Lock()
	defer w.clock.mu.Unlock()
	w.clock.now = w.clock.now.Add(d)
}

// StepUnder runs one pass over a participant and one over a conference, if any
// is due, the first under a context of its own.
func (w *World) StepUnder(ctx context.Context) {
	run(w, w.queues.participants, func(_ context.Context, request reconcile.Request) (reconcile.Result, error) {
		return w.Controllers.Participants.Reconcile(logf.IntoContext(ctx, w.record.logger()), request)
	})
	run(w, w.queues.rosters, w.Controllers.Rosters.Reconcile)
}

// Settle runs everything that is due now, until nothing is.
func (w *World) Settle() {
	w.Helper()
	for range 10_000 {
		if _, ran := w.Step(); !ran {
			return
		}
	}
	w.Fatal("the operator does not come to rest: a hot loop")
}

// Step runs one pass of each controller that is due; later is when the next is.
func (w *World) Step() (later time.Time, ran bool) {
	accounts, a := run(w, w.queues.accounts, w.Controllers.Accounts.Reconcile)
	participants, p := run(w, w.queues.participants, w.Controllers.Participants.Reconcile)
	rosters, r := run(w, w.queues.rosters, w.Controllers.Rosters.Reconcile)
	for _, at := range []time.Time{a, p, r} {
		if later.IsZero() || !at.IsZero() && at.Before(later) {
			later = at
		}
	}
	ran = accounts || participants || rosters
	if w.twin != nil {
		at, also := w.twin.Step()
		if later.IsZero() || !at.IsZero() && at.Before(later) {
			later = at
		}
		ran = ran || also
	}
	return later, ran
}

// Pass lets time go by, and runs everything in it when it is due.
func (w *World) Pass(d time.Duration) {
	w.Helper()
	end := w.Now().Add(d)
	for {
		w.Settle()
		later, _ := w.Step()
		if later.IsZero() || later.After(end) {
			later = end
		}
		w.Advance(later.Sub(w.Now()))
		if !later.Before(end) {
			w.Settle()
			return
		}
	}
}
