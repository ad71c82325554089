package policy

import (
	"regexp"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

const greeting = `roles: [{name: guest, muteOnEntry: true, announcement: {id: welcome, url: "https://hi", method: GET}}]`

// played is the announcement of the one child that there is.
func (s *stage) played() *v1alpha1.Announcement {
	if len(s.last.Children) == 0 {
		return nil
	}
	return s.last.Children[0].Spec.Announcement
}

func TestR26EntryIsForTheFirstChildOfAJoin(t *testing.T) {
	s := staged(t, greeting)
	l := s.join("A")
	joined := l.Joined
	s.want("A", "guest: once.muted=true")
	a := s.played()
	if a == nil || !regexp.MustCompile("^welcome-[a-z2-7]{6}$").MatchString(a.ID) || a.URL != "https://hi" || a.Method != "GET" || a.OnUnknown != v1alpha1.UnknownSkip {
		t.Fatalf("announcement %+v", a)
	}
	if !a.NotAfterTime.Time.Equal(joined.Add(time.Minute)) {
		t.Errorf("played until %s", a.NotAfterTime)
	}
	s.carryOut()
	s.leg("A").Muted = false
	s.pass(300)
	s.want("A", "guest: once.muted=true")
	if s.applied != 1 || s.played().ID != a.ID {
		t.Errorf("%d writes", s.applied)
	}
}

func TestR26NoOtherChildOfTheSameJoinHasIt(t *testing.T) {
	s := staged(t, greeting)
	s.join("A")
	s.want("A", "guest: once.muted=true")
	for range 2 {
		s.leg("A").Child = nil
		s.want("A", "guest:")
	}

	s = staged(t, "roles: [{name: guest}]")
	s.join("A")
	s.want("A", "none")
	s.edit(greeting)
	s.want("A", "guest:")

	s = staged(t, "roles: [{name: guest, muted: false}]")
	s.join("A")
	s.apply()
	s.leg("A").Entered = true
	s.edit(greeting)
	s.want("A", "guest:")
	s.edit("roles: [{name: guest}]")
	s.want("A", "none")
}

func TestR26WhoWasThereHasNotEntered(t *testing.T) {
	s := staged(t, greeting)
	s.join("A", present)
	s.want("A", "guest:")
}

func TestR26ANewJoinIsANewEntry(t *testing.T) {
	s := staged(t, greeting)
	s.join("A")
	s.apply()
	first := s.played().ID
	s.carryOut()
	s.leave("A")
	s.pass(30)
	s.want("A", "guest: once.muted=true")
	l := s.rejoin("A")
	s.want("A", "guest: once.muted=true")
	if a := s.played(); a.ID == first || !a.NotAfterTime.Time.Equal(l.Joined.Add(time.Minute)) {
		t.Errorf("%+v, the first was %s", a, first)
	}
	s.leg("A").Child.Left = time.Time{}
	s.want("A", "guest: once.muted=true")
	s.rejoin("A").Entered = false
	s.want("A", "guest:")
}

func TestR26ARejoinRepeatsNoOpening(t *testing.T) {
	s := waitingFor(t)
	s.join("H", endsRoom)
	s.apply()
	s.carryOut()
	s.leave("A")
	s.rejoin("A").Hold = true
	s.want("A", "none")
}

func TestR26WithoutAReadableDateAJoinIsTheSame(t *testing.T) {
	s := staged(t, greeting)
	s.join("A").Joined = time.Time{}
	s.want("A", "guest: once.muted=true")
	if a := s.played(); !a.NotAfterTime.Time.Equal(s.leg("A").FirstSeen.Add(time.Minute)) {
		t.Errorf("%+v", a)
	}
	s.leg("A").Joined = s.now.Add(time.Hour)
	s.leg("A").Entered = true
	s.want("A", "guest: once.muted=true")
	if s.applied != 2 {
		t.Errorf("%d writes", s.applied)
	}
}

func TestR26TheJoinIsNotBeforeTheRoomHasStarted(t *testing.T) {
	s := staged(t, greeting)
	s.join("A").Joined = s.now.Add(-time.Hour)
	s.room.Started = s.now
	s.apply()
	if a := s.played(); a == nil || !a.NotAfterTime.Time.Equal(s.now.Add(time.Minute)) {
		t.Errorf("%+v", a)
	}
}

func TestR26TheAnnouncementIsOverAfterAMinute(t *testing.T) {
	s := staged(t, greeting)
	s.join("A")
	s.pass(60)
	s.want("A", "guest: once.muted=true")
	if a := s.played(); a != nil {
		t.Errorf("%+v", a)
	}
}

func TestR26TheRoleComesWithTheAnswer(t *testing.T) {
	const spec = `roles: [{name: host, match: [{numbers: ["+15555550100"]}]}, {name: guest, muted: true, announcement: {id: hi, url: "https://hi"}}]`
	s := staged(t, spec)
	s.join("A")
	s.pass(2)
	s.want("A", ": muted=true (muted) Reset")
	if len(s.last.Entered) > 0 || s.played() != nil {
		t.Error("entry is decided without a role")
	}
	stranger(s.leg("A"))
	s.want("A", "guest: muted=true")
	if s.played() == nil {
		t.Error("nothing is played")
	}
	id := s.played().ID
	hostCalls(s.leg("A"))
	s.want("A", "host:")
	s.edit(`roles: [{name: host, match: [{numbers: ["+15555550100"]}], announcement: {id: other, url: "https://hi"}}]`)
	s.apply()
	if s.played().ID != id {
		t.Error("a change of role plays")
	}
}

func TestR26EntryPasses(t *testing.T) {
	for what, by := range map[string]func(*stage){
		"while a hand-written object has the leg": func(s *stage) { override(s.leg("A")) },
		"in mode Observe":                         func(s *stage) { s.edit(greeting + "\nmode: Observe") },
		"while suspended":                         func(s *stage) { s.edit(greeting + "\nsuspend: true") },
	} {
		s := staged(t, greeting)
		s.join("A")
		by(s)
		s.want("A", "none")
		s.leg("A").Overridden = false
		s.edit(greeting)
		if s.apply(); s.says("A") != "guest:" {
			t.Errorf("%s: later %s", what, s.says("A"))
		}
	}
}

func TestR26ASecretThatIsReadLateMutesNobody(t *testing.T) {
	const spec = "roles: [{name: host, match: [{numbersSecretRef: {name: hosts, key: numbers}}]}, {name: guest, muteOnEntry: true}]"
	numbers := map[v1alpha1.SecretKeySelector][]Number{hosts: {hasher.Hash(hostNumber)}}
	for seconds, want := range map[int]string{59: "guest: once.muted=true", 60: "guest:"} {
		s := staged(t, spec)
		s.join("A", stranger)
		s.pass(seconds)
		s.want("A", "none")
		s.policy = policyOf(t, spec, numbers)
		s.want("A", want)
	}
}

func TestR26EntryPassesForAnUnknownCallLegThatIsOverridden(t *testing.T) {
	s := staged(t, `roles: [{name: host, match: [{numbers: ["+15555550100"]}]}, {name: guest, muteOnEntry: true}]`)
	s.join("A", override)
	s.want("A", "none")
	stranger(s.leg("A"))
	s.leg("A").Overridden = false
	s.want("A", "guest:")
}

func TestR26ANewJoinIsEnteredOnceItsRoleIsKnown(t *testing.T) {
	s := staged(t, "roles: [{name: old, muted: true}]")
	s.join("A", stranger)
	s.want("A", "old: muted=true")
	s.rejoin("A").Caller = Caller{}
	s.edit(`roles: [{name: host, match: [{numbers: ["+15555550100"]}]}, {name: guest, muteOnEntry: true}]`)
	s.want("A", "old: muted=true")
	stranger(s.leg("A"))
	s.want("A", "guest: once.muted=true")
}
