package voicesim

import (
	"net/url"
	"time"
)

// change is the content of an update of a participant. Fields that are nil or
// empty were missing.
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
	c.completeCoaching(settings.AbsentCoachingResets)
	if c.coaching != nil && *c.coaching && (c.coachee == nil || *c.coachee == "") {
		r.fail(codeInvalidArgument)
	}
	return c, r.done()
}

// completeCoaching fills in the coaching field that is implied by the other one.
func (c *change) completeCoaching(absentResets bool) {
	switch {
	case c.coaching != nil && !*c.coaching:
		c.coachee = nil
	case c.coaching == nil && c.coachee != nil:
		c.coaching = new(true)
	case c.coaching == nil && absentResets:
		c.coaching = new(false)
	}
}

// updateParticipant applies an update completely or not at all. Only the fields of
// the update change.
func (s *Simulator) updateParticipant(x *exchange, m *member, now time.Time) reply {
	c, f := parseChange(x.Form, s.settings)
	if f == nil {
		f = s.checkCoachee(c, m, now)
	}
	if f != nil {
		return failed(f)
	}
	m.applyReverts(now)
	before := m.Participant
	changed := c.on(before, s.settings.IgnoreChangesOnHold).changedFrom(before, now)
	accepted := found(changed.body(s.settings.OddDates))
	if x.fault.Ignore {
		return accepted
	}
	m.become(changed, now)
	x.applied = true
	if d := x.fault.RevertAfter; d > 0 {
		m.reverts = append(m.reverts, revert{at: now.Add(d), before: before, after: changed})
	}
	if d := x.fault.StaleReads; d > 0 {
		m.showStale(before, now, now.Add(d))
	}
	return accepted
}

// checkCoachee returns a failure if the coachee is not in the same conference, is
// on hold, or is the coach.
func (s *Simulator) checkCoachee(c change, coach *member, now time.Time) *failure {
	if c.coachee == nil {
		return nil
	}
	coachee := s.member(coach.ConferenceSID, *c.coachee)
	if coachee == nil || coachee == coach {
		return newFailure(s.settings.MissingCoacheeStatus, codeConferenceAttribute)
	}
	coachee.applyReverts(now)
	if coachee.Hold {
		return newFailure(s.settings.MissingCoacheeStatus, codeConferenceAttribute)
	}
	return nil
}

// on returns a participant with the change applied. With ignoreOnHold, a
// participant that stays on hold gets announcements only.
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

// set sets a field to a value, unless the value is nil.
func set[T any](field *T, value *T) {
	if value != nil {
		*field = *value
	}
}
