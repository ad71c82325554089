package roster

import "time"

// departedFor is how long a call leg that has left is kept for the rooms to see.
const departedFor = time.Minute

// noteNews says that something has changed that a room sees.
func (r *Roster) noteNews() {
	for subscriber := range r.rooms {
		r.rooms[subscriber] = true
	}
}

// TakeNews returns the rooms to which anything has changed since they were last
// returned: a call leg has come or gone, is missing or another one, or the conference is
// over. A room with a new interest is among them.
func (r *Roster) TakeNews(now time.Time) (subscribers []Subscriber) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	for subscriber, news := range r.rooms {
		if news {
			r.rooms[subscriber] = false
			subscribers = append(subscribers, subscriber)
		}
	}
	return subscribers
}

// noteDeparture returns a function that says so if a call leg has been proven meanwhile
// to have left.
func (r *Roster) noteDeparture(callSID string, now time.Time) (compare func()) {
	departed := func() bool {
		known := r.entries[callSID]
		if known == nil || known.present || !known.seenBefore {
			return false
		}
		proven, _ := known.absence.Departed(now)
		return proven
	}
	before := departed()
	return func() {
		if !before && departed() {
			r.noteNews()
		}
	}
}

// keptForRooms reports whether a call leg that is not there is kept although nothing
// names it: a room has to see it missing, and gone. The list was sent at a time.
func (r *Roster) keptForRooms(known *entry, started time.Time) bool {
	if r.demands[DemandRoom] == 0 || !known.seenBefore {
		return false
	}
	kept := omittedFor
	if departed, _ := known.absence.Departed(started); departed || r.conference.status == ConferenceOver {
		kept = departedFor
	}
	return known.times.Sent.After(started.Add(-kept))
}
