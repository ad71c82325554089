package policy

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// party is a call leg with what is known of its role.
type party struct {
	Leg
	// role is the role that holds; nil for none. It is set only while known.
	role *role
	// known says that it is certain what holds for the call leg, or that its role
	// stays as it was.
	known bool
	// named says that role is the call leg's role by name. Where several roles say the
	// same, what holds is known without.
	named bool
	// assumed says that role is that of the child, while the answer is missing: it
	// opens nothing that the child does not.
	assumed bool
	// unread says that a Secret which was not read so far keeps the role unknown.
	unread bool
	// may are the roles that may be the call leg's, in order, while no role is certain.
	may []*role
	// matters says that the answer would change something.
	matters bool
	// record and stored are what the child says; zero without one.
	record Record
	stored v1alpha1.ConferenceParticipantSpec
	// gone says that the call leg has left.
	gone bool
	// rejoined says that the child was made for an earlier join.
	rejoined bool
	// join is when the call leg has joined, for what is done on entry.
	join time.Time
}

// identify judges which role a call leg has (R20).
func (p Policy) identify(l Leg, room Room) party {
	q := party{Leg: l, join: latest(l.Joined, room.Started)}
	if q.join.IsZero() {
		q.join = l.FirstSeen
	}
	if l.Child != nil {
		q.record, q.stored = l.Child.Record, l.Child.Spec
		q.rejoined = !q.record.Joined.IsZero() && l.Joined.After(q.record.Joined)
		q.gone = l.Missing && !l.Child.Left.IsZero()
	}
	certain := p.possible(&q, l)
	if had := q.ifUnknown(p); room.LookupFailing && had != nil {
		certain, q = false, *had
	}
	q.matters = !certain && p.differs(&q)
	q.take(certain)
	return q
}

// take gives a call leg the role that is certain, or else that of its child, or any
// of those that mean the same.
func (q *party) take(certain bool) {
	had := q.had()
	switch {
	case certain:
		q.known, q.named = true, true
	case had != nil:
		q.known, q.named, q.assumed, q.role = true, true, q.matters, had
		return
	default:
		q.known = !q.matters && !q.Overridden
	}
	if q.known && len(q.may) > 0 {
		q.role = q.may[0]
	}
}

// ifUnknown is a call leg as if its call, which the provider does not know, was not
// read so far: while reads of calls fail, that is no reason to take a role away
// (R21). Nil if it would not keep its role by that.
func (q *party) ifUnknown(p Policy) *party {
	if q.Caller.State != CallerMissing {
		return nil
	}
	other, l := *q, q.Leg
	l.Caller.State = CallerUnknown
	other.may, other.unread = nil, false
	certain := p.possible(&other, l)
	if certain || other.had() == nil {
		return nil
	}
	return &other
}

// possible notes the roles that may be those of a call leg: from the first that is
// not no to the first that is yes. It reports whether that leaves one, or none.
func (p Policy) possible(q *party, l Leg) (certain bool) {
	for i := range p.roles {
		verdict := p.roles[i].judge(&l)
		if verdict == no {
			continue
		}
		q.may = append(q.may, &p.roles[i])
		q.unread = q.unread || verdict == unread
		if verdict == yes {
			return len(q.may) == 1
		}
	}
	if len(q.may) > 0 {
		q.may = append(q.may, nil)
	}
	return len(q.may) == 0
}

// possibly returns the first role that may be the call leg's and of which something
// is true; nil for none.
func (q *party) possibly(is func(*role) bool) *role {
	for _, r := range q.may {
		if r != nil && is(r) {
			return r
		}
	}
	return nil
}

// had is the role that the child says, if it may still be the call leg's.
func (q *party) had() *role {
	if q.Child == nil || q.Child.Role == "" {
		return nil
	}
	return q.possibly(func(r *role) bool { return r.Name == q.Child.Role })
}

// is reports whether a call leg that has not left has a role.
func (q *party) is(name v1alpha1.RoleName) bool {
	return !q.gone && q.known && q.named && q.role != nil && q.role.Name == name
}

// mayBe reports whether it is not known that a call leg is of another role.
func (q *party) mayBe(name v1alpha1.RoleName) bool {
	return !q.gone && !q.known && q.possibly(func(r *role) bool { return r.Name == name }) != nil
}

// entering reports whether what is done on entry is due (R26).
func (q *party) entering() bool {
	return q.Entered && (q.rejoined || !q.record.Entered)
}

// latest returns the later of two times.
func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
