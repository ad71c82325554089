package policy

import (
	"cmp"
	"slices"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Assign decides what a policy comes to in a room. The same arguments have the same
// result, and once the result is written there is nothing more to write (R29).
func Assign(p Policy, room Room, now time.Time) Assignment {
	v := see(p, room, now)
	a := Assignment{
		Roles:        map[string]v1alpha1.RoleName{},
		Unidentified: map[string]v1alpha1.RoleName{},
		Absent:       v.absent,
		EndAt:        v.endAt(),
	}
	v.decideAt(a.EndAt)
	for place := range v.parties {
		a.report(v, &v.parties[place])
		a.assign(v, place)
	}
	slices.SortStableFunc(a.Children, func(x, y Want) int { return cmp.Compare(x.Urgency, y.Urgency) })
	a.NextAt = v.next
	return a
}

// assign decides about the child of the call leg at a place. No child goes because a
// list lacks its call leg (R27).
func (a *Assignment) assign(v *view, place int) {
	q := &v.parties[place]
	away := q.gone || q.Missing || v.spec.Suspend
	switch {
	case q.Child == nil:
	case away || v.observes():
		a.Children = append(a.Children, v.keep(q))
	case q.Overridden:
		a.release(v, q)
	}
	if !away && !q.Overridden {
		a.decide(v, place)
	}
}

// decide decides about the call leg at a place as the policy says.
func (a *Assignment) decide(v *view, place int) {
	q := &v.parties[place]
	w, wanted := v.want(place)
	a.Waiting = a.Waiting || w.Record.Waits
	switch {
	case v.observes():
		a.Drift.count(w.Spec, q)
	case wanted:
		a.Children = append(a.Children, w)
	case q.Child != nil:
		a.Delete = append(a.Delete, *q.Child)
	}
}

// release has the child of a call leg that is out of the policy open what it closed
// for a while, and then go (R22).
func (a *Assignment) release(v *view, q *party) {
	w, wanted := Release(*q.Child, q.Leg, v.now)
	if !wanted {
		a.Delete = append(a.Delete, *q.Child)
		return
	}
	v.follow(&w)
	a.Children = append(a.Children, w.finish())
	v.decideAt(w.Record.Released.Add(releaseLimit))
}

// report says what is known of the role of a call leg, and what has to be.
func (a *Assignment) report(v *view, q *party) {
	if q.role != nil && q.named && !q.gone {
		a.Roles[q.CallSID] = q.role.Name
	}
	if q.gone || q.Missing {
		return
	}
	if q.matters && !q.known {
		a.Unidentified[q.CallSID] = q.may[0].Name
	}
	if v.reads(q) {
		a.Lookups = append(a.Lookups, q.CallSID)
	}
	if v.entered(q) {
		a.Entered = append(a.Entered, q.CallSID)
	}
}

// reads reports whether the call behind a call leg has to be read.
func (v *view) reads(q *party) bool {
	return q.matters && q.Caller.State == CallerUnknown && !v.spec.Suspend
}
