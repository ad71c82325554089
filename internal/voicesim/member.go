package voicesim

import (
	"slices"
	"time"
)

// member is a participant with what only the simulator knows.
type member struct {
	Participant

	seq       uint64
	visibleAt time.Time
	// stale is what reads show until staleUntil.
	stale      Participant
	staleUntil time.Time
	undos      []undo
}

func (m *member) place() uint64 { return m.seq }

// become makes p true of the member. Its date moves only with a real change.
func (m *member) become(p Participant, now time.Time) {
	m.Participant = p.changedFrom(m.Participant, now)
}

// changedFrom returns p with the date of its update: now if it differs from old
// in more than announcements.
func (p Participant) changedFrom(old Participant, now time.Time) Participant {
	before, after := old, p
	before.AnnounceURL, before.Announced = p.AnnounceURL, p.Announced
	if before != after {
		p.DateUpdated = now
	}
	return p
}

// shown returns what reads show of the member.
func (m *member) shown(now time.Time) Participant {
	m.settle(now)
	if now.Before(m.staleUntil) {
		return m.stale
	}
	return m.Participant
}

// showStale makes reads show old until the given time, or what they show already
// if that is older.
func (m *member) showStale(old Participant, now, until time.Time) {
	if !now.Before(m.staleUntil) {
		m.stale = old
	}
	m.staleUntil = until
}

// undo takes back, at a given time, the difference between two states.
type undo struct {
	at            time.Time
	before, after Participant
}

// settle takes back what is due by now.
func (m *member) settle(now time.Time) {
	m.undos = slices.DeleteFunc(m.undos, func(u undo) bool {
		due := !now.Before(u.at)
		if due {
			m.become(u.restore(m.Participant), u.at)
		}
		return due
	})
}

// restore returns p with the fields that still are as the update left them set
// back to what they were before it. Coaching and its target are one.
func (u undo) restore(p Participant) Participant {
	back(&p.Muted, u.after.Muted, u.before.Muted)
	back(&p.Hold, u.after.Hold, u.before.Hold)
	back(&p.HoldURL, u.after.HoldURL, u.before.HoldURL)
	back(&p.HoldMethod, u.after.HoldMethod, u.before.HoldMethod)
	if p.Coaching == u.after.Coaching && p.CallSIDToCoach == u.after.CallSIDToCoach {
		p.Coaching, p.CallSIDToCoach = u.before.Coaching, u.before.CallSIDToCoach
	}
	return p
}

func back[T comparable](field *T, from, to T) {
	if *field == from {
		*field = to
	}
}
