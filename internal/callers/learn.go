package callers

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

// caller is what is kept of a call: of its numbers the hashes only (R30).
func (s *Store) caller(read voice.Call) policy.Caller {
	known := policy.Caller{State: policy.CallerKnown}
	switch read.Direction {
	case voice.Inbound:
		known.Direction, known.Far, known.Dialed = v1alpha1.CallInbound, s.hashed(read.From), s.hashed(read.To)
	case voice.Outbound:
		known.Direction, known.Far = v1alpha1.CallOutbound, s.hashed(read.To)
	case voice.DirectionUnknown:
	}
	return known
}

// hashed is the hash of a number; zero if it is withheld.
func (s *Store) hashed(number voice.Number) policy.Number {
	if number == "" {
		return policy.Number{}
	}
	return s.hash(number)
}

// learn notes what a call is, and returns the rooms that wait for it.
func (a *account) learn(callSID string, caller policy.Caller) (waiting []directory.RoomKey) {
	known := a.calls[callSID]
	if known == nil {
		return nil
	}
	known.caller = caller
	for room, waits := range known.rooms {
		if waits {
			known.rooms[room] = false
			waiting = append(waiting, room)
		}
	}
	return waiting
}

// fail notes a look-up that has failed. The rooms that wait have to know once so many
// have.
func (a *account) fail(now time.Time) (waiting []directory.RoomKey) {
	before := a.outcomes.failing(now)
	a.outcomes.note(true, now)
	if before || !a.outcomes.failing(now) {
		return nil
	}
	for room, calls := range a.rooms {
		for callSID := range calls {
			if a.calls[callSID].rooms[room] {
				waiting = append(waiting, room)
				break
			}
		}
	}
	return waiting
}
