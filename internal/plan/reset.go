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

// Undo is what a deletion undoes. The zero value is nothing.
type Undo struct {
	// Opens are the fields that are opened, as far as they are restricted still.
	Opens Restricted
	// Whisper says that the participant was to be heard by its coachee alone: it is
	// muted before the coaching ends, and stays so (R17).
	Whisper bool
	// Mutes says that such a participant is muted although its coaching is lost.
	Mutes bool
	// Beep is as declared: what undoes does not beep (R12).
	Beep *bool
}

// UndoOf is what an object undoes that people wrote: what it restricted and was not
// restricted before (R11).
func UndoOf(d Desired, initial *v1alpha1.InitialState) (u Undo) {
	if initial == nil {
		return u
	}
	u = Undo{Opens: d.Restricted(), Whisper: d.Whisper(), Beep: d.Beep}
	for field, was := range (Restricted{initial.Muted, initial.Hold, initial.Coaching}) {
		u.Opens[field] = u.Opens[field] && !was
	}
	return u
}

// UndoOfChild is what a child of a Conference undoes, whatever it declares beside: its
// whisper, and what it has closed for a while of the given fields. A call leg that
// coaches is never made audible by that (R17, R23, R28).
func UndoOfChild(d Desired, muted, hold, whisper bool) Undo {
	whisper = whisper && d.Whisper()
	return Undo{
		Opens:   Restricted{FieldMute: muted && !isTrue(d.Coaching), FieldHold: hold, FieldCoaching: whisper},
		Whisper: whisper, Mutes: whisper, Beep: d.Beep,
	}
}

// IsZero reports whether there is nothing to undo, however the participant is.
func (u Undo) IsZero() bool { return u.Opens == Restricted{} }

// Update is the update that undoes, of what an observation shows; empty if there is
// nothing left. A whisperer is never made audible by it: the coaching ends once an
// observation shows the whisperer muted (R17).
func (u Undo) Update(o roster.Observation) (update voice.Update) {
	left, pair := u.left(o.Participant), pairOf(o.Participant)
	switch {
	case u.Whisper && !o.Muted && (u.Mutes || left[FieldCoaching]):
		update.Muted = new(true)
		if pair.On {
			update.Coaching, update.CallSIDToCoach = &pair.On, pair.Coachee
		}
	case left == Restricted{}:
		return update
	default:
		update = left.update(pair)
	}
	if u.Beep != nil {
		update.Beep = new(false)
	}
	return update
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

// left is which fields are restricted still.
func (u Undo) left(p voice.Participant) Restricted {
	left := u.Opens
	for field := range Field(fieldCount) {
		left[field] = left[field] && valueOf(field, p).On
	}
	return left
}

// Left names what was not undone so far, as far as is known; empty for nothing.
func (u Undo) Left(p voice.Participant) string { return u.left(p).String() }

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
