package plan

import (
	"strings"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Closed is which parts a spec declares closed: muted, on hold, coaching.
type Closed [parts]bool

// ClosedBy returns what a spec closes.
func ClosedBy(spec *v1alpha1.ConferenceParticipantSpec) Closed {
	desired := DesiredOf(spec)
	return Closed{isTrue(desired.Muted), isTrue(desired.Hold), isTrue(desired.Coaching)}
}

// Reset is the update that opens again what an object closed, of what is still
// closed; empty if there is nothing to undo. A whisperer is never made audible
// by it: their coaching ends once an observation shows them muted (R11, R17).
func Reset(spec *v1alpha1.ConferenceParticipantSpec, initial *v1alpha1.InitialState, o Observed) (u voice.Update) {
	if initial == nil {
		return u
	}
	undo := undone(spec, initial, o.Participant)
	pair := pairOf(o.Participant)
	switch {
	case undo == Closed{}:
		return u
	case undo[PartCoaching] && DesiredOf(spec).Whisper() && !o.Muted:
		u.Muted, u.Coaching, u.CallSIDToCoach = new(true), &pair.On, pair.Coachee
	default:
		u = undo.update(pair)
	}
	if spec.Beep != nil {
		u.Beep = new(false)
	}
	return u
}

// update opens the parts that are closed, and carries the pair if that is not
// one of them (R4).
func (c Closed) update(pair Value) (u voice.Update) {
	if c[PartMute] {
		u.Muted = new(false)
	}
	if c[PartHold] {
		u.Hold = new(false)
	}
	switch {
	case c[PartCoaching]:
		u.Coaching = new(false)
	case pair.On:
		u.Coaching, u.CallSIDToCoach = &pair.On, pair.Coachee
	}
	return u
}

// undone is which parts an object closed that are closed still.
func undone(spec *v1alpha1.ConferenceParticipantSpec, initial *v1alpha1.InitialState, p voice.Participant) Closed {
	closed := ClosedBy(spec)
	was := Closed{initial.Muted, initial.Hold, initial.Coaching}
	for part := range Part(parts) {
		closed[part] = closed[part] && !was[part] && valueOf(part, p).On
	}
	return closed
}

// StillClosed names what an object closed and nobody has opened since, as far
// as is known; empty for nothing.
func StillClosed(spec *v1alpha1.ConferenceParticipantSpec, initial *v1alpha1.InitialState, p voice.Participant) string {
	if initial == nil {
		return ""
	}
	return undone(spec, initial, p).String()
}

// Released names what was closed by one spec, is not managed by the next, and
// is closed still.
func Released(before Closed, spec *v1alpha1.ConferenceParticipantSpec, p voice.Participant) []string {
	desired := DesiredOf(spec)
	unset := Closed{desired.Muted == nil, desired.Hold == nil, desired.Coaching == nil}
	var released []string
	for part := range Part(parts) {
		if before[part] && unset[part] && valueOf(part, p).On {
			released = append(released, part.Field())
		}
	}
	return released
}

// String names the parts that are closed, as the spec does.
func (c Closed) String() string {
	var names []string
	for part := range Part(parts) {
		if c[part] {
			names = append(names, part.Field())
		}
	}
	return strings.Join(names, ", ")
}
