package backoff

import (
	"testing"
	"time"
)

func TestSchedules(t *testing.T) {
	const s, m = time.Second, time.Minute
	for _, c := range []struct {
		name     string
		schedule Schedule
		// waits after the first, second, … failure; -1 is no more tries.
		waits []time.Duration
	}{
		{"Request", Request, []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, m, m}},
		{"Probe", Probe, []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 32 * s, m, m}},
		{"Doubt", Doubt, []time.Duration{5 * s, 10 * s, 20 * s, 30 * s, 30 * s}},
		{"List", List, []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s}},
		{"RefusedList", RefusedList, []time.Duration{10 * s, m, 5 * m, 5 * m}},
		{"Conference", Conference, []time.Duration{5 * s, 10 * s, 20 * s, 40 * s, m, m}},
		{"Call", Call, []time.Duration{s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s}},
		{"Refusal", Refusal, []time.Duration{10 * s, m, 5 * m, 15 * m, 15 * m}},
		{"Denial", Denial, []time.Duration{10 * s, m, 5 * m, -1, -1}},
		{"Coachee", Coachee, []time.Duration{s, 2 * s, 4 * s, 8 * s, 15 * s, 15 * s}},
		{"Unconfirmed", Unconfirmed, []time.Duration{0, 0, 30 * s, m, 2 * m, 4 * m, 5 * m, 5 * m}},
		{"Contest", Contest, []time.Duration{10 * s, 20 * s, 40 * s, 80 * s, 160 * s, 5 * m, 5 * m}},
	} {
		longest := time.Duration(0)
		for i, want := range c.waits {
			wait, again := c.schedule.After(i + 1)
			longest = max(longest, want)
			switch shortest := want; {
			case again != (want >= 0):
				t.Errorf("%s after %d failures: again is %v", c.name, i+1, again)
			case want < 0:
			case c.schedule.row().jitter:
				shortest = want * 3 / 4
				fallthrough
			default:
				if wait > want || wait < shortest {
					t.Errorf("%s after %d failures: %s, want %s to %s", c.name, i+1, wait, shortest, want)
				}
			}
		}
		if got := c.schedule.Longest(); got != longest {
			t.Errorf("%s: the longest wait is %s, want %s", c.name, got, longest)
		}
	}
}

func TestStateKeepsTheTimeOfTheNextTry(t *testing.T) {
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	var state State
	if state.Waiting(now) {
		t.Error("the zero state waits")
	}
	for _, want := range []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute, 5 * time.Minute} {
		state = state.Fail(Denial, now)
		if got := state.NotBefore.Sub(now); got != want || !state.Waiting(now) || state.Waiting(now.Add(want)) {
			t.Errorf("after %d failures the next try is due in %s, want %s", state.Failures, got, want)
		}
	}
}

func TestR7ASearchSlowsDownFromOneToFifteenSeconds(t *testing.T) {
	for waited, want := range map[time.Duration]time.Duration{
		0: time.Second, 8 * time.Second: 2 * time.Second, time.Hour: 15 * time.Second,
	} {
		if got := Search(waited); got != want {
			t.Errorf("after %s: %s, want %s", waited, got, want)
		}
	}
}

func TestR7ARingingParticipantIsLookedForOften(t *testing.T) {
	for rung, want := range map[time.Duration]time.Duration{
		-time.Second: 4 * time.Second, 0: 4 * time.Second, 14 * time.Minute: 4 * time.Second, 15 * time.Minute: time.Minute,
	} {
		if got := Ringing(rung); got != want {
			t.Errorf("after %s: %s, want %s", rung, got, want)
		}
	}
}
