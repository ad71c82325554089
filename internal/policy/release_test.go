package policy

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func TestR22AHandWrittenObjectTakesTheLegOut(t *testing.T) {
	s := staged(t, byFlag)
	s.join("A", override)
	s.join("B")
	s.want("A", "none")
	s.want("B", "audience: muted=true")
	override(s.leg("B"))
	s.want("B", "none")
	if s.leg("B").Child != nil {
		t.Error("the child stays")
	}
	s.leg("B").Overridden = false
	s.want("B", "audience: muted=true")
}

func TestR22WhatWasClosedForAWhileIsOpenedFirst(t *testing.T) {
	s := waitingFor(t)
	override(s.leg("A"))
	s.want("A", "guest: once.hold=false Reset")
	if !s.last.NextAt.Equal(s.now.Add(releaseLimit)) {
		t.Errorf("decided again at %s", s.last.NextAt)
	}
	s.pass(10)
	s.want("A", "guest: once.hold=false Reset")
	s.carryOut()
	s.want("A", "none")
	s.leg("A").Overridden = false
	s.want("A", waits)
}

func TestR22WhileItOpensAChildRepairsNothing(t *testing.T) {
	s := staged(t, replace(waitRoom, ", muted: true, announcement: {id: hi, url: 'https://hi'}"))
	s.join("A")
	s.want("A", "guest: muted=true hold=true music=wait (hold) (waits) Reset")
	s.carryOut()
	override(s.leg("A"))
	s.want("A", "guest: once.hold=false Reset")
	if s.last.Children[0].Spec.Announcement != nil {
		t.Error("it plays what its role plays")
	}
	s.leg("A").Overridden = false
	s.want("A", "guest: muted=true hold=true music=wait (hold) (waits) Reset")
}

func TestR22ThirtySecondsAtMost(t *testing.T) {
	s := waitingFor(t)
	override(s.leg("A"))
	s.want("A", "guest: once.hold=false Reset")
	s.pass(29)
	s.want("A", "guest: once.hold=false Reset")
	s.pass(1)
	s.want("A", "none")
}

func TestR22WhatTheOtherDeclaresIsNotOpened(t *testing.T) {
	s := waitingFor(t)
	override(s.leg("A"))
	s.leg("A").Overrides = Fields{Hold: true}
	s.want("A", "none")

	s = closedWhileUnknown(t, `roles: [{name: host, match: [{numbers: ["+15555550100"]}], hold: true}, {name: audience, muted: true}]`,
		": muted=true hold=true (muted) (hold) Reset")
	override(s.leg("A"))
	s.leg("A").Overrides = Fields{Muted: true}
	s.want("A", ": once.hold=false Reset")
	s.carryOut()
	s.want("A", "none")
}

func TestR22WhatIsBeingOpenedIsFinished(t *testing.T) {
	s := waitingFor(t)
	s.join("H", endsRoom)
	s.want("A", "guest: once.hold=false Reset")
	override(s.leg("A"))
	s.want("A", "guest: once.hold=false Reset")
	s.carryOut()
	s.want("A", "none")
}

func TestR22TheLegThatIsTakenOutStillHasItsRole(t *testing.T) {
	s := staged(t, whisper)
	s.join("A", stranger, override)
	s.join("S", supervisor)
	s.want("S", whispers)
	s.want("A", "none")
}

func TestR27AChildIsKeptWhileAListLacksItsLeg(t *testing.T) {
	s := waitingFor(t)
	s.leg("A").Missing = true
	s.join("H", endsRoom)
	s.want("A", waits)
	override(s.leg("A"))
	s.want("A", waits)
	s.edit("{}")
	s.want("A", waits)
	s.leave("A")
	s.edit("suspend: true")
	s.want("A", waits)
	if s.applied != 1 {
		t.Errorf("%d writes", s.applied)
	}
}

func TestR23WhatWasDeclaredStaysClosed(t *testing.T) {
	s := staged(t, byFlag)
	s.join("A")
	s.want("A", "audience: muted=true")
	s.carryOut()
	s.edit("{}")
	s.want("A", "none")
}

func TestR23Release(t *testing.T) {
	s := waitingFor(t)
	w, wanted := Release(*s.leg("A").Child, *s.leg("A"), s.now)
	if got := text(w); !wanted || got != "guest: once.hold=false Reset" || !w.Record.Released.Equal(s.now) {
		t.Errorf("%v %s", wanted, got)
	}
	s = staged(t, byFlag)
	s.join("A")
	s.apply()
	if w, wanted := Release(*s.leg("A").Child, *s.leg("A"), s.now); wanted || w.Name != "" {
		t.Error("a child that closes nothing for a while stays")
	}
	// A whisperer stays one, so that its Reset mutes it.
	s = staged(t, whisper+"waitForRole: {role: host}\n")
	s.edit(`roles:
- {name: host, match: [{direction: Outbound}]}
- {name: agent, match: [{direction: Inbound}]}
- {name: supervisor, match: [{endConferenceOnExit: true}], coachRole: agent, muted: false}
waitForRole: {role: host}
`)
	s.join("A", stranger)
	s.join("S", supervisor)
	s.want("S", "supervisor: muted=false hold=true coaching=true of A (hold) (waits) Reset")
	w, _ = Release(*s.leg("S").Child, *s.leg("S"), s.now)
	if got := text(w); got != "supervisor: muted=false coaching=true of A once.hold=false Reset" || w.Urgency != Whispers {
		t.Error(got)
	}
	// A mute on entry that is not done yet is dropped.
	s = staged(t, replace(waitRoom, ", muteOnEntry: true"))
	s.join("B")
	s.want("B", "guest: hold=true music=wait once.muted=true (hold) (waits) Reset")
	w, _ = Release(*s.leg("B").Child, *s.leg("B"), s.now)
	if got := text(w); got != "guest: once.hold=false Reset" {
		t.Error(got)
	}
}

func TestR28ASuspendedConferenceKeepsItsChildren(t *testing.T) {
	s := staged(t, byFlag)
	s.join("A")
	s.apply()
	s.edit(byFlag + "\nsuspend: true")
	s.join("B")
	s.leg("A").EndsRoom = new(true)
	s.want("A", "audience: muted=true")
	s.want("B", "none")
	if child := s.leg("A").Child; !child.Spec.Suspend || !child.Record.Withdrawn || s.last.Roles["B"] != "audience" {
		t.Errorf("%+v %v", child.Spec, s.last.Roles)
	}
	override(s.leg("A"))
	s.want("A", "audience: muted=true")
	s.leg("A").Overridden = false
	s.edit(byFlag)
	s.want("A", "host: muted=false")
	if child := s.leg("A").Child; child.Spec.Suspend || child.Record.Withdrawn {
		t.Error("the child stays suspended")
	}
}

func TestR28ModeObserveMakesNoChild(t *testing.T) {
	s := staged(t, byFlag)
	s.join("A")
	s.apply()
	s.carryOut()
	s.edit(byFlag + "\nmode: Observe")
	s.join("B")
	s.join("C", muted)
	s.join("H", muted, endsRoom)
	s.join("O", override)
	s.want("A", "audience: muted=true")
	s.want("B", "none")
	if child := s.leg("A").Child; child.Spec.Mode != v1alpha1.ModeObserve || !child.Record.Withdrawn {
		t.Errorf("%+v", child.Spec)
	}
	if d := s.last.Drift; d != (Drift{Legs: 2, Muted: 2}) || d.String() != "2 call legs differ: muted of 2, hold of 0, coaching of 0" {
		t.Errorf("%+v %s", d, d)
	}
	s.edit("{}\n")
	s.want("A", "none")
}

func TestDriftCountsEachField(t *testing.T) {
	s := staged(t, whisper+"- {name: rest, hold: true}\nmode: Observe")
	s.join("A", stranger)
	s.join("S", supervisor)
	s.join("S2", supervisor, func(l *Leg) { l.Coaching, l.Coachee = true, "S" })
	s.join("R", missing, muted)
	if a := s.assign(); a.Drift != (Drift{Legs: 3, Hold: 1, Coaching: 2}) {
		t.Errorf("%+v", a.Drift)
	}
}

func TestR27AChildThatIsReleasedAndComesBack(t *testing.T) {
	s := waitingFor(t)
	override(s.leg("A"))
	s.apply()
	s.leg("A").Overridden = false
	s.want("A", waits)
	if !s.leg("A").Child.Record.Released.IsZero() {
		t.Error("it is released still")
	}
	s.pass(int(time.Minute / time.Second))
	override(s.leg("A"))
	s.want("A", "guest: once.hold=false Reset")
}

func TestR29WhatPeopleAddedIsNotWritten(t *testing.T) {
	s := staged(t, byFlag)
	s.join("A")
	s.apply()
	child := s.leg("A").Child
	child.Spec.Beep = new(false)
	s.leg("A").Missing = true
	if w := s.assign().Children[0]; w.Record.Digest != child.Record.Digest {
		t.Error("a child that is kept is written")
	}
	s.leg("A").Missing = false
	if w := s.assign().Children[0]; w.Record.Digest != child.Record.Digest || w.Spec.Beep != nil {
		t.Error("what people added counts")
	}
}
