package callers

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

// CallerOf is what is kept of a call: of its numbers the hashes only (R30), and zero of one
// that is withheld.
func CallerOf(read voice.Call, hash func(voice.Number) policy.Number) policy.Caller {
	hashed := func(number voice.Number) policy.Number {
		if number == "" {
			return policy.Number{}
		}
		return hash(number)
	}
	known := policy.Caller{State: policy.CallerKnown}
	switch read.Direction {
	case voice.Inbound:
		known.Direction, known.Far, known.Dialed = v1alpha1.CallInbound, hashed(read.From), hashed(read.To)
	case voice.Outbound:
		known.Direction, known.Far = v1alpha1.CallOutbound, hashed(read.To)
	case voice.DirectionUnknown:
	}
	return known
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
