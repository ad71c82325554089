package voicesim

import (
	"net/url"
	"time"
)

// change is what an update of a participant asks for; nil and empty fields are
// absent ones.
type change struct {
	muted, hold *bool
	coaching    *bool
	coachee     *string
	holdURL     string
	holdMethod  string
	announceURL string
}

func parseChange(form url.Values, settings Settings) (change, *failure) {
	r := newFormReader(form, settings)
	c := change{muted: r.boolean("Muted"), hold: r.boolean("Hold"), coaching: r.boolean("Coaching")}
	if v, ok := r.text("CallSidToCoach"); ok {
		c.coachee = &v
	}
	c.holdURL, _ = r.url("HoldUrl")
	c.holdMethod, _ = r.method("HoldMethod")
	c.announceURL, _ = r.url("AnnounceUrl")
	r.method("AnnounceMethod")
	r.url("WaitUrl")
	r.method("WaitMethod")
	r.boolean("Beep")
	c.settleCoaching(settings.AbsentCoachingResets)
	if c.coaching != nil && *c.coaching && (c.coachee == nil || *c.coachee == "") {
		r.fail(codeInvalidArgument)
	}
	return c, r.done()
}

// settleCoaching makes explicit what the pair of coaching fields leaves out.
func (c *change) settleCoaching(absentResets bool) {
	switch {
	case c.coaching != nil && !*c.coaching:
		c.coachee = nil
	case c.coaching == nil && c.coachee != nil:
		c.coaching = new(true)
	case c.coaching == nil && absentResets:
		c.coaching = new(false)
	}
}

// updateParticipant applies an update wholly or not at all. Only the fields that
// it carries change.
func (s *Simulator) updateParticipant(x *exchange, m *member, now time.Time) reply {
	c, f := parseChange(x.Form, s.settings)
	if f == nil {
		f = s.checkCoachee(c, m, now)
	}
	if f != nil {
		return failed(f)
	}
	m.settle(now)
	before := m.Participant
	wished := c.on(before, s.settings.IgnoreChangesOnHold).changedFrom(before, now)
	answer := found(wished.body(s.settings.OddDates))
	if x.fault.Ignore {
		return answer
	}
	m.become(wished, now)
	x.applied = true
	if d := x.fault.RevertAfter; d > 0 {
		m.undos = append(m.undos, undo{at: now.Add(d), before: before, after: wished})
	}
	if d := x.fault.StaleReads; d > 0 {
		m.showStale(before, now, now.Add(d))
	}
	return answer
}

// checkCoachee refuses a coachee who is not in the same conference, is on hold,
// or is the coach.
func (s *Simulator) checkCoachee(c change, coach *member, now time.Time) *failure {
	if c.coachee == nil {
		return nil
	}
	coachee := s.member(coach.ConferenceSID, *c.coachee)
	if coachee == nil || coachee == coach {
		return unprocessable(codeConferenceAttribute)
	}
	coachee.settle(now)
	if coachee.Hold {
		return unprocessable(codeConferenceAttribute)
	}
	return nil
}

// on returns what the change makes of a participant. One who stays on hold may
// ignore everything but announcements.
func (c change) on(p Participant, ignoreOnHold bool) Participant {
	if c.announceURL != "" {
		p.AnnounceURL = c.announceURL
		p.Announced++
	}
	if ignoreOnHold && p.Hold && (c.hold == nil || *c.hold) {
		return p
	}
	set(&p.Muted, c.muted)
	set(&p.Hold, c.hold)
	if c.coaching != nil {
		p.Coaching = *c.coaching
		p.CallSIDToCoach = ""
		set(&p.CallSIDToCoach, c.coachee)
	}
	if c.holdURL != "" {
		p.HoldURL = c.holdURL
	}
	if c.holdMethod != "" {
		p.HoldMethod = c.holdMethod
	}
	return p
}

func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
