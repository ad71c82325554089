package sim

import (
	"github.com/voiceops/conference-operator/internal/directory"
)

// TakeRooms takes what is on the workqueue of rooms.
func (s *Sim) TakeRooms() []directory.RoomKey { return take(s.queues.rooms) }

// TakeConferences takes the names of what is on the workqueue of Conferences.
func (s *Sim) TakeConferences() (names []string) {
	for _, request := range take(s.queues.conferences) {
		names = append(names, request.Name)
	}
	return names
}

// take empties a queue of the keys that are ready.
func take[K comparable](q *virtualQueue[K]) (keys []K) {
	for {
		key, _, none := q.GetWithPriority()
		if none {
			return keys
		}
		q.Done(key)
		keys = append(keys, key)
	}
}
