package policy

import (
	"slices"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// cause is a reason to close a field for a while.
type cause struct {
	// closes says that there is one.
	closes bool
	// once closes by spec.once, as muteOnEntry does.
	once bool
	// music is for a hold.
	music v1alpha1.AudioControls
}

// control is what a child says of one field, muted or hold.
type control struct {
	// declared and once are the field in the spec and in its once; never both.
	declared, once *bool
	// aWhile says that it is closed for a while, and opening that it is being opened
	// after that.
	aWhile, opening bool
	// music is for a hold.
	music v1alpha1.AudioControls
}

// settle says what becomes of a field: it is closed for a while only if it is seen
// open or was closed so before, and it is opened once, when the cause has ended and
// nothing else is declared (R23). Wanted is what is declared, or done on entry.
func (c control) settle(seenClosed bool, why cause, wanted control) control {
	ours := c.aWhile || c.opening || !seenClosed
	switch {
	case why.closes && ours:
		return why.close()
	case why.closes && !isTrue(wanted.declared):
		// What another party has closed is not opened while there is a cause to close.
		return control{once: c.once}
	case !wanted.empty():
		return wanted
	case c.aWhile:
		return control{once: new(false)}
	default:
		return control{once: c.once}
	}
}

// close is a field that is closed for a cause.
func (why cause) close() control {
	if why.once {
		return control{once: new(true), aWhile: true}
	}
	return control{declared: new(true), aWhile: true, music: why.music}
}

// empty reports whether a child says nothing of a field.
func (c control) empty() bool { return c.declared == nil && c.once == nil }

// resets reports whether a child has to open the field if it is deleted: it is closed
// for a while, or it may not be open yet.
func (c control) resets() bool { return c.aWhile || isFalse(c.once) }

// kept is what a child declares for good.
func (c control) kept() *bool {
	if c.aWhile {
		return nil
	}
	return c.declared
}

// mutedOf is what a child says of muted.
func mutedOf(q *party) control {
	return q.control(v1alpha1.OnceMuted, q.stored.Muted, q.record.Muted)
}

// holdOf is what a child says of hold.
func holdOf(q *party) control {
	c := q.control(v1alpha1.OnceHold, q.stored.Hold, q.record.Hold)
	c.music.HoldURL, c.music.HoldMethod = q.stored.HoldURL, q.stored.HoldMethod
	return c
}

// control is what a child says of a field, without what was done once for an earlier
// join.
func (q *party) control(field v1alpha1.OnceField, declared *bool, aWhile bool) control {
	c := control{declared: declared, aWhile: aWhile}
	if !q.rejoined {
		c.once = onceOf(q.stored, field)
		c.opening = isFalse(c.once) && !q.Child.done(field, false)
	}
	return c
}

// onceOf is a field of a spec's once; nil if it is not in it.
func onceOf(spec v1alpha1.ConferenceParticipantSpec, field v1alpha1.OnceField) *bool {
	switch {
	case spec.Once == nil:
		return nil
	case field == v1alpha1.OnceMuted:
		return spec.Once.Muted
	default:
		return spec.Once.Hold
	}
}

// done reports whether a child has brought a field to a value once.
func (c *Child) done(field v1alpha1.OnceField, value bool) bool {
	return slices.ContainsFunc(c.Once, func(o v1alpha1.OnceStatus) bool {
		return o.Field == field && o.Value != nil && *o.Value == value && o.State == v1alpha1.OnceDone
	})
}
