package roster

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// roomInterval is how often a room is listed, and roomLists how many lists a second
	// all rooms of an account together may cost: with more rooms they are listed less
	// often (R18).
	roomInterval = 5 * time.Second
	roomLists    = 100
)

// noteRoom notes whether a conference is a room.
func (a *account) noteRoom(conference string, room bool) {
	if room {
		a.rooms[conference] = true
	} else {
		delete(a.rooms, conference)
	}
}

// isRoom reports whether the conference is demanded as a room.
func (r *Roster) isRoom() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.demands[DemandRoom] > 0
}

// RoomInterval is how often a room of an account is to be listed, and the least time
// between two regular lists of it.
func (s *Store) RoomInterval(name types.NamespacedName) (interval, least time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil {
		least = time.Second * time.Duration(len(found.rooms)) / roomLists
	}
	return max(roomInterval, least), least
}

// RoomsListedSlowly reports whether an account has so many rooms that they are listed
// less often than they should be.
func (s *Store) RoomsListedSlowly(name types.NamespacedName) bool {
	interval, _ := s.RoomInterval(name)
	return interval > roomInterval
}

// Conferences are the conferences of an account that something is to be asked about, or
// was.
func (s *Store) Conferences(name types.NamespacedName) (keys []Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil {
		for conference := range found.rosters {
			keys = append(keys, Key{name, conference})
		}
	}
	return keys
}

// Emptied reports whether the last list of a conference was sent at or after a time, and
// shows that no call leg is in it, or that there is no such conference.
func (s *Store) Emptied(key Key, since time.Time) bool {
	known := s.lookup(key)
	return known != nil && known.emptied(since)
}

func (r *Roster) emptied(since time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.concluded.Sent.IsZero() || r.concluded.Sent.Before(since) || r.incomplete || len(r.odd) > 0 {
		return false
	}
	for _, known := range r.entries {
		if known.present && !known.participant.Ended() {
			return false
		}
	}
	return true
}

// End says that a conference reads as completed, as another reader has found, and returns
// the subscribers that have to know.
func (s *Store) End(key Key, times voice.Times) []Subscriber {
	known := s.lookup(key)
	if known == nil || !known.RecordConference(voice.Conference{Status: voice.ConferenceCompleted}, true, times) {
		return nil
	}
	return append(known.Lacking(times.Responded), known.TakeNews(times.Responded)...)
}
