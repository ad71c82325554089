package conference

import "github.com/voiceops/conference-operator/internal/metrics"

// Count counts the rooms that are governed by whether they wait to be started or are
// live, and the call legs in them by whether their role is identified.
func (s *Store) Count() metrics.Rooms {
	counted := metrics.Rooms{
		States: map[string]int{"waiting": 0, "live": 0}, Legs: map[string]int{"identified": 0, "unidentified": 0},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.conferences {
		for _, known := range m.rooms {
			state := "live"
			if known.room.Waiting {
				state = "waiting"
			}
			counted.States[state]++
			unidentified := int(known.result.counts.Unidentified)
			counted.Legs["unidentified"] += unidentified
			counted.Legs["identified"] += int(known.result.counts.Participants) - unidentified
		}
	}
	return counted
}
