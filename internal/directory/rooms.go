package directory

import (
	"cmp"
	"slices"
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// confirmAfter is the least time between the two lists that prove the end of a room.
	confirmAfter = 5 * time.Second
	// endedFor is how long a room that is over is remembered after lists lack it: reads
	// may lag.
	endedFor = 10 * time.Minute
)

// rooms are what is known of an account's rooms.
type rooms struct {
	// known says that there was a complete list.
	known bool
	bySID map[string]*entry
	ended map[string]ended
}

// entry is one room that is not over.
type entry struct {
	Room

	// missingSince is when the first complete list was sent that lacks the room, of
	// those in a row; zero if the last one has it. confirmed says that another one
	// lacks it which was sent so much later that it proves something.
	missingSince time.Time
	confirmed    bool
	// retry is when the room is to be read next, while lists lack it.
	retry backoff.State
}

// ended is a room that is over.
type ended struct {
	Room

	// completed says that it reads so, which is never taken back.
	completed bool
	at        time.Time
}

func newRooms() rooms { return rooms{bySID: map[string]*entry{}, ended: map[string]ended{}} }

// selected are the rooms that a selector matches, the oldest first.
func (r *rooms) selected(selector Selector) (found []Room) {
	for _, known := range r.bySID {
		if selector.Matches(known.Name) {
			found = append(found, known.Room)
		}
	}
	slices.SortFunc(found, func(a, b Room) int {
		return cmp.Or(a.Created.Compare(b.Created), cmp.Compare(a.SID, b.SID))
	})
	return found
}

// see takes over a row of a list, and reports whether it makes a difference: the room
// is new, or has started.
func (r *rooms) see(seen row, now time.Time) (changed bool) {
	over, ended := r.ended[seen.SID]
	if ended && over.completed {
		return false
	}
	known := r.bySID[seen.SID]
	if known == nil {
		known = &entry{Room: over.Room}
		if known.Since.IsZero() {
			known.Since = now
		}
		known.SID, known.Name, known.Created = seen.SID, seen.FriendlyName, voice.ParseDate(seen.DateCreated)
		known.Waiting = seen.Status == voice.ConferenceInit && known.Started.IsZero()
		r.bySID[seen.SID] = known
		delete(r.ended, seen.SID)
		return true
	}
	known.found()
	if !known.Waiting || seen.Status != voice.ConferenceInProgress {
		return false
	}
	known.Waiting, known.Started, known.StartedDate = false, seen.sent, seen.date
	return true
}

// found says that a room goes on.
func (e *entry) found() {
	e.missingSince, e.confirmed, e.retry = time.Time{}, false, backoff.State{}
}

// miss says that a complete list, sent at a time, lacks the room.
func (e *entry) miss(sent time.Time) {
	if e.missingSince.IsZero() {
		e.missingSince = sent
	}
	e.confirmed = sent.Sub(e.missingSince) >= confirmAfter
}

// confirmAt is when another list is due that may prove the end of a room; zero for
// none.
func (e *entry) confirmAt() time.Time {
	if e.missingSince.IsZero() || e.confirmed {
		return time.Time{}
	}
	return e.missingSince.Add(confirmAfter)
}

// end says that a room is over.
func (r *rooms) end(known Room, completed bool, now time.Time) {
	delete(r.bySID, known.SID)
	r.ended[known.SID] = ended{Room: known, completed: completed, at: now}
}

// forgetEnded drops the rooms that are over and that a complete list lacks, after a
// while.
func (r *rooms) forgetEnded(list *Listing, now time.Time) {
	for sid, over := range r.ended {
		if list.lacks(sid) && now.Sub(over.at) >= endedFor {
			delete(r.ended, sid)
		}
	}
}
