package plan

import "github.com/voiceops/conference-operator/internal/voice"

// Field is one part of a participant's state, which an update can change and
// which the provider may accept or refuse by itself.
type Field int

// The fields of a participant's state.
const (
	// FieldMute is Muted.
	FieldMute Field = iota
	// FieldHold is Hold, with its music.
	FieldHold
	// FieldCoaching is the pair of Coaching and CallSidToCoach.
	FieldCoaching

	fieldCount = 3
)

// Name is the field's name in the spec.
func (f Field) Name() string {
	return [fieldCount]string{"muted", "hold", "coaching"}[f]
}

// Value is the state of one field.
type Value struct {
	// On is muted, held or coaching.
	On bool
	// Coachee is the call leg coached, while On.
	Coachee string
}

// valueOf reads a field off a participant.
func valueOf(f Field, participant voice.Participant) Value {
	switch f {
	case FieldMute:
		return Value{On: participant.Muted}
	case FieldHold:
		return Value{On: participant.Hold}
	default:
		return pairOf(participant)
	}
}

// pairOf reads the coaching pair; a coachee without coaching means nothing.
func pairOf(participant voice.Participant) Value {
	if !participant.Coaching {
		return Value{}
	}
	return Value{On: true, Coachee: participant.CallSIDToCoach}
}

// setValue writes a field onto a participant.
func setValue(f Field, participant *voice.Participant, value Value) {
	switch f {
	case FieldMute:
		participant.Muted = value.On
	case FieldHold:
		participant.Hold = value.On
	default:
		participant.Coaching, participant.CallSIDToCoach = value.On, value.Coachee
	}
}

// restricts reports whether bringing a field to a value keeps people from hearing
// or being heard. What restricts is never delayed for what opens.
func restricts(value Value) bool { return value.On }
