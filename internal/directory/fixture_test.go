package directory

import (
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/voice"
)

var (
	start = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	acme  = types.NamespacedName{Namespace: "support", Name: "acme"}
)

const s = time.Second

func conf(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "support", Name: name}
}

// world is a store, a clock, and what the rooms' own lists show.
type world struct {
	*Store

	t       *testing.T
	now     time.Time
	woken   int
	emptied map[string]bool
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: start, emptied: map[string]bool{}}
	w.Store = NewStore(func(types.NamespacedName) { w.woken++ })
	return w
}

func (w *world) empty(sid string, _ time.Time) bool { return w.emptied[sid] }

// row is a conference in a list: "name/sid", with a status.
func listed(what, status string) voice.Conference {
	name, sid, _ := strings.Cut(what, "/")
	return voice.Conference{SID: sid, FriendlyName: name, Status: status, DateCreated: "Mon, 23 Nov 2026 09:00:00 +0000"}
}

// list is the two lists with so many rooms, those with a question mark waiting, sent now.
func (w *world) list(rooms ...string) *Listing {
	listing := NewListing(w.now)
	var waiting, live voice.ConferencePage
	for _, room := range rooms {
		if name, ok := strings.CutSuffix(room, "?"); ok {
			waiting.Items = append(waiting.Items, listed(name, voice.ConferenceInit))
		} else {
			live.Items = append(live.Items, listed(room, voice.ConferenceInProgress))
		}
	}
	times := voice.Times{Sent: w.now, Responded: w.now}
	live.Date = w.now.Add(time.Hour)
	listing.Add(waiting, times)
	listing.Add(live, times)
	return listing
}

// apply takes over the lists, and returns the Conferences that have to know.
func (w *world) apply(listing *Listing) string {
	return joined(w.ApplyList(acme, listing, w.empty, w.now))
}

func (w *world) read(sid, status string) string {
	return joined(w.RecordRead(acme, sid, status, w.empty, w.now))
}

func joined(names []types.NamespacedName) string {
	var found []string
	for _, name := range names {
		found = append(found, name.Name)
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

// rooms are the SIDs of the rooms that a selector selects.
func (w *world) sids(selector Selector) string {
	var found []string
	rooms, _ := w.Rooms(acme, selector)
	for _, room := range rooms {
		found = append(found, room.SID)
	}
	return strings.Join(found, " ")
}

// room is one room that is not over.
func (w *world) room(sid string) Room {
	w.t.Helper()
	rooms, _ := w.Rooms(acme, everything)
	for _, room := range rooms {
		if room.SID == sid {
			return room
		}
	}
	w.t.Fatalf("there is no room %s", sid)
	return Room{}
}

var everything = Selector{Prefix: "all"}
