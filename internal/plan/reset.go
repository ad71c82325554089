package plan

import (
	"strings"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Restricted is which fields a spec restricts: muted, on hold, coaching.
type Restricted [fieldCount]bool

// Restricted returns what is declared restricted.
func (d Desired) Restricted() Restricted {
	return Restricted{isTrue(d.Muted), isTrue(d.Hold), isTrue(d.Coaching)}
}

// Reset is the update that opens again what an object restricted, of what is still
// restricted; empty if there is nothing to undo. A whisperer is never made audible
// by it: the coaching ends once an observation shows the whisperer muted (R11, R17).
func Reset(d Desired, initial *v1alpha1.InitialState, o roster.Observation) (u voice.Update) {
	if initial == nil {
		return u
	}
	undo := undone(d, initial, o.Participant)
	pair := pairOf(o.Participant)
	switch {
	case undo == Restricted{}:
		return u
	case undo[FieldCoaching] && d.Whisper() && !o.Muted:
		u.Muted, u.Coaching, u.CallSIDToCoach = new(true), &pair.On, pair.Coachee
	default:
		u = undo.update(pair)
	}
	if d.Beep != nil {
		u.Beep = new(false)
	}
	return u
}

// update opens the fields that are restricted, and carries the pair if that is not
// one of them (R4).
func (r Restricted) update(pair Value) (u voice.Update) {
	if r[FieldMute] {
		u.Muted = new(false)
	}
	if r[FieldHold] {
		u.Hold = new(false)
	}
	switch {
	case r[FieldCoaching]:
		u.Coaching = new(false)
	case pair.On:
		u.Coaching, u.CallSIDToCoach = &pair.On, pair.Coachee
	}
	return u
}

// undone is which fields an object restricted that are still restricted.
func undone(d Desired, initial *v1alpha1.InitialState, p voice.Participant) Restricted {
	restricted := d.Restricted()
	was := Restricted{initial.Muted, initial.Hold, initial.Coaching}
	for field := range Field(fieldCount) {
		restricted[field] = restricted[field] && !was[field] && valueOf(field, p).On
	}
	return restricted
}

// StillRestricted names what an object restricted and what was not opened since,
// as far as is known; empty for nothing.
func StillRestricted(d Desired, initial *v1alpha1.InitialState, p voice.Participant) string {
	if initial == nil {
		return ""
	}
	return undone(d, initial, p).String()
}

// Released names what was restricted before, is not managed any more, and is
// restricted still. What is to be done once with a field is not left to chance.
func Released(before Restricted, d Desired, p voice.Participant) []string {
	unset := Restricted{d.Muted == nil && d.Once.Muted == nil, d.Hold == nil && d.Once.Hold == nil, d.Coaching == nil}
	var released []string
	for field := range Field(fieldCount) {
		if before[field] && unset[field] && valueOf(field, p).On {
			released = append(released, field.Name())
		}
	}
	return released
}

// String names the restricted fields, as the spec does.
func (r Restricted) String() string {
	var names []string
	for field := range Field(fieldCount) {
		if r[field] {
			names = append(names, field.Name())
		}
	}
	return strings.Join(names, ", ")
}
