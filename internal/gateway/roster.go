package gateway

import (
	"sync"
	"time"

	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Roster is what is known of one conference: the union of its lists, single
// reads and the answers of updates, each entry as new as the request that saw
// it.
type Roster struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]*entry
	// listedAt is when the first page of the last complete list was sent, and took
	// how long it took to its last answer.
	listedAt time.Time
	took     time.Duration
	// size is how many participants that list had; missing that it was a 404.
	size    int
	missing bool
	// doubted says that a read has not found somebody who is known to be there,
	// or was refused: only a list tells a departure from bad routing (R7), and
	// whether nobody may be looked at (R8).
	doubted bool
	// changedAt is when anything was last seen to change.
	changedAt time.Time
	// crew is for whom the conference is looked at, as it was at crewAt.
	crew   Crew
	crewAt time.Time

	requests
}

// entry is one call leg. An absent one keeps the evidence of its departure.
type entry struct {
	participant voice.Participant
	present     bool
	wasThere    bool
	echo        bool
	sentAt      time.Time
	answeredAt  time.Time
	absence     plan.Absence
}

func newRoster(now func() time.Time) *Roster {
	return &Roster{now: now, entries: map[string]*entry{}, requests: newRequests()}
}

// Sight is what a roster knows about one call leg.
type Sight struct {
	// Present says that the call leg was there when last looked for.
	Present bool
	// WasThere says that the call leg is not there and once was.
	WasThere bool
	// Observed is the participant; meaningful while Present.
	Observed plan.Observed
	// LookedAt is when the request was sent that last saw the call leg, or
	// that it is not there; zero if nothing has looked so far.
	LookedAt time.Time
	// Absence is the evidence that the call leg is gone; meaningful while not
	// Present.
	Absence plan.Absence
}

// Sight returns what is known about a call leg.
func (r *Roster) Sight(callSID string) Sight {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.entries[callSID]
	if known == nil {
		return Sight{LookedAt: r.listedAt, Absence: plan.Absence{Suspicious: r.missing}}
	}
	sight := Sight{Present: known.present, WasThere: known.wasThere && !known.present, LookedAt: known.sentAt, Absence: known.absence}
	if known.present {
		sight.Observed = plan.Observed{Participant: known.participant, SentAt: known.sentAt, Echo: known.echo}
	} else if r.listedAt.After(sight.LookedAt) {
		sight.LookedAt = r.listedAt
	}
	return sight
}

// RecordUpdate writes down the answer of an update.
func (r *Roster) RecordUpdate(p voice.Participant, times Times) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.see(p, times, true)
}

// RecordRead writes down what a single read has shown; found is false for a
// 404. It is not conclusive where that contradicts what is known: then a list is
// due.
func (r *Roster) RecordRead(callSID string, p voice.Participant, found bool, times Times) (conclusive bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found {
		r.see(p, times, false)
		return true
	}
	known := r.entries[callSID]
	if known == nil {
		known = &entry{absence: plan.Absence{Suspicious: r.missing}}
		r.entries[callSID] = known
	}
	switch {
	case known.answeredAt.After(times.Sent):
		return true
	case known.present:
		r.doubted = true
		return false
	case known.absence.FirstRead.IsZero():
		known.absence.FirstRead = times.Sent
	}
	known.absence.LastRead = times.Sent
	known.sentAt, known.answeredAt = times.Sent, times.Answered
	return true
}

// Doubt has the next look be a list.
func (r *Roster) Doubt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubted = true
}

// see writes an entry, unless a newer answer is there already.
func (r *Roster) see(p voice.Participant, times Times, echo bool) {
	known := r.entries[p.CallSID]
	if known == nil {
		known = &entry{}
		r.entries[p.CallSID] = known
	}
	// Our own update's answer is newer than whatever was read while it was under
	// way; a read is not, if it began before the answer that is there.
	if !echo && known.answeredAt.After(times.Sent) {
		return
	}
	// What the first list shows was there before, and is no change.
	if (echo || !r.listedAt.IsZero()) && (!known.present || !Same(known.participant, p)) {
		r.changedAt = times.Sent
	}
	*known = entry{participant: p, present: true, wasThere: true, echo: echo, sentAt: times.Sent, answeredAt: times.Answered}
}

// Same reports whether two states of a participant agree in the fields that are
// compared (R2) and in the status of the call. It does not compare the phase,
// which a state that was stored does not have.
func Same(a, b voice.Participant) bool {
	return a.Muted == b.Muted && a.Hold == b.Hold && a.Coaching == b.Coaching &&
		a.CallSIDToCoach == b.CallSIDToCoach && a.Status == b.Status
}

// Listing collects the pages of one list; nothing is reported missing before
// the last one was read.
type Listing struct {
	pages   []page
	started time.Time
}

type page struct {
	participants []voice.Participant
	times        Times
}

// NewListing returns an empty listing, begun at a time no later than when its
// first page is sent.
func NewListing(started time.Time) *Listing { return &Listing{started: started} }

// Started is when the first page was sent.
func (l *Listing) Started() time.Time { return l.started }

// Add collects a page.
func (l *Listing) Add(participants []voice.Participant, times Times) {
	l.pages = append(l.pages, page{participants, times})
}

// Merge writes a complete list down. An entry whose own answer came after the
// list was begun is neither overwritten nor reported missing. A conference that
// is not there is an empty list with missing set.
func (r *Roster) Merge(l *Listing, missing bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	listed := map[string]bool{}
	for _, page := range l.pages {
		for _, p := range page.participants {
			listed[p.CallSID] = true
			if known := r.entries[p.CallSID]; known == nil || !known.answeredAt.After(l.started) {
				r.see(p, page.times, false)
			}
		}
	}
	r.dropAbsent(listed, l.started, missing)
	r.listedAt, r.size, r.missing, r.doubted = l.started, len(listed), missing, false
	r.took = r.now().Sub(l.started)
}

// dropAbsent marks those a list no longer has, and whether so many of them
// vanished at once that it smells of bad routing (R7).
func (r *Roster) dropAbsent(listed map[string]bool, started time.Time, missing bool) {
	var vanished []*entry
	present := 0
	for callSID, known := range r.entries {
		if !known.present {
			continue
		}
		present++
		if !listed[callSID] && !known.answeredAt.After(started) {
			vanished = append(vanished, known)
		}
	}
	suspicious := missing || 2*len(vanished) > present
	for _, known := range vanished {
		known.present = false
		known.sentAt = started
		known.absence = plan.Absence{Suspicious: suspicious}
		r.changedAt = started
	}
}

// ChangedSince says whether anything was seen to change after a time.
func (r *Roster) ChangedSince(since time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changedAt.After(since)
}
