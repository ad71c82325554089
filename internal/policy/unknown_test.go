package policy

import (
	"testing"
	"time"
)

func TestR21UnknownCloses(t *testing.T) {
	const host = `{name: host, match: [{numbers: ["+15555550100"]}]`
	late := func(s *stage) { s.pass(2) }
	for _, c := range []struct {
		what, spec string
		leg        func(*Leg)
		when       func(*stage)
		want       string
	}{
		{"in time", "roles: [" + host + "}, {name: audience, muted: true}]", nil, nil, "none"},
		{"a possible role mutes", "roles: [" + host + "}, {name: audience, muted: true}]", nil, late, ": muted=true (muted) Reset"},
		{"a possible role holds", "roles: [" + host + ", hold: true, holdURL: 'https://m'}, {name: audience}]", nil, late, ": hold=true music=m (hold) Reset"},
		{"both", "roles: [" + host + ", hold: true}, {name: audience, muted: true}]", nil, late, ": muted=true hold=true (muted) (hold) Reset"},
		{"nothing is closed", "roles: [" + host + ", muted: false}, {name: audience}]", nil, late, "none"},
		{"mute on entry", "roles: [" + host + "}, {name: audience, muteOnEntry: true}]", nil, late, ": once.muted=true (muted) Reset"},
		{"mute on entry, long ago", "roles: [" + host + "}, {name: audience, muteOnEntry: true}]", func(l *Leg) { l.Entered = false }, late, "none"},
		{"declared goes before on entry", "roles: [" + host + ", muteOnEntry: true}, {name: audience, muted: true}]", nil, late, ": muted=true (muted) Reset"},
		{"muted already", "roles: [" + host + "}, {name: audience, muted: true}]", muted, late, "none"},
		{"on hold already", "roles: [" + host + ", hold: true}, {name: audience, muted: true}]", onHold, late, ": muted=true (muted) Reset"},
		{"the mute of coachRole", "roles: [{name: agent, match: [{endConferenceOnExit: true}]}, " + host + ", coachRole: agent, muted: false}, {name: audience}]", nil, late, "none"},
		{"a role that it can't be", "roles: [" + host + ", hold: true}, {name: no, match: [{endConferenceOnExit: true}], muted: true}, {name: audience}]", nil, late, ": hold=true (hold) Reset"},
		{"a role after one that is sure", "roles: [" + host + ", hold: true}, {name: any, match: [{endConferenceOnExit: false}]}, {name: audience, muted: true}]", func(l *Leg) { l.EndsRoom = new(false) }, late, ": hold=true (hold) Reset"},
		{"no joiner", "roles: [" + host + "}, {name: audience, muted: true}]", present, late, "none"},
		{"five seconds are allowed", "roles: [" + host + "}, {name: audience, muted: true}]\nidentifyWithinSeconds: 5", nil, late, "none"},
		{"none is allowed", "roles: [" + host + "}, {name: audience, muted: true}]\nidentifyWithinSeconds: 0", nil, nil, ": muted=true (muted) Reset"},
		{"a list lacks it", "roles: [" + host + "}, {name: audience, muted: true}]", func(l *Leg) { l.Missing = true }, late, "none"},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := staged(t, c.spec)
			l := s.join("A")
			if c.leg != nil {
				c.leg(l)
			}
			if c.when != nil {
				c.when(s)
			}
			s.want("A", c.want)
		})
	}
}

func TestR21IsDecidedInTime(t *testing.T) {
	s := staged(t, byNumber)
	s.join("A")
	if a := s.assign(); !a.NextAt.Equal(s.now.Add(defaultIdentifyWithin)) {
		t.Errorf("decided again at %s", a.NextAt)
	}
	s.pass(2)
	if a := s.apply(); !a.NextAt.IsZero() {
		t.Errorf("decided again at %s", a.NextAt)
	}
}

// TestR21TheTimeToIdentifyBeginsWhenItIsAsked has an edit make a role depend on the number of
// one that came long ago.
func TestR21TheTimeToIdentifyBeginsWhenItIsAsked(t *testing.T) {
	s := staged(t, byNumber)
	l := s.join("A")
	l.Asked = time.Time{}
	s.pass(3600)
	s.want("A", "none")
	if a := s.assign(); !a.NextAt.Equal(s.now.Add(defaultIdentifyWithin)) {
		t.Errorf("decided again at %s", a.NextAt)
	}
	l.Asked = s.now
	s.pass(1)
	s.want("A", "none")
	s.pass(1)
	s.want("A", ": muted=true (muted) Reset")
}

// closedWhileUnknown is a joiner A that is closed because it is unknown.
func closedWhileUnknown(t *testing.T, spec, want string) *stage {
	t.Helper()
	s := staged(t, spec)
	s.join("A")
	s.pass(2)
	s.want("A", want)
	s.carryOut()
	s.want("A", want)
	return s
}

func TestR23TheAnswerOpens(t *testing.T) {
	const spec = `roles: [{name: host, match: [{numbers: ["+15555550100"]}]}, {name: audience, muted: true}]`
	const closed = ": muted=true (muted) Reset"
	s := closedWhileUnknown(t, spec, closed)
	hostCalls(s.leg("A"))
	s.want("A", "host: once.muted=false Reset")
	s.carryOut()
	s.want("A", "host: once.muted=false Reset")

	s = closedWhileUnknown(t, spec, closed)
	stranger(s.leg("A"))
	s.want("A", "audience: muted=true")

	s = closedWhileUnknown(t, byNumber, closed)
	hostCalls(s.leg("A"))
	s.want("A", "host: muted=false")
}

func TestR23WhatEntryClosedForAWhile(t *testing.T) {
	const spec = `roles: [{name: host, match: [{numbers: ["+15555550100"]}]}, {name: audience, muteOnEntry: true}]`
	const closed = ": once.muted=true (muted) Reset"
	s := closedWhileUnknown(t, spec, closed)
	hostCalls(s.leg("A"))
	s.want("A", "host: once.muted=false Reset")

	s = closedWhileUnknown(t, spec, closed)
	s.leg("A").Entered = false
	stranger(s.leg("A"))
	s.want("A", "audience: once.muted=true")
}

func TestR23TheSpecOpens(t *testing.T) {
	s := closedWhileUnknown(t, byNumber, ": muted=true (muted) Reset")
	s.edit(`roles: [{name: host, match: [{numbers: ["+15555550100"]}], hold: false}, {name: audience}]`)
	s.want("A", ": once.muted=false Reset")
	s.edit("identifyWithinSeconds: 2")
	s.want("A", ": once.muted=false Reset")
	s.carryOut()
	s.want("A", ": once.muted=false Reset")
}

func TestR21ARestartKeepsWhatIsClosed(t *testing.T) {
	s := closedWhileUnknown(t, byNumber, ": muted=true (muted) Reset")
	present(s.leg("A"))
	s.want("A", ": muted=true (muted) Reset")
	if s.applied != 1 {
		t.Errorf("%d writes", s.applied)
	}
}

func TestR21WhatElseClosedIsNotDeclared(t *testing.T) {
	s := staged(t, byNumber)
	s.join("A", muted)
	s.pass(5)
	s.want("A", "none")
	hostCalls(s.leg("A"))
	s.edit(`roles: [{name: host, match: [{numbers: ["+15555550100"]}]}, {name: audience, muted: true}]`)
	s.want("A", "none")
}

func TestR21LookupFailingKeepsRoles(t *testing.T) {
	s := staged(t, byNumber)
	s.join("A", hostCalls)
	s.want("A", "host: muted=false")
	missing(s.leg("A"))
	s.room.LookupFailing = true
	s.want("A", "host: muted=false")
	s.room.LookupFailing = false
	s.want("A", "audience: muted=true")

	s = staged(t, byNumber)
	s.room.LookupFailing = true
	s.join("A")
	s.pass(2)
	s.want("A", ": muted=true (muted) Reset")
}

func TestR21AnAssumedRoleClosesAndOpensNothing(t *testing.T) {
	const roles = `roles: [{name: host, match: [{numbers: ["+15555550100"]}], muted: %}, {name: audience, hold: false}]`
	with := func(muted string) string { return replace(roles, muted) }
	s := staged(t, with("true"))
	s.join("A", hostCalls)
	s.want("A", "host: muted=true")
	s.leg("A").Caller = Caller{}
	s.edit(with("false"))
	s.want("A", "host: muted=true")
	s.edit(with("true, hold: true"))
	s.want("A", "host: muted=true hold=true")
	s.edit(with("true, hold: false"))
	s.want("A", "host: muted=true hold=true")
	hostCalls(s.leg("A"))
	s.want("A", "host: muted=true hold=false")
}

func TestR29AnUnknownCallLegKeepsWhatItsFormerRoleDeclared(t *testing.T) {
	s := staged(t, "roles: [{name: old, match: [{direction: Inbound}], muted: true, hold: true, holdURL: 'https://m', beep: false, driftPolicy: Report}]")
	s.join("A", stranger)
	const old = "old: muted=true hold=true music=m"
	s.want("A", old)
	s.leg("A").Caller = Caller{}
	present(s.leg("A"))
	s.edit(byNumber)
	s.want("A", old)
	if s.applied != 1 {
		t.Errorf("%d writes", s.applied)
	}
	s.leg("A").Caller = Caller{State: CallerMissing}
	s.want("A", "audience: muted=true")
}

func TestR21AChildThatAloneSaysTheRoleStays(t *testing.T) {
	const edited = `roles: [{name: host, match: [{numbers: ["+15555550100"]}]}, {name: audience, muted: true}]`
	s := staged(t, byNumber)
	s.join("A", hostCalls)
	s.want("A", "host: muted=false")
	s.leg("A").Caller = Caller{}
	s.edit(edited)
	s.pass(5)
	s.want("A", "host:")
	hostCalls(s.leg("A"))
	s.want("A", "none")
}

func TestR20ARoleThatNoAnswerWouldChangeOpens(t *testing.T) {
	s := staged(t, `roles: [{name: host, match: [{numbers: ["+15555550100"]}], muted: true}, {name: audience}]`)
	s.join("A", hostCalls)
	s.want("A", "host: muted=true")
	s.leg("A").Caller = Caller{}
	s.edit(`roles: [{name: host, match: [{numbers: ["+15555550100"]}], muted: false}, {name: audience, muted: false}]`)
	s.want("A", "host: muted=false")
}
