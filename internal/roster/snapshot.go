package roster

import "time"

// Snapshot is a whole conference as last observed.
type Snapshot struct {
	// Legs are the call legs that are there, or were and are not known to have left, in
	// no order. Those that are known to have left stay for a minute.
	Legs []Leg
	// ListedAt is when the last list was sent; zero if there was none.
	ListedAt time.Time
	// Date is the time of that list by the provider's clock; zero if that can't be read.
	Date time.Time
	// Missing says that the provider did not know the conference then.
	Missing bool
	// Incomplete says that the last list was not complete, or had rows that can't
	// be read: what was not there before may be there.
	Incomplete bool
	// Conference is what is known of the conference as a whole.
	Conference ConferenceStatus
}

// Leg is one call leg of a conference.
type Leg struct {
	Observation

	// Joined is when it joined, as the provider says; zero if that can't be read.
	Joined time.Time
	// FirstSeen is when the first request was sent that has shown it there, since it
	// joined: one that rang was not there before it was answered.
	FirstSeen time.Time
	// FirstDate is the time of that response by the provider's clock, or of the next
	// list if that is not known; zero if it can't be read.
	FirstDate time.Time
	// Before says that it was there in this process's first look at the conference, and
	// has not joined anew.
	Before bool
	// EndsRoom and StartsRoom are the last that was said of endConferenceOnExit and
	// startConferenceOnEnter; nil for nothing.
	EndsRoom, StartsRoom *bool
}

// Departed reports whether a call leg is known to have left (R7); if not, and it is
// missing, readAt is when to read it to confirm that, which is not before now.
func (l Leg) Departed(now time.Time) (departed bool, readAt time.Time) {
	switch {
	case l.Present:
		return l.Ended(), time.Time{}
	case l.Conference == ConferenceOver:
		return true, time.Time{}
	}
	return l.Absence.Departed(now)
}

// Snapshot returns everything that is known to be there, whether an object is
// about it or not, and what was there.
func (r *Roster) Snapshot() Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	snapshot := Snapshot{
		ListedAt: r.listedAt, Date: r.date, Missing: r.missing, Incomplete: r.incomplete || len(r.odd) > 0, Conference: r.conference.status,
	}
	for callSID, known := range r.entries {
		if known.seenBefore {
			snapshot.Legs = append(snapshot.Legs, r.leg(callSID, known.entrance))
		}
	}
	return snapshot
}

func (r *Roster) leg(callSID string, came entrance) Leg {
	return Leg{
		Observation: r.observation(callSID), Joined: came.joined, FirstSeen: came.seenAt, FirstDate: came.seenDate, Before: came.before,
		EndsRoom: came.ends, StartsRoom: came.starts,
	}
}

// Snapshot returns what is known of a whole conference.
func (s *Store) Snapshot(key Key) Snapshot {
	if known := s.lookup(key); known != nil {
		return known.Snapshot()
	}
	return Snapshot{}
}
