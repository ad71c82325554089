package roster

import (
	"sync"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Roster is what is known of one conference. It may be used concurrently.
type Roster struct {
	mu      sync.Mutex
	entries map[string]*entry
	// ringing are the call legs that ring, with the time since when that is known.
	ringing map[string]time.Time
	// listedAt is when the first page of the last complete list was sent, and
	// took is the time from then to its last response.
	listedAt time.Time
	took     time.Duration
	// size is how many participants that list had; missing that it was a 404;
	// incomplete that it concludes no absence; flawed that something of it could
	// not be read.
	size                        int
	missing, incomplete, flawed bool
	// looked says that a list was followed to its end: this process's first look at the
	// conference is over.
	looked bool
	// date is the provider's clock of the last list's first page; zero if that can't be
	// read.
	date time.Time
	// concluded is when the last list was sent and read that concludes absences.
	concluded voice.Times
	// odd are the call legs of which the last list says nothing; nil for none.
	odd map[string]*oddity
	// doubted says that a read has not found a participant which is known to be
	// there, or was refused: only a list tells a departure from bad routing (R7),
	// and whether reading is refused altogether (R8).
	doubted bool
	// conference is what is known of the conference as a whole.
	conference conference
	// changedAt is when anything was last seen to change.
	changedAt time.Time

	schedule
	registry
}

func newRoster() *Roster {
	return &Roster{entries: map[string]*entry{}, ringing: map[string]time.Time{}, schedule: newSchedule(), registry: newRegistry()}
}

// Observation returns what is known of a call leg. Of one that no list had, the
// last list is the observation.
func (r *Roster) Observation(callSID string) Observation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.observation(callSID)
}

func (r *Roster) observation(callSID string) Observation {
	known, odd := r.entries[callSID], r.odd[callSID]
	if known == nil {
		known = &entry{absence: Absence{Suspicious: r.missing}}
	}
	found := known.observation()
	found.Conference = r.conference.status
	if odd != nil {
		found.Flaw, found.FlawSince = odd.flaw, odd.since
	} else if !known.present && r.concluded.Sent.After(found.ObservedAt) {
		found.ObservedAt, found.RespondedAt = r.concluded.Sent, r.concluded.Responded
	}
	return found
}

// RecordUpdate takes over the response of an update.
func (r *Roster) RecordUpdate(p voice.Participant, times voice.Times) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.see(p, times, time.Time{}, true)
}

// RecordRead takes over what a single read has shown; found is false for a 404.
// It is not conclusive where that contradicts what is known: then a list is due.
func (r *Roster) RecordRead(callSID string, p voice.Participant, found bool, times voice.Times) (conclusive bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found {
		r.see(p, times, time.Time{}, false)
		return true
	}
	defer r.noteDeparture(callSID, times.Responded)()
	known := r.entries[callSID]
	if known == nil {
		known = &entry{absence: Absence{Suspicious: r.missing}}
		r.entries[callSID] = known
	}
	odd := r.odd[callSID]
	switch {
	case known.times.Responded.After(times.Sent):
		return true
	case known.present && known.omitted:
		// The last list does not show it either, and could not conclude anything.
		known.present, known.omitted, known.echo = false, false, false
		known.absence = Absence{Suspicious: true, FirstRead: times.Sent}
		delete(r.ringing, callSID)
		r.noteNews()
	case known.present:
		r.doubted = r.doubted || odd == nil
		return false
	case known.absence.FirstRead.IsZero():
		known.absence.FirstRead = times.Sent
	}
	delete(r.odd, callSID)
	known.absence.LastRead, known.times = times.Sent, times
	return true
}

// Invalidate has the next observation be a list.
func (r *Roster) Invalidate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubted = true
}

// see replaces an entry, unless a newer response is there already. date is the
// provider's clock of the response; zero if that is not known.
func (r *Roster) see(p voice.Participant, times voice.Times, date time.Time, echo bool) {
	known := r.entries[p.CallSID]
	if known == nil {
		known = &entry{}
		r.entries[p.CallSID] = known
	}
	// The response of our own update is newer than whatever was read while it was
	// under way; a read is not, if it began before the response that is there.
	if !echo && known.times.Responded.After(times.Sent) {
		return
	}
	// What the first list shows was there before, and is no change.
	if (echo || !r.listedAt.IsZero()) && !known.shows(p) {
		r.changedAt = times.Sent
	}
	replaced := *known
	*known = entry{participant: p, present: true, seenBefore: true, echo: echo, times: times, entrance: r.enter(known, p, times.Sent, date)}
	delete(r.odd, p.CallSID)
	if !replaced.looksLike(known) {
		r.noteNews()
	}
	r.noteRinging(p, times.Sent)
}

// ChangedSince reports whether anything was seen to change after a time.
func (r *Roster) ChangedSince(since time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changedAt.After(since)
}
