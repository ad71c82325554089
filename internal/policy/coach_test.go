package policy

import (
	"testing"
)

const (
	whisper = `roles:
- {name: agent, match: [{direction: Inbound}]}
- {name: supervisor, match: [{endConferenceOnExit: true}], coachRole: agent, muted: false}
`
	monitor  = "roles: [{name: agent, match: [{direction: Inbound}]}, {name: supervisor, match: [{endConferenceOnExit: true}], coachRole: agent, muted: true}]"
	whispers = "supervisor: muted=false coaching=true of A Reset"
	keptPair = whispers
)

// supervisor is known, and no agent.
func supervisor(l *Leg) { missing(l); endsRoom(l) }

// coached is a room in which a supervisor whispers to the agent A.
func coached(t *testing.T) *stage {
	s := staged(t, whisper)
	s.join("A", stranger)
	s.join("S", supervisor)
	s.want("S", whispers)
	s.carryOut()
	return s
}

func TestR20WithoutACoacheeTheCoachIsMuted(t *testing.T) {
	s := staged(t, whisper)
	s.join("S", supervisor)
	s.want("S", "supervisor: muted=true")
	s.join("A", stranger)
	s.want("S", whispers)
	s.want("A", "none")
}

func TestR20AMonitorStaysMuted(t *testing.T) {
	s := staged(t, monitor)
	s.join("S", supervisor)
	s.want("S", "supervisor: muted=true")
	s.join("A", stranger)
	s.want("S", "supervisor: muted=true coaching=true of A")
}

func TestR20TheEarliestIsCoached(t *testing.T) {
	s := staged(t, whisper)
	s.join("B", stranger)
	s.join("A", stranger)
	s.leg("B").Joined = s.now.Add(1)
	s.join("S", supervisor)
	s.want("S", whispers)
}

func TestR20TheOneCoachedAlreadyIsPreferred(t *testing.T) {
	s := staged(t, whisper)
	s.join("A", stranger)
	s.join("B", stranger)
	s.join("S", supervisor, func(l *Leg) { l.Coaching, l.Coachee = true, "B" })
	s.want("S", "supervisor: muted=false coaching=true of B Reset")
	s.leg("S").Coachee = "A"
	s.want("S", "supervisor: muted=false coaching=true of B Reset")

	s = staged(t, whisper)
	s.join("A", stranger)
	s.join("X", missing)
	s.join("S", supervisor, func(l *Leg) { l.Coaching, l.Coachee = true, "X" })
	s.want("S", whispers)
}

func TestR20WhenTheCoacheeLeavesThePairStays(t *testing.T) {
	s := coached(t)
	s.leave("A")
	s.want("S", keptPair)
	s.join("B", stranger)
	s.want("S", "supervisor: muted=false coaching=true of B Reset")
}

func TestR27ACoacheeThatAListLacksHasNotLeft(t *testing.T) {
	s := coached(t)
	s.join("B", stranger)
	s.leg("A").Missing = true
	s.want("S", keptPair)
	s.leg("A").Missing = false
	s.want("S", whispers)
}

func TestR20AudibleOnlyWithACoacheeThatALookHasShown(t *testing.T) {
	s := staged(t, monitor)
	s.join("A", stranger)
	s.join("S", supervisor)
	s.apply()
	s.leave("A")
	s.edit(whisper)
	s.want("S", "supervisor: muted=true coaching=true of A")

	s = staged(t, whisper)
	s.join("A", stranger, func(l *Leg) { l.Missing = true })
	s.join("S", supervisor)
	s.want("S", "supervisor: muted=true")
}

func TestR20ACoacheeThatLosesItsRoleIsNotCoached(t *testing.T) {
	s := coached(t)
	s.leg("A").Caller.Direction = "Outbound"
	s.want("S", "supervisor: muted=true coaching=false")
	s.carryOut()
	s.want("S", "supervisor: muted=true coaching=false")
	s.leg("A").Caller.Direction = "Inbound"
	s.want("S", whispers)
}

func TestR29ARestartKeepsAPairThoughTheCoacheeIsUnknown(t *testing.T) {
	s := coached(t)
	s.leg("A").Caller = Caller{}
	s.leg("S").Caller = Caller{}
	s.want("S", keptPair)
	if got := s.last.Unidentified["A"]; got != "agent" || s.last.Lookups[0] != "A" {
		t.Errorf("%q, %v", got, s.last.Lookups)
	}
}

func TestR20ACoachThatLosesItsRoleByAnEditStaysMuted(t *testing.T) {
	const edited = "roles: [{name: supervisor, match: [{endConferenceOnExit: true}], muted: false}, {name: guest, muted: false}]"
	const left = "supervisor: muted=true coaching=false"
	s := coached(t)
	s.edit(edited)
	s.want("S", left)
	s.carryOut()
	s.want("S", left)
	s.edit("roles: [{name: supervisor, match: [{endConferenceOnExit: true}]}, {name: guest, muted: false}]")
	s.want("S", left)
	s.leg("S").EndsRoom = new(false)
	s.want("S", "guest: muted=false coaching=false")
	s.edit("roles: [{name: guest}]")
	s.want("S", "guest: coaching=false")

	s = coached(t)
	s.edit(edited)
	s.apply()
	s.leave("S")
	s.rejoin("S")
	s.want("S", "supervisor: muted=false")
}

func TestR20ACoachOfWhichTheRoleIsGoneStaysMuted(t *testing.T) {
	s := coached(t)
	s.edit("roles: [{name: agent, match: [{direction: Inbound}]}]")
	s.want("S", ": muted=true coaching=false")
	s = coached(t)
	s.edit("roles: [{name: agent, match: [{direction: Inbound}]}, {name: other}]")
	s.want("S", "other: muted=true coaching=false")
	s.edit("roles: [{name: agent, match: [{direction: Inbound}]}, {name: other, muted: false}]")
	s.want("S", "other: muted=false coaching=false")
}

func TestR20ACoachThatNeverHadACoacheeStaysMutedToo(t *testing.T) {
	s := staged(t, whisper)
	s.join("S", supervisor)
	s.apply()
	s.edit("roles: [{name: supervisor, match: [{endConferenceOnExit: true}], muted: false}]")
	s.want("S", "supervisor: muted=true coaching=false")
}

func TestR20AnotherRoleOpensACoach(t *testing.T) {
	s := coached(t)
	s.edit(whisper + "- {name: speaker, muted: false}")
	s.leg("S").EndsRoom = new(false)
	s.want("S", "speaker: muted=false coaching=false")
	s.edit(whisper + "- {name: speaker}")
	s.want("S", "speaker: coaching=false")
}

func TestR21AnAssumedRoleGetsNoPair(t *testing.T) {
	const unread = `roles: [{name: agent, match: [{endConferenceOnExit: true}]}, {name: sup, match: [{numbers: ["+15555550142"]}], muted: true}]`
	s := staged(t, unread)
	s.join("A", endsRoom)
	s.join("S", stranger)
	s.want("S", "sup: muted=true")
	s.leg("S").Caller = Caller{}
	s.edit(`roles: [{name: agent, match: [{endConferenceOnExit: true}]}, {name: sup, match: [{numbers: ["+15555550142"]}], coachRole: agent, muted: false}]`)
	s.want("S", "sup: muted=true")
	stranger(s.leg("S"))
	s.want("S", "sup: muted=false coaching=true of A Reset")
}
