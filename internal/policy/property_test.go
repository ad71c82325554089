package policy

import (
	"slices"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// check compares a decision with what was there before it.
func (p *play) check(a Assignment) {
	seen := map[string]bool{}
	for i, w := range a.Children {
		if seen[w.Name] || i > 0 && a.Children[i-1].Urgency > w.Urgency {
			p.t.Errorf("%s is there twice, or out of order", w.Name)
		}
		seen[w.Name] = true
		l := *p.leg(w.CallSID)
		before := Child{}
		if l.Child != nil {
			before = *l.Child
		}
		p.checkStored(w)
		p.checkEntry(w, l, before)
		for _, field := range []v1alpha1.OnceField{v1alpha1.OnceMuted, v1alpha1.OnceHold} {
			p.checkField(field, w, l, before)
		}
		idle := l.Missing || l.Overridden || p.conference.Spec.Suspend || p.conference.Spec.Mode == v1alpha1.ModeObserve
		if l.Child == nil && idle {
			p.t.Errorf("%s is made", w.Name)
		}
		if !idle && a.Roles[w.CallSID] == w.Role {
			p.checkCoach(w, before)
		}
	}
	for _, c := range a.Delete {
		p.checkDelete(c, seen)
	}
}

func (p *play) checkDelete(c Child, seen map[string]bool) {
	i := slices.IndexFunc(p.room.Legs, func(l Leg) bool { return l.Child != nil && l.Child.Name == c.Name })
	l := p.room.Legs[i]
	overridden := l.Overridden && l.Overrides == Fields{true, true}
	overrides := l.Overrides
	if !l.Overridden {
		overrides = Fields{}
	}
	closes := c.Record.Muted && !overrides.Muted || c.Record.Hold && !overrides.Hold
	if seen[c.Name] || l.Missing || p.conference.Spec.Suspend || closes && !overridden && c.Record.Released.IsZero() {
		p.t.Errorf("%s goes", c.Name)
	}
}

// checkStored is what the API server refuses.
func (p *play) checkStored(w Want) {
	s := w.Spec
	once := v1alpha1.AudioControls{}
	if s.Once != nil {
		once = s.Once.AudioControls
	}
	switch {
	case s.Once != nil && once.Muted == nil && once.Hold == nil:
		p.t.Error("an empty once")
	case s.Muted != nil && once.Muted != nil, s.Hold != nil && once.Hold != nil:
		p.t.Error("declared and in once")
	case s.Hold == nil && (s.HoldURL != "" || s.HoldMethod != ""):
		p.t.Error("music without hold")
	case isTrue(s.Coaching) != (s.CallSIDToCoach != ""), s.CallSIDToCoach == s.CallSID:
		p.t.Errorf("coaching %v of %q", s.Coaching, s.CallSIDToCoach)
	}
}

// checkCoach: a coach is audible only with a coachee that this very look shows in its
// role, or with the pair that it was audible with before.
func (p *play) checkCoach(w Want, before Child) {
	coachRole := p.declares(w).CoachRole
	kept := isFalse(before.Spec.Muted) && before.Spec.CallSIDToCoach == w.Spec.CallSIDToCoach && w.Spec.CallSIDToCoach != ""
	if coachRole == "" || !isFalse(w.Spec.Muted) || kept {
		return
	}
	i := slices.IndexFunc(p.room.Legs, func(l Leg) bool { return l.CallSID == string(w.Spec.CallSIDToCoach) })
	if i < 0 || p.room.Legs[i].Missing || p.last.Roles[p.room.Legs[i].CallSID] != coachRole {
		p.t.Errorf("%s is audible without a coachee", w.CallSID)
	}
}

// checkEntry: what a join had on entry stays, and no more comes.
func (p *play) checkEntry(w Want, l Leg, before Child) {
	rejoined := !before.Record.Joined.IsZero() && l.Joined.After(before.Record.Joined)
	if before.Name == "" || !before.Record.Entered || rejoined {
		return
	}
	had, has := onceOf(before.Spec, v1alpha1.OnceMuted), onceOf(w.Spec, v1alpha1.OnceMuted)
	if isTrue(has) && !isTrue(had) {
		p.t.Errorf("%s is muted on entry again", w.CallSID)
	}
	if w.Spec.Announcement != nil && dump(w.Spec.Announcement) != dump(before.Spec.Announcement) {
		p.t.Errorf("%s has another announcement", w.CallSID)
	}
}

// view of one field of a spec, in a form in which both are alike.
func fieldOf(field v1alpha1.OnceField, a v1alpha1.AudioControls) *bool {
	if field == v1alpha1.OnceMuted {
		return a.Muted
	}
	return a.Hold
}

func closedForAWhile(field v1alpha1.OnceField, r Record) bool {
	return field == v1alpha1.OnceMuted && r.Muted || field == v1alpha1.OnceHold && r.Hold
}

// checkField: nothing is opened but what was closed for a while or is declared open,
// nothing is closed for a while that was closed already, and nothing that is closed
// for a while is forgotten.
func (p *play) checkField(field v1alpha1.OnceField, w Want, l Leg, before Child) {
	wasWhile, isWhile := closedForAWhile(field, before.Record), closedForAWhile(field, w.Record)
	declared, once := fieldOf(field, w.Spec.AudioControls), onceOf(w.Spec, field)
	wasOnce := onceOf(before.Spec, field)
	if isFalse(once) && !wasWhile && !isFalse(wasOnce) {
		p.t.Errorf("%s: %s is opened, and was not closed", w.CallSID, field)
	}
	opens := func(r v1alpha1.Role) bool { return isFalse(fieldOf(field, r.AudioControls)) }
	open := opens(p.declares(w))
	if _, matters := p.last.Unidentified[w.CallSID]; w.Role == "" && !matters {
		// All the roles that it may have say the same.
		open = slices.ContainsFunc(p.conference.Spec.Roles, opens)
	}
	if isFalse(declared) && !open && !isFalse(fieldOf(field, before.Spec.AudioControls)) {
		p.t.Errorf("%s: %s is declared open by nothing", w.CallSID, field)
	}
	seen := field == v1alpha1.OnceMuted && l.Muted || field == v1alpha1.OnceHold && l.Hold
	if isWhile && !wasWhile && seen && !isFalse(wasOnce) {
		p.t.Errorf("%s: %s was closed already", w.CallSID, field)
	}
	if isWhile && !isTrue(declared) && !isTrue(once) {
		p.t.Errorf("%s: %s is closed for a while by nothing", w.CallSID, field)
	}
	overridden := l.Overridden && (field == v1alpha1.OnceMuted && l.Overrides.Muted || field == v1alpha1.OnceHold && l.Overrides.Hold)
	if wasWhile && !isWhile && declared == nil && once == nil && !overridden {
		p.t.Errorf("%s: %s stays closed", w.CallSID, field)
	}
}
