package policy

import (
	"strings"
	"testing"
	"time"
)

const (
	waitRoom = `roles: [{name: host, match: [{endConferenceOnExit: true}]}, {name: guest%}]
waitForRole: {role: host, holdURL: "https://wait", graceSeconds: 60}
`
	waits = "guest: hold=true music=wait (hold) (waits) Reset"
)

func replace(text, by string) string { return strings.ReplaceAll(text, "%", by) }

func waitingFor(t *testing.T) *stage {
	t.Helper()
	s := staged(t, replace(waitRoom, ""))
	s.join("A")
	s.want("A", waits)
	s.carryOut()
	return s
}

func TestR24JoinersWaitUntilTheRoleIsThere(t *testing.T) {
	s := waitingFor(t)
	if !s.last.Waiting {
		t.Error("the room does not wait")
	}
	s.join("H", endsRoom)
	s.want("A", "guest: once.hold=false Reset")
	s.want("H", "none")
	if s.last.Waiting {
		t.Error("the room waits")
	}
	s.carryOut()
	s.join("B")
	s.want("B", "none")
}

func TestR24ItBeatsARolesOwnHold(t *testing.T) {
	s := staged(t, replace(waitRoom, ", hold: false"))
	s.join("A")
	s.want("A", waits)
	s.join("H", endsRoom)
	s.want("A", "guest: hold=false")

	s = staged(t, replace(waitRoom, ", hold: true, holdURL: 'https://own'"))
	s.join("A")
	s.want("A", waits)
	s.join("H", endsRoom)
	s.want("A", "guest: hold=true music=own")
}

func TestR24WhatIsOnHoldAlreadyIsNotHeldAndNotOpened(t *testing.T) {
	s := staged(t, replace(waitRoom, ", hold: false"))
	s.join("A", onHold)
	s.want("A", "none")
	s = staged(t, replace(waitRoom, ", hold: true"))
	s.join("A", onHold)
	s.want("A", "guest: hold=true")
	s = staged(t, replace(waitRoom, ""))
	s.join("A", onHold)
	s.want("A", "none")
	s.join("H", endsRoom)
	s.want("A", "none")
}

func TestR24AsSoonAsAllBeforeAreKnown(t *testing.T) {
	const spec = `roles: [{name: host, match: [{numbers: ["+15555550100"]}]}, {name: guest}]
waitForRole: {role: host, holdURL: "https://wait"}
identifyWithinSeconds: 5
`
	s := staged(t, spec)
	s.join("A", stranger)
	s.join("U")
	s.join("B", stranger)
	s.want("A", waits)
	s.want("U", "none")
	s.want("B", "none")
	s.pass(4)
	s.want("B", "none")
	s.want("U", ": hold=true music=wait (hold) (waits) Reset")
	s.pass(1)
	s.want("B", waits)
	s.carryOut()
	hostCalls(s.leg("U"))
	s.want("B", "guest: once.hold=false Reset")
	s.want("A", "guest: once.hold=false Reset")
	s.want("U", "host: once.hold=false Reset")
}

func TestR24AKnownOneWaitsAtOnceIfThoseBeforeAreKnown(t *testing.T) {
	s := staged(t, `roles: [{name: host, match: [{numbers: ["+15555550100"]}]}, {name: guest}]
waitForRole: {role: host, holdURL: "https://wait"}`)
	s.join("U")
	s.join("B", stranger)
	if a := s.apply(); !a.NextAt.Equal(s.leg("U").FirstSeen.Add(2 * time.Second)) {
		t.Errorf("decided again at %s", a.NextAt)
	}
	stranger(s.leg("U"))
	s.want("B", waits)
	s.want("U", waits)
}

func TestR24GraceSeconds(t *testing.T) {
	s := waitingFor(t)
	s.join("H", endsRoom, present)
	s.join("P", present)
	s.apply()
	s.carryOut()
	s.leave("H")
	s.pass(5)
	if a := s.apply(); !a.NextAt.Equal(s.now.Add(time.Minute)) {
		t.Errorf("decided again at %s", a.NextAt)
	}
	s.want("A", "guest: once.hold=false Reset")
	s.join("B")
	s.want("B", "none")
	s.pass(58)
	s.want("B", "none")
	s.pass(1)
	s.want("A", waits)
	s.want("B", waits)
	s.want("P", waits)
	s.join("H2", endsRoom)
	s.want("A", "guest: once.hold=false Reset")
}

func TestR24WithoutGraceItNeverClosesAgain(t *testing.T) {
	s := staged(t, strings.ReplaceAll(replace(waitRoom, ""), ", graceSeconds: 60", ""))
	s.join("H", endsRoom)
	s.join("A")
	s.want("A", "none")
	s.leave("H")
	s.pass(3600)
	s.join("B")
	s.want("A", "none")
	s.want("B", "none")
}

func TestR24AChildSaysWhenTheRoleLeft(t *testing.T) {
	s := staged(t, strings.ReplaceAll(replace(waitRoom, ""), "}, {name: guest", ", muted: false}, {name: guest"))
	s.join("H", endsRoom)
	s.join("A")
	s.apply()
	s.leave("H")
	s.room.Absent, s.room.Found = nil, true
	present(s.leg("A"))
	s.pass(59)
	s.want("A", "none")
	s.pass(1)
	s.want("A", waits)
	s.want("H", "host: muted=false")
}

func TestR24ARoomThatWasFoundIsNotInterrupted(t *testing.T) {
	s := staged(t, replace(waitRoom, ""))
	s.room.Found = true
	s.join("A", present)
	s.join("B")
	s.want("A", "none")
	s.want("B", waits)
	s.want("A", "none")
}

func TestR24AChildThatWaitsGoesOnWaiting(t *testing.T) {
	s := waitingFor(t)
	before := s.leg("A").Joined.Add(-time.Minute)
	s.join("B", present, func(l *Leg) { l.Joined = before })
	s.join("C", present)
	s.join("D", present, func(l *Leg) { l.Joined = time.Time{} })
	present(s.leg("A"))
	s.room.Found = true
	s.want("A", waits)
	// Of those without a child one has joined after one that waits.
	s.want("B", "none")
	s.want("C", waits)
	s.want("D", "none")
	s.join("H", endsRoom)
	s.want("C", "guest: once.hold=false Reset")
	s.want("A", "guest: once.hold=false Reset")
}

func TestR23WaitForRoleLeavesTheSpec(t *testing.T) {
	s := waitingFor(t)
	s.edit("roles: [{name: host, match: [{endConferenceOnExit: true}]}, {name: guest}]")
	s.want("A", "guest: once.hold=false Reset")
}

func TestR24WhatIsStillBeingOpenedIsClosedAgain(t *testing.T) {
	s := waitingFor(t)
	s.join("H", endsRoom)
	s.want("A", "guest: once.hold=false Reset")
	s.leave("H")
	s.apply()
	s.pass(60)
	s.want("A", waits)
}

func TestR24TheRoleThatOneListLacksIsThere(t *testing.T) {
	s := staged(t, replace(waitRoom, ""))
	s.join("H", endsRoom)
	s.join("A")
	s.leg("H").Missing = true
	s.want("A", "none")
	override(s.leg("H"))
	s.want("A", "none")
}

func TestR25EndWhenRoleLeaves(t *testing.T) {
	const spec = `roles: [{name: host, match: [{numbers: ["+15555550100"]}], muted: false}, {name: guest}]
endWhenRoleLeaves: {role: host, afterSeconds: 300}
`
	s := staged(t, spec)
	ends := func(at time.Time) {
		t.Helper()
		if a := s.apply(); !a.EndAt.Equal(at) {
			t.Errorf("the room ends at %s, want %s", a.EndAt, at)
		}
	}
	s.join("A", stranger)
	ends(time.Time{})
	s.join("H", hostCalls)
	s.join("H2", hostCalls)
	ends(time.Time{})
	s.leave("H")
	ends(time.Time{})
	s.leave("H2")
	left := s.now
	ends(left.Add(5 * time.Minute))
	s.pass(30)
	ends(left.Add(5 * time.Minute))
	s.join("U")
	ends(time.Time{})
	stranger(s.leg("U"))
	ends(left.Add(5 * time.Minute))
	s.room.Absent = nil
	ends(left.Add(5 * time.Minute))
	if !s.last.NextAt.Equal(s.last.EndAt) {
		t.Errorf("decided again at %s", s.last.NextAt)
	}
	for _, quiet := range []string{"mode: Observe", "suspend: true"} {
		s.edit(spec + quiet)
		ends(time.Time{})
	}
	s.edit(spec)
	s.join("H3", hostCalls)
	ends(time.Time{})

	s = staged(t, spec)
	s.join("A", stranger)
	s.pass(3600)
	ends(time.Time{})
}
