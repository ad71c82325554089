package policy

import (
	"cmp"
	"slices"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// view is a room as a policy sees it at one time.
type view struct {
	Policy
	room Room
	now  time.Time
	// parties are the call legs in the order in which they joined.
	parties []party
	// absent is what the next room has to have.
	absent map[v1alpha1.RoleName]time.Time
	// wait is how far the room waits for a role.
	wait waiting
	// next is when to decide again.
	next time.Time
}

// see identifies the call legs of a room.
func see(p Policy, room Room, now time.Time) *view {
	legs := slices.SortedFunc(slices.Values(room.Legs), func(a, b Leg) int {
		return cmp.Or(a.Joined.Compare(b.Joined), a.FirstSeen.Compare(b.FirstSeen), cmp.Compare(a.CallSID, b.CallSID))
	})
	v := &view{Policy: p, room: room, now: now}
	for _, l := range legs {
		v.parties = append(v.parties, p.identify(l, room))
	}
	v.absent = v.absences()
	v.wait = v.waiting()
	return v
}

// party returns the call leg of a call SID, nil for none.
func (v *view) party(callSID string) *party {
	i := slices.IndexFunc(v.parties, func(q party) bool { return q.CallSID == callSID })
	if i < 0 {
		return nil
	}
	return &v.parties[i]
}

// there reports whether a call leg of a role is in the room, as far as is known. One
// that a single list lacks still is (R27).
func (v *view) there(name v1alpha1.RoleName) bool {
	return slices.ContainsFunc(v.parties, func(q party) bool { return q.is(name) })
}

// absences notes since when no call leg is there, for the roles that matter and were
// seen: by this process, or by a child that says when its call leg has left.
func (v *view) absences() map[v1alpha1.RoleName]time.Time {
	absent := map[v1alpha1.RoleName]time.Time{}
	var names []v1alpha1.RoleName
	if v.spec.WaitForRole != nil {
		names = append(names, v.spec.WaitForRole.Role)
	}
	if v.spec.EndWhenRoleLeaves != nil {
		names = append(names, v.spec.EndWhenRoleLeaves.Role)
	}
	for _, name := range names {
		since, seen := v.room.Absent[name]
		left := v.left(name)
		switch {
		case v.there(name):
			absent[name] = time.Time{}
		case seen && since.IsZero():
			absent[name] = v.now
		case seen:
			absent[name] = since
		case !left.IsZero():
			absent[name] = left
		}
	}
	return absent
}

// left is when the last call leg of a role has left, as the children say.
func (v *view) left(name v1alpha1.RoleName) (at time.Time) {
	for i := range v.parties {
		if q := &v.parties[i]; q.gone && q.Child.Role == name {
			at = latest(at, q.Child.Left)
		}
	}
	return at
}

// endAt is when the room ends because a role has left it: only after one was seen to
// leave, and not while a call leg may be of that role (R25).
func (v *view) endAt() time.Time {
	end := v.spec.EndWhenRoleLeaves
	if end == nil || v.observes() || v.spec.Suspend || v.maybeThere(end.Role) {
		return time.Time{}
	}
	since := v.absent[end.Role]
	if since.IsZero() {
		return since
	}
	return since.Add(time.Duration(end.AfterSeconds) * time.Second)
}

// maybeThere reports whether a call leg may be of a role and is not known to be.
func (v *view) maybeThere(name v1alpha1.RoleName) bool {
	return slices.ContainsFunc(v.parties, func(q party) bool { return q.mayBe(name) })
}

// decideAt has the next decision made at a time at the latest, if that is still to
// come.
func (v *view) decideAt(at time.Time) {
	if at.After(v.now) && (v.next.IsZero() || at.Before(v.next)) {
		v.next = at
	}
}

// deadline is until when it may be unknown which role a joiner has: identifyWithinSeconds
// from when it was first seen, or from when its call is asked for first, since nothing asks
// while the room is not started, or no role depends on it.
func (v *view) deadline(q *party) time.Time {
	since := q.FirstSeen
	if v.reads(q) {
		since = latest(since, q.Asked)
		if q.Asked.IsZero() {
			since = v.now
		}
	}
	return since.Add(v.identifyWithin())
}

// overdue reports whether a joiner was unknown for too long, and otherwise has that
// decided in time.
func (v *view) overdue(q *party) bool {
	at := v.deadline(q)
	v.decideAt(at)
	return !v.now.Before(at)
}
