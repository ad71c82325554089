package conference

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/roster"
)

func TestR26EntryIsForThoseSeenInTime(t *testing.T) {
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	list := func(seconds int) roster.Snapshot { return roster.Snapshot{ListedAt: at(seconds), Date: at(seconds)} }
	undated := func(seconds int) roster.Snapshot { return roster.Snapshot{ListedAt: at(seconds)} }
	for name, c := range map[string]struct {
		// first are the lists that the room was judged by first, joined and seen are
		// seconds of the call leg.
		first        []roster.Snapshot
		joined, seen int
		noClock      bool
		want         bool
	}{
		"in time":                             {[]roster.Snapshot{list(0)}, 100, 115, false, true},
		"too late":                            {[]roster.Snapshot{list(0)}, 100, 116, false, false},
		"in time, by the first list":          {[]roster.Snapshot{list(115)}, 100, 115, false, true},
		"in time, by others, then by us":      {[]roster.Snapshot{list(115)}, 100, 103, false, true},
		"in time, by others alone":            {[]roster.Snapshot{list(116)}, 100, 103, false, false},
		"by others, of a list without a date": {[]roster.Snapshot{undated(116), list(121)}, 100, 103, false, false},
		"without a clock":                     {[]roster.Snapshot{undated(0)}, 100, 103, true, true},
		"without a clock, by the first list":  {[]roster.Snapshot{undated(103)}, 100, 103, true, false},
		"without a clock, by others":          {[]roster.Snapshot{undated(116)}, 100, 103, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &scope{view: view{memory: &roomMemory{}}}
			for _, snapshot := range c.first {
				s.memory.begin(snapshot, snapshot.ListedAt)
			}
			leg := roster.Leg{Joined: at(c.joined), FirstSeen: at(c.seen), FirstDate: at(c.seen)}
			if c.noClock {
				leg.FirstDate = time.Time{}
			}
			if got := s.entered(leg); got != c.want {
				t.Errorf("it has entered: %v", got)
			}
		})
	}
}

func TestR21TheFirstListOfAConferenceShowsNoJoiner(t *testing.T) {
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	m := &roomMemory{there: true}
	m.begin(roster.Snapshot{ListedAt: at(100)}, at(104))
	m.begin(roster.Snapshot{ListedAt: at(105)}, at(105))
	for name, c := range map[string]struct {
		seen   int
		before bool
		since  int
		joiner bool
	}{
		"in the first look":                {90, true, 104, false},
		"seen by others before":            {95, false, 104, false},
		"in the first list":                {100, false, 104, false},
		"after the first list":             {102, false, 102, true},
		"in a later list of a first look":  {102, true, 102, false},
		"joined while the room was judged": {105, false, 105, true},
	} {
		since, joiner := m.joined(roster.Leg{FirstSeen: at(c.seen), Before: c.before})
		if !since.Equal(at(c.since)) || joiner != c.joiner {
			t.Errorf("%s: since %s, joiner %v", name, since, joiner)
		}
	}
}

func TestR21AllHaveComeToARoomThatBeganLater(t *testing.T) {
	for name, c := range map[string]struct {
		room   directory.Room
		there  bool
		joiner bool
		found  bool
	}{
		"it was there when the Conference came":      {directory.Room{}, true, false, true},
		"it waited when the Conference came":         {directory.Room{Waiting: true}, true, false, false},
		"it was in this process's first look":        {directory.Room{Listed: true, Found: true}, false, false, true},
		"it waited in this process's first look":     {directory.Room{Listed: true}, false, false, false},
		"it began after the Conference had its list": {directory.Room{}, false, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			m := newRoomMemory(c.room, c.there)
			m.begin(roster.Snapshot{ListedAt: start}, start)
			if _, joiner := m.joined(roster.Leg{FirstSeen: start, Before: true}); joiner != c.joiner || m.found != c.found {
				t.Errorf("joiner %v, found %v", joiner, m.found)
			}
		})
	}
}
