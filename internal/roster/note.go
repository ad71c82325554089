package roster

import "github.com/voiceops/conference-operator/internal/voice"

// Note takes over the response of an update by which the claim of an object ends, for
// those that follow. A conference that no object looks at is listed for them anyway.
func (s *Store) Note(key Key, p voice.Participant, times voice.Times) {
	if known := s.lookup(key); known != nil {
		known.RecordUpdate(p, times)
	}
}
