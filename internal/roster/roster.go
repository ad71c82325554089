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
	// listedAt is when the first page of the last complete list was sent, and
	// took is the time from then to its last response.
	listedAt time.Time
	took     time.Duration
	// size is how many participants that list had; missing that it was a 404.
	size    int
	missing bool
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
	return &Roster{entries: map[string]*entry{}, schedule: newSchedule(), registry: newRegistry()}
}

// Observation returns what is known of a call leg. Of one that no list had, the
// last list is the observation.
func (r *Roster) Observation(callSID string) Observation {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.observation(callSID)
}

func (r *Roster) observation(callSID string) Observation {
	known := r.entries[callSID]
	if known == nil {
		return Observation{
			ObservedAt: r.listedAt, RespondedAt: r.listedAt.Add(r.took),
			Absence: Absence{Suspicious: r.missing}, Conference: r.conference.status,
		}
	}
	found := known.observation()
	found.Conference = r.conference.status
	if !known.present && r.listedAt.After(found.ObservedAt) {
		found.ObservedAt, found.RespondedAt = r.listedAt, r.listedAt.Add(r.took)
	}
	return found
}

// Snapshot is a whole conference as last observed.
type Snapshot struct {
	// Participants are the call legs that are there, in no order.
	Participants []Observation
	// ListedAt is when the last complete list was sent; zero if there was none.
	ListedAt time.Time
	// Missing says that the provider did not know the conference then.
	Missing bool
}

// Snapshot returns everything that is known to be there, whether an object is
// about it or not.
func (r *Roster) Snapshot() Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	snapshot := Snapshot{ListedAt: r.listedAt, Missing: r.missing}
	for _, known := range r.entries {
		if known.present {
			snapshot.Participants = append(snapshot.Participants, known.observation())
		}
	}
	return snapshot
}

// RecordUpdate takes over the response of an update.
func (r *Roster) RecordUpdate(p voice.Participant, times voice.Times) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.see(p, times, true)
}

// RecordRead takes over what a single read has shown; found is false for a 404.
// It is not conclusive where that contradicts what is known: then a list is due.
func (r *Roster) RecordRead(callSID string, p voice.Participant, found bool, times voice.Times) (conclusive bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found {
		r.see(p, times, false)
		return true
	}
	known := r.entries[callSID]
	if known == nil {
		known = &entry{absence: Absence{Suspicious: r.missing}}
		r.entries[callSID] = known
	}
	switch {
	case known.times.Responded.After(times.Sent):
		return true
	case known.present:
		r.doubted = true
		return false
	case known.absence.FirstRead.IsZero():
		known.absence.FirstRead = times.Sent
	}
	known.absence.LastRead, known.times = times.Sent, times
	return true
}

// Invalidate has the next observation be a list.
func (r *Roster) Invalidate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.doubted = true
}

// see replaces an entry, unless a newer response is there already.
func (r *Roster) see(p voice.Participant, times voice.Times, echo bool) {
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
	if (echo || !r.listedAt.IsZero()) && (!known.present || StateOf(known.participant) != StateOf(p)) {
		r.changedAt = times.Sent
	}
	*known = entry{participant: p, present: true, seenBefore: true, echo: echo, times: times}
}

// ChangedSince reports whether anything was seen to change after a time.
func (r *Roster) ChangedSince(since time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changedAt.After(since)
}
