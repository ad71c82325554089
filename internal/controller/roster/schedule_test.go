package roster

import (
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// in is a time so long after now.
func in(d time.Duration) time.Time { return now.Add(d) }

var key = roster.Key{Account: types.NamespacedName{Namespace: "ns", Name: "acme"}, Conference: "room"}

// conference is a store with one conference, which was listed so long after now.
func conference(listed time.Duration, changes ...func(*roster.Store)) *roster.Store {
	store := roster.NewStore(func(roster.Key) {})
	listing := roster.NewListing(in(listed))
	store.Roster(key).ApplyList(listing, false, in(listed))
	store.Roster(key).CompleteList(in(listed), in(listed))
	for _, change := range changes {
		change(store)
	}
	return store
}

func wanted(demand roster.Demand, until time.Duration) func(*roster.Store) {
	return func(s *roster.Store) {
		interest := roster.Interest{CallSID: "call", Demand: demand}
		if until != 0 {
			interest.Until = in(until)
		}
		s.Subscribe(key, roster.Subscriber{Kind: "Test", Name: types.NamespacedName{Name: demandNames[demand]}}, interest)
	}
}

var demandNames = map[roster.Demand]string{roster.DemandNone: "none", roster.DemandRegular: "regular", roster.DemandCoaching: "coaching"}

// changed has a call leg seen to come so long after now.
func changed(at time.Duration) func(*roster.Store) {
	return func(s *roster.Store) {
		s.Roster(key).RecordUpdate(voice.Participant{CallSID: "other"}, voice.Times{Sent: in(at), Responded: in(at)})
	}
}

func TestInterval(t *testing.T) {
	const s, m = time.Second, time.Minute
	regular, coaching := wanted(roster.DemandRegular, 0), wanted(roster.DemandCoaching, 0)
	for _, c := range []struct {
		name   string
		store  *roster.Store
		resync time.Duration
		want   time.Duration
	}{
		{"no interest", conference(-s), m, 0},
		{"an interest in nothing regular", conference(-s, wanted(roster.DemandNone, 0)), m, 0},
		{"a regular interest", conference(-s, regular), m, m},
		{"a regular interest, in an account that is not polled", conference(-s, regular), 0, 0},
		{"a coach", conference(-s, regular, coaching), m, 5 * s},
		{"a coach, in an account that is polled more often", conference(-s, coaching), 2 * s, 2 * s},
		{"a coach, in an account that is not polled", conference(-s, coaching), 0, 0},
		{"a change within the minute", conference(-2*m, regular, changed(-m+1)), m, 5 * s},
		{"a change a minute ago", conference(-2*m, regular, changed(-m)), m, m},
		{"a change that none has an interest in", conference(-2*m, changed(-s)), m, 0},
		{"an interest that has ended", conference(-s, wanted(roster.DemandCoaching, -s)), m, 0},
		{"a coach that has ended", conference(-s, regular, wanted(roster.DemandCoaching, -s)), m, m},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Reconciler{Rosters: c.store, Now: func() time.Time { return now }}
			if got := r.interval(scope{key: key, roster: c.store.Roster(key), resync: c.resync}); got != c.want {
				t.Errorf("listed every %s, want %s", got, c.want)
			}
		})
	}
}

func TestNextPoll(t *testing.T) {
	const s = time.Second
	regular := wanted(roster.DemandRegular, 0)
	refresh := func(at time.Duration) func(*roster.Store) {
		return func(store *roster.Store) {
			store.RequestRefresh(key, roster.RefreshRequest{Subscriber: roster.Subscriber{Kind: "Test"}, CallSID: "call", At: in(at)})
		}
	}
	failed := func(store *roster.Store) { store.Roster(key).RecordFailure(now) }
	for _, c := range []struct {
		name     string
		store    *roster.Store
		resync   time.Duration
		from, to time.Duration
	}{
		// What was seen is kept for a moment where no object has an interest any more.
		{"nothing to ask, no interest", conference(-s), 30 * s, keptFor, keptFor},
		{"nothing to ask, not polled", conference(-s, regular), 0, 0, 0},
		{"polled", conference(-s, regular), 30 * s, 26 * s, 32 * s},
		{"a poll that is overdue", conference(-40*s, regular), 30 * s, time.Millisecond, time.Millisecond},
		{"a refresh that is due", conference(-s, refresh(0)), 0, time.Millisecond, time.Millisecond},
		{"a refresh later", conference(-s, refresh(7*s)), 0, 7 * s, 7 * s},
		{"a refresh right after a list", conference(0, refresh(0)), 0, 100 * time.Millisecond, 100 * time.Millisecond},
		{"a refresh before the next poll", conference(-s, regular, refresh(7*s)), 30 * s, 7 * s, 7 * s},
		{"a refresh after a failure", conference(-s, refresh(0), failed), 0, 3 * s / 4, s},
		{"a refresh that is a moment off", conference(-s, refresh(1)), 0, time.Millisecond, time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Reconciler{Rosters: c.store, Now: func() time.Time { return now }}
			got := r.nextPoll(scope{key: key, roster: c.store.Roster(key), resync: c.resync}).RequeueAfter
			if got < c.from || got > c.to {
				t.Errorf("asked again in %s, want %s to %s", got, c.from, c.to)
			}
		})
	}
}

// rooms has so many conferences of the account governed, this one among them.
func rooms(n int) func(*roster.Store) {
	return func(s *roster.Store) {
		for i := range n {
			governed := key
			if i > 0 {
				governed.Conference = fmt.Sprint(i)
			}
			s.Subscribe(governed, roster.Subscriber{Kind: "Room"}, roster.Interest{Demand: roster.DemandRoom})
		}
	}
}

func TestR18TheIntervalOfARoom(t *testing.T) {
	const s, m = time.Second, time.Minute
	regular, coaching := wanted(roster.DemandRegular, 0), wanted(roster.DemandCoaching, 0)
	for _, c := range []struct {
		name   string
		store  *roster.Store
		resync time.Duration
		want   time.Duration
	}{
		{"a quiet room", conference(-s, rooms(1)), m, 5 * s},
		{"a quiet room, in an account that is not polled", conference(-s, rooms(1)), 0, 5 * s},
		{"a room with children, in an account that is not polled", conference(-s, rooms(1), coaching), 0, 5 * s},
		{"a room with children", conference(-s, rooms(1), regular), m, 5 * s},
		{"a room with children, in an account that is polled more often", conference(-s, rooms(1), regular), 2 * s, 2 * s},
		{"the most rooms for that", conference(-s, rooms(500)), 0, 5 * s},
		{"too many rooms", conference(-s, rooms(1000)), 0, 10 * s},
		{"too many rooms, with coaches", conference(-s, rooms(1000), coaching), 2 * s, 10 * s},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Reconciler{Rosters: c.store, Now: func() time.Time { return now }}
			of := scope{key: key, roster: c.store.Roster(key), resync: c.resync}
			if got := r.interval(of); got != c.want {
				t.Errorf("listed every %s, want %s", got, c.want)
			}
			low, high := c.want*9/10-s, c.want*11/10-s
			if got := r.nextPoll(of).RequeueAfter; got < low || got > high {
				t.Errorf("listed again in %s, want %s to %s", got, low, high)
			}
		})
	}
}
