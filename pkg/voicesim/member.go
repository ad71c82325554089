package voicesim

import (
	"slices"
	"time"
)

// member is a participant with the state that only the simulator has.
type member struct {
	Participant

	seq       uint64
	visibleAt time.Time
	// leftAt is when the member left, zero before.
	leftAt time.Time
	past   past[Participant]
	// stale is what reads show until staleUntil.
	stale      Participant
	staleUntil time.Time
	reverts    []revert
}

func (m *member) place() uint64 { return m.seq }

// become sets the state of the member. DateUpdated moves only with a real change.
func (m *member) become(p Participant, now time.Time) {
	m.past.note(m.Participant, now)
	m.Participant = p.changedFrom(m.Participant, now)
}

// changedFrom returns p with its DateUpdated set: to now if p differs from old in
// more than announcements.
func (p Participant) changedFrom(old Participant, now time.Time) Participant {
	before, after := old, p
	before.AnnounceURL, before.Announced = p.AnnounceURL, p.Announced
	if before != after {
		p.DateUpdated = now
	}
	return p
}

// shown returns the state of the member that reads show: the one it had at a time.
func (m *member) shown(now, at time.Time) Participant {
	m.applyReverts(now)
	if now.Before(m.staleUntil) {
		return m.stale
	}
	return m.past.at(at, m.Participant)
}

// present reports whether the member was in its conference at a time, and is visible.
func (m *member) present(now, at time.Time) bool {
	return !now.Before(m.visibleAt) && !m.DateCreated.After(at) && (m.leftAt.IsZero() || at.Before(m.leftAt))
}

// roster returns the members that a list may show: those that a conference may have
// had at a time. It returns a failure if there is no list.
func (s *Simulator) roster(c *conference, now, at time.Time) ([]*member, *failure) {
	status := c.past.at(at, c.Conference).Status
	switch {
	case c.DateCreated.After(at), status == StatusCompleted && s.settings.CompletedList == CompletedListNotFound:
		return nil, notFound()
	case status == StatusInit && s.settings.WaitingUnlisted:
		return nil, nil
	case at.Equal(now):
		return c.members, nil
	}
	all := slices.Clone(c.members)
	for _, m := range c.account.departed {
		if m.ConferenceSID == c.SID {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b *member) int { return comparePlace(a, b.seq) })
	return all, nil
}

// showStale makes reads show an old state until the given time. If they show an
// older one already, they go on to do so.
func (m *member) showStale(old Participant, now, until time.Time) {
	if !now.Before(m.staleUntil) {
		m.stale = old
	}
	m.staleUntil = until
}

// revert undoes, at a given time, the difference between two states.
type revert struct {
	at            time.Time
	before, after Participant
}

// applyReverts carries out the reverts that are due.
func (m *member) applyReverts(now time.Time) {
	m.reverts = slices.DeleteFunc(m.reverts, func(u revert) bool {
		due := !now.Before(u.at)
		if due {
			m.become(u.restore(m.Participant), u.at)
		}
		return due
	})
}

// restore returns p with each field that still has the value of the update set
// back to its value before it. Coaching and its target count as one field.
func (u revert) restore(p Participant) Participant {
	back(&p.Muted, u.after.Muted, u.before.Muted)
	back(&p.Hold, u.after.Hold, u.before.Hold)
	back(&p.HoldURL, u.after.HoldURL, u.before.HoldURL)
	back(&p.HoldMethod, u.after.HoldMethod, u.before.HoldMethod)
	if p.Coaching == u.after.Coaching && p.CallSIDToCoach == u.after.CallSIDToCoach {
		p.Coaching, p.CallSIDToCoach = u.before.Coaching, u.before.CallSIDToCoach
	}
	return p
}

// back sets a field to a value if it still has another one.
func back[T comparable](field *T, from, to T) {
	if *field == from {
		*field = to
	}
}
