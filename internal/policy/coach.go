package policy

import (
	"slices"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// pair is what a child says of coaching, and of muted where that depends on it.
type pair struct {
	// muted is nil where coaching says nothing about it.
	muted *bool
	// coaching and coachee are as in the spec.
	coaching *bool
	coachee  v1alpha1.SID
	// role is the Coach of the Record.
	role v1alpha1.RoleName
}

// coach decides what a child says of coaching (R20).
func (v *view) coach(q *party) pair {
	coached := q.stored.Coaching != nil || q.stored.CallSIDToCoach != ""
	switch {
	case !q.known:
		return pair{coaching: q.stored.Coaching, coachee: q.stored.CallSIDToCoach, role: q.record.Coach}
	case q.role != nil && q.role.CoachRole != "":
		return v.coaching(q, coached)
	case q.record.Coach != "" && !q.rejoined:
		return q.stopCoaching()
	case coached && !q.rejoined:
		return pair{coaching: new(false)}
	default:
		return pair{}
	}
}

// coaching decides for a role that coaches. Without a coachee the child is muted; it
// is audible only together with a coachee that the present look shows, or as it was
// with the last one, which R17 then mutes.
func (v *view) coaching(q *party, coached bool) pair {
	coachee, keep := v.coachee(q)
	p := pair{muted: new(true), role: q.role.Name}
	switch {
	case q.assumed && q.record.Coach != q.role.Name:
		p.role, coachee = q.record.Coach, ""
	case coachee != "":
		p.muted = new(!isFalse(q.role.Muted))
	case keep:
		coachee = q.stored.CallSIDToCoach
		p.muted = new(!isFalse(q.role.Muted) || !isFalse(q.stored.Muted))
	}
	switch {
	case coachee != "":
		p.coaching, p.coachee = new(true), coachee
	case coached:
		p.coaching = new(false)
	}
	return p
}

// coachee chooses the call leg to coach: the one that is coached already, else the
// earliest of the role. Keep says that there is none to choose and that the pair
// stays: the coachee has left, or it is not known whether it has, or which role it
// has.
func (v *view) coachee(q *party) (chosen v1alpha1.SID, keep bool) {
	name, last := q.role.CoachRole, q.stored.CallSIDToCoach
	c := v.party(string(last))
	here := c != nil && !c.gone
	switch {
	case here && c.coachable(name):
		return last, false
	case here && (c.is(name) || !c.known):
		return "", true
	}
	if chosen = v.anotherCoachee(q, name); chosen != "" {
		return chosen, false
	}
	return "", last != "" && !here
}

// anotherCoachee is the call leg of a role that is seen to be coached, else the
// earliest; empty for none.
func (v *view) anotherCoachee(q *party, name v1alpha1.RoleName) v1alpha1.SID {
	if c := v.party(q.Coachee); q.Coaching && c != nil && c.coachable(name) {
		return v1alpha1.SID(c.CallSID)
	}
	first := slices.IndexFunc(v.parties, func(c party) bool { return c.coachable(name) })
	if first < 0 {
		return ""
	}
	return v1alpha1.SID(v.parties[first].CallSID)
}

// coachable reports whether the present look shows a call leg in a role.
func (q *party) coachable(name v1alpha1.RoleName) bool { return q.is(name) && !q.Missing }

// stopCoaching is for a call leg that coached in a role, or waited to, and does not
// any more: it is muted until it leaves, unless another role declares muted: false.
func (q *party) stopCoaching() pair {
	opened := q.role != nil && isFalse(q.role.Muted) && q.named && !q.assumed && q.role.Name != q.record.Coach
	p := pair{muted: new(!opened), coaching: new(false), role: q.record.Coach}
	if opened {
		p.role = ""
	}
	return p
}
