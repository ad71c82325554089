package memory

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/roster"
)

// observed is an observation that was sent and responded to so long after now.
func observed(sent, responded time.Duration) roster.Observation {
	return roster.Observation{Present: true, ObservedAt: in(sent), RespondedAt: in(responded)}
}

func absent(o roster.Observation) roster.Observation {
	o.Present = false
	return o
}

func TestR2Accepts(t *testing.T) {
	const s = time.Second
	look := NewLook(in(-time.Minute))
	requested := look.Request(in(-10 * s))
	for _, c := range []struct {
		name                  string
		look                  Look
		seen                  roster.Observation
		any, fresh, requested bool
	}{
		{"none so far", look, roster.Observation{}, false, false, false},
		{"an hour old", look, observed(-time.Hour, -time.Hour), true, false, false},
		{"sent a second ago", look, observed(-s, -s/2), true, true, false},
		{"sent more than a second ago", look, observed(-s-1, -s/2), true, false, false},
		{"sent now", look, observed(0, 0), true, true, false},

		{"requested, not sent since", requested, observed(-10*s-1, -9*s), true, false, false},
		{"requested, and fresh, but sent before", look.Request(now), observed(-1, 0), true, true, false},
		{"sent when it was requested", requested, observed(-10*s, -s), true, true, true},
		{"requested, responded to a second ago", requested, observed(-9*s, -s), true, true, true},
		{"requested, responded to more than a second ago", requested, observed(-9*s, -s-1), true, false, false},
		{"requested twice: the first request stands", requested.Request(in(-s)), observed(-9*s, -s), true, true, true},
		{"requested, and served", requested.Cancel(), observed(-9*s, -s), true, false, false},

		{"sent before our update", look.VoidBefore(in(-s)), observed(-s-1, 0), false, false, false},
		{"sent with our update", look.VoidBefore(in(-s)), observed(-s, 0), true, true, false},
		{"sent up to an unknown outcome", look.VoidUntil(in(-s / 2)), observed(-s/2, 0), false, false, false},
		{"sent after an unknown outcome", look.VoidUntil(in(-s / 2)), observed(-s/2+1, 0), true, true, false},
		{"an earlier update voids no more", look.VoidUntil(in(-s)).VoidBefore(in(-time.Hour)), observed(-s, 0), false, false, false},

		{"an absence from before the object", look, absent(observed(-time.Minute-1, 0)), false, false, false},
		{"an absence since the object", look, absent(observed(-time.Minute, 0)), true, false, false},
		{"a presence from before the object", look, observed(-time.Hour, 0), true, false, false},
		{"an absence, fresh", look, absent(observed(-s, 0)), true, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for need, want := range map[Need]bool{Any: c.any, Fresh: c.fresh, Requested: c.requested} {
				if got := c.look.Accepts(c.seen, need, now); got != want {
					t.Errorf("need %v: accepted %v, want %v", need, got, want)
				}
			}
		})
	}
}

func TestR2R17Current(t *testing.T) {
	for age, want := range map[time.Duration]bool{0: true, time.Second: true, time.Second + 1: false} {
		if got := Current(observed(-time.Hour, -age), now); got != want {
			t.Errorf("a response of %s ago is current: %v", age, got)
		}
	}
	if by := RenewBy(observed(-time.Second/2, 0)); !by.Equal(in(time.Second / 2)) {
		t.Errorf("renewed by %s, want a second after it was sent", by)
	}
}

// FuzzLookAccepts: whatever was requested and made void before, no observation is
// accepted that could be older than what is known, or than R2 allows.
func FuzzLookAccepts(f *testing.F) {
	const s = int64(time.Second)
	for _, seed := range [][7]int64{
		{}, {s, s / 2, 0, 0, 0, s, 1}, {s + 1, s, 2 * s, 0, 0, 1, 1}, {9 * s, s, 9 * s, 9 * s, 60 * s, 0, 3}, {2 * s, s, 0, s, s, s, 7}, {s, 0, 0, s, 0, 0, 15},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3], seed[4], seed[5], uint8(seed[6]))
	}
	f.Fuzz(func(t *testing.T, sent, took, requested, void, firstSeen, later int64, flags uint8) {
		before := func(d int64) time.Time { return in(-time.Duration(d & (1<<40 - 1))) }
		seen := roster.Observation{Present: flags&1 != 0, ObservedAt: before(sent)}
		seen.RespondedAt = seen.ObservedAt.Add(min(time.Duration(took&(1<<40-1)), now.Sub(seen.ObservedAt)))
		look, validFrom := NewLook(before(firstSeen)), time.Time{}
		if flags&2 != 0 {
			look = look.Request(before(requested))
		}
		if flags&4 != 0 {
			validFrom = before(void)
			look = look.VoidBefore(validFrom)
		}
		if flags&8 != 0 {
			look, validFrom = look.VoidUntil(before(void)), before(void).Add(1)
		}
		accepted := func(need Need, at time.Time) bool { return look.Accepts(seen, need, at) }
		for _, need := range []Need{Any, Fresh, Requested} {
			if accepted(need, now) && seen.ObservedAt.Before(validFrom) {
				t.Errorf("need %v: sent %s before anything is valid", need, validFrom.Sub(seen.ObservedAt))
			}
			if accepted(need, now) && !seen.Present && seen.ObservedAt.Before(before(firstSeen)) {
				t.Errorf("need %v: an absence from before the object", need)
			}
			if accepted(need, now) && need != Any && now.Sub(seen.RespondedAt) > time.Second {
				t.Errorf("need %v: a response of %s ago", need, now.Sub(seen.RespondedAt))
			}
			if after := in(time.Duration(later & (1<<40 - 1))); accepted(need, after) && !accepted(need, now) {
				t.Errorf("need %v: accepted later, and not now", need)
			}
		}
		if accepted(Requested, now) && !accepted(Fresh, now) || accepted(Fresh, now) && !accepted(Any, now) {
			t.Errorf("any %v, fresh %v, requested %v", accepted(Any, now), accepted(Fresh, now), accepted(Requested, now))
		}
		if accepted(Requested, now) && (flags&2 == 0 || seen.ObservedAt.Before(before(requested))) {
			t.Error("accepted as requested, and was not")
		}
	})
}
