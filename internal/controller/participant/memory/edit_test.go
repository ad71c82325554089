package memory

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// in is a time so long after now.
func in(d time.Duration) time.Time { return now.Add(d) }

func TestObserve(t *testing.T) {
	first := func(reported bool) Edit {
		edit, _ := Edit{}.Observe(1, "", reported, in(-time.Minute))
		return edit
	}
	for _, c := range []struct {
		name        string
		before      Edit
		generation  int64
		requestedAt string
		reported    bool
		want        Phase
		change      Change
	}{
		{"first sight, reported by the process before", Edit{}, 1, "", true, Inherited, Change{New: true, First: true, Edited: true}},
		{"first sight, not reported", Edit{}, 1, "", false, Awaited, Change{New: true, First: true, Edited: true}},
		{"the same again", first(false), 1, "", false, Awaited, Change{}},
		{"the same, reported since", first(false), 1, "", true, Awaited, Change{}},
		{"the same, decided on", first(false).Judge(), 1, "", false, Judged, Change{}},
		{"the same, taken over", first(true).Reset(), 1, "", true, Unjudged, Change{}},
		{"another generation", first(true).Judge(), 2, "", false, Awaited, Change{New: true, Edited: true}},
		{"another generation that another process reported on", first(true), 2, "", true, Unjudged, Change{New: true, Edited: true}},
		{"a reconcile request", first(true).Judge(), 1, "today", false, Awaited, Change{New: true}},
		{"a reconcile request that another process has handled", first(true), 1, "today", true, Unjudged, Change{New: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, change := c.before.Observe(c.generation, c.requestedAt, c.reported, now)
			if got.phase != c.want || change != c.change {
				t.Errorf("phase %v, %+v; want %v, %+v", got.phase, change, c.want, c.change)
			}
			seen := in(-time.Minute)
			if change.New {
				seen = now
			}
			if !got.FirstSeen().Equal(seen) || got.RequestedAt() != c.requestedAt || got.generation != c.generation {
				t.Errorf("%+v is first seen at %s", got, got.FirstSeen())
			}
		})
	}
}

func TestPhases(t *testing.T) {
	planned := Backlog{}.Plan()
	for _, c := range []struct {
		phase                    Phase
		awaited, judged, settled bool
		priority                 int
	}{
		{Awaited, true, false, false, enqueue.PriorityEdit},
		{Unjudged, false, false, false, enqueue.PriorityDrift},
		{Inherited, false, false, true, enqueue.PriorityStartUp},
		{Judged, false, true, true, enqueue.PriorityDrift},
	} {
		edit := Edit{generation: 1, requestedAt: "today", firstSeen: now, phase: c.phase}
		if edit.Awaited() != c.awaited || edit.Judged() != c.judged || edit.Settled() != c.settled || edit.Priority(Backlog{}) != c.priority {
			t.Errorf("phase %v: awaited %v, judged %v, settled %v, priority %d",
				c.phase, edit.Awaited(), edit.Judged(), edit.Settled(), edit.Priority(Backlog{}))
		}
		if edit.Priority(planned) != enqueue.PriorityEdit {
			t.Errorf("phase %v: a planned update has priority %d", c.phase, edit.Priority(planned))
		}
		want := edit
		if want.phase = Judged; edit.Judge() != want {
			t.Errorf("phase %v: judged, %+v", c.phase, edit.Judge())
		}
		if want.phase = Unjudged; edit.Reset() != want {
			t.Errorf("phase %v: reset, %+v", c.phase, edit.Reset())
		}
	}
}

// FuzzEdit: whatever happens to an object, only an edit that a person waits for, or
// an update that is due, goes before others; and nothing but a new edit is waited
// for.
func FuzzEdit(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		random := rand.New(rand.NewPCG(seed, 1))
		memory, generation := Memory{}, int64(1)
		memory.Edit, _ = memory.Edit.Observe(generation, "", random.IntN(2) == 0, now)
		for range 20 {
			before, reported, isNew := memory.Edit, random.IntN(2) == 0, false
			switch random.IntN(8) {
			case 0:
				generation++
				fallthrough
			case 1:
				var change Change
				memory.Edit, change = memory.Edit.Observe(generation, "", reported, now)
				isNew = change.New
			case 2:
				memory.Edit = memory.Edit.Judge()
			case 3:
				memory = memory.ForAnotherAccount()
			case 4:
				memory = memory.Unsubscribed()
			case 5:
				memory = memory.Finished()
			case 6:
				memory.Backlog = memory.Backlog.Plan()
			case 7:
				memory.Backlog = memory.Backlog.Delay(Cause(random.IntN(4)), now)
			}
			edit := memory.Edit
			if first := edit.Priority(memory.Backlog) == enqueue.PriorityEdit; first != (edit.Awaited() || memory.Backlog.Planned()) {
				t.Errorf("%+v with %+v goes first: %v", edit, memory.Backlog, first)
			}
			if edit.Awaited() && !before.Awaited() && (!isNew || reported) {
				t.Errorf("%+v is awaited after %+v", edit, before)
			}
			if edit.phase == Inherited && before.phase != Inherited {
				t.Errorf("%+v is inherited after %+v", edit, before)
			}
		}
	})
}
