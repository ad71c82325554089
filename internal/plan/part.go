package plan

import (
	"github.com/voiceops/conference-operator/internal/voice"
)

// Part is one of the things that an update can change and that the provider
// may accept or refuse by itself.
type Part int

// The parts of a participant's state.
const (
	// PartMute is Muted.
	PartMute Part = iota
	// PartHold is Hold, with its music.
	PartHold
	// PartCoaching is the pair of Coaching and CallSidToCoach.
	PartCoaching

	parts = 3
)

// Field names the part as the spec does.
func (p Part) Field() string {
	return [parts]string{"muted", "hold", "coaching"}[p]
}

// Value is the state of one part.
type Value struct {
	// On is muted, held or coaching.
	On bool
	// Coachee is the call leg coached, while On.
	Coachee string
}

// valueOf reads a part off a participant.
func valueOf(p Part, participant voice.Participant) Value {
	switch p {
	case PartMute:
		return Value{On: participant.Muted}
	case PartHold:
		return Value{On: participant.Hold}
	default:
		return pairOf(participant)
	}
}

// pairOf reads the coaching pair; a target without coaching means nothing.
func pairOf(participant voice.Participant) Value {
	if !participant.Coaching {
		return Value{}
	}
	return Value{On: true, Coachee: participant.CallSIDToCoach}
}

// setValue writes a part onto a participant.
func setValue(p Part, participant *voice.Participant, value Value) {
	switch p {
	case PartMute:
		participant.Muted = value.On
	case PartHold:
		participant.Hold = value.On
	default:
		participant.Coaching, participant.CallSIDToCoach = value.On, value.Coachee
	}
}

// closes says whether bringing a part to a value keeps people from hearing.
// What closes is never delayed for what opens.
func closes(value Value) bool { return value.On }
