package policy

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// releaseLimit is how long a child may take to open what it has closed for a while,
// once its call leg is out of the policy (R22).
const releaseLimit = 30 * time.Second

// Release is what a child should be when its call leg goes out of the policy, whatever
// takes it out: a hand-written object, another policy, or the end of the Conference.
// It opens what it has closed for a while, save what a hand-written object declares,
// and says so by once; what was declared stays as it is. False means that nothing is
// left to open, or that it has taken too long: the child is to be deleted (R22, R23).
func Release(child Child, leg Leg, now time.Time) (Want, bool) {
	if !leg.Overridden {
		leg.Overrides = Fields{}
	}
	w := stored(&child, leg.CallSID)
	once := child.reopens(leg.Overrides)
	if w.Record.Released.IsZero() {
		w.Record.Released = now.UTC()
	}
	late := !now.Before(w.Record.Released.Add(releaseLimit))
	if late || once.Muted == nil && once.Hold == nil {
		return Want{}, false
	}
	w.fallSilent(leg.Overrides)
	w.Record.Muted, w.Record.Hold, w.Record.Waits = false, false, false
	w.Spec.Once = &v1alpha1.Once{AudioControls: once}
	return w.finish(), true
}

// fallSilent drops what a child that is released declares, so that it repairs nothing
// that changes before it goes. A whisperer stays one, so that its Reset mutes
// it, unless the object that takes it over says whether it is muted.
func (w *Want) fallSilent(overridden Fields) {
	kept := v1alpha1.AudioControls{}
	if w.whispers() && !overridden.Muted {
		kept.Muted = w.Spec.Muted
	} else {
		w.Spec.Coaching, w.Spec.CallSIDToCoach = nil, ""
	}
	w.Spec.AudioControls, w.Spec.Announcement = kept, nil
}

// whispers reports whether a child has its call leg heard by its coachee.
func (w *Want) whispers() bool { return isTrue(w.Spec.Coaching) && isFalse(w.Spec.Muted) }

// reopens is what a child that is released has in once.
func (c *Child) reopens(overridden Fields) v1alpha1.AudioControls {
	return v1alpha1.AudioControls{
		Muted: c.reopen(v1alpha1.OnceMuted, c.Record.Muted, overridden.Muted),
		Hold:  c.reopen(v1alpha1.OnceHold, c.Record.Hold, overridden.Hold),
	}
}

// Opens returns the fields that a child has to open before it goes, save those that
// another object has taken over: it has closed them for a while, and they were not seen
// to be open since (R23).
func (c *Child) Opens(overridden Fields) Fields {
	once := c.reopens(overridden)
	return Fields{Muted: once.Muted != nil, Hold: once.Hold != nil}
}

// KeepsUntil returns until when a child keeps its call leg against an object that was
// written by hand: it is released, and not done (R22); zero for not at all.
func (c *Child) KeepsUntil() time.Time {
	if c.Record.Released.IsZero() || c.Opens(Fields{}) == (Fields{}) {
		return time.Time{}
	}
	return c.Record.Released.Add(releaseLimit)
}

// reopen is what a child that is released has in once for a field: false while that
// is closed for a while, or is not open again yet.
func (c *Child) reopen(field v1alpha1.OnceField, aWhile, overridden bool) *bool {
	opening := isFalse(onceOf(c.Spec, field)) && !c.done(field, false)
	if overridden || !aWhile && !opening {
		return nil
	}
	return new(false)
}

// stored is a child as it is.
func stored(child *Child, callSID string) Want {
	w := Want{Name: child.Name, CallSID: callSID, Role: child.Role, Record: child.Record}
	child.Spec.DeepCopyInto(&w.Spec)
	return w
}

// keep is a child as it is, save that it follows the Conference. One of a call leg
// that has left stays untouched until its time to live is over.
func (v *view) keep(q *party) Want {
	w := stored(q.Child, q.CallSID)
	if !q.gone {
		v.follow(&w)
	}
	same := w.Spec.Mode == q.stored.Mode && w.Spec.Suspend == q.stored.Suspend && w.Record.Withdrawn == q.record.Withdrawn
	w = w.finish()
	if same {
		w.Record.Digest = q.record.Digest
	}
	return w
}
