package rooms_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// allHands mutes everybody but the host.
func allHands(s *v1alpha1.ConferenceSpec) {
	s.FriendlyName = "all-hands"
	s.Roles = []v1alpha1.Role{
		{Name: "host", Match: []v1alpha1.RoleTerm{{EndConferenceOnExit: new(true)}}, AudioControls: v1alpha1.AudioControls{Muted: new(false)}},
		{Name: "audience", AudioControls: v1alpha1.AudioControls{Muted: new(true)}},
	}
}

func TestAllHands(t *testing.T) {
	env := sim.New(t)
	env.CreateConference("all-hands", allHands)
	env.Elapse(20 * time.Second)
	env.WantConference("all-hands", v1alpha1.ReasonNoRoom)
	host, _ := env.JoinRoom("all-hands", voicesim.JoinOptions{EndConferenceOnExit: true, StartConferenceOnEnter: new(true)})
	guest, sid := env.JoinRoom("all-hands")
	env.Elapse(20 * time.Second)
	env.WantConference("all-hands", v1alpha1.ReasonInSync)
	for call, muted := range map[string]bool{host: false, guest: true} {
		if p, there := env.Provider.Participant(sid, call); !there || p.Muted != muted {
			t.Errorf("%s: %+v, there %v", call, p, there)
		}
	}
	status := env.GetConference("all-hands").Status
	if status.Counts == nil || status.Counts.Participants != 2 || status.Counts.Muted != 1 || status.RoomState != v1alpha1.RoomLive {
		t.Errorf("%+v %+v", status, status.Counts)
	}
	env.WantQuiet(10 * time.Minute)
}

func TestR18ThatRoomsAreListedSlowlyIsSaidOfTheAccount(t *testing.T) {
	env := sim.New(t)
	env.RoomsHeld = true
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.Suspend = true })
	subscriber := roster.Subscriber{Kind: directory.Kind, Name: sim.AccountName}
	key := func(room int) roster.Key {
		return roster.Key{Account: sim.AccountName, Conference: fmt.Sprintf("room-%d", room)}
	}
	for room := range 501 {
		env.Controllers.Store.Subscribe(key(room), subscriber, roster.Interest{Demand: roster.DemandRoom})
	}
	slowly := func(perSecond int32) bool {
		env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.RateLimit.RequestsPerSecond = perSecond })
		env.RunUntilIdle()
		return meta.IsStatusConditionTrue(env.Account("acme").Status.Conditions, v1alpha1.ConditionRoomsListedSlowly)
	}
	if !slowly(100) {
		t.Errorf("with 501 rooms: %+v", env.Account("acme").Status)
	}
	env.Controllers.Store.Unsubscribe(key(0), subscriber, "")
	if slowly(101) {
		t.Errorf("with 500 rooms: %+v", env.Account("acme").Status)
	}
}

func TestR30ASpoofableCoachIsToldOnce(t *testing.T) {
	env := sim.New(t)
	env.CreateConference("cases", func(s *v1alpha1.ConferenceSpec) {
		s.FriendlyNamePrefix = "case-"
		s.Roles = []v1alpha1.Role{
			{Name: "agent", Match: []v1alpha1.RoleTerm{{EndConferenceOnExit: new(true)}}},
			{Name: "supervisor", Match: []v1alpha1.RoleTerm{{Numbers: []v1alpha1.PhoneNumber{"+15555550100"}}}, CoachRole: "agent", AudioControls: v1alpha1.AudioControls{Muted: new(false)}},
		}
	})
	env.Elapse(time.Minute)
	env.Restart()
	env.Elapse(time.Minute)
	told := 0
	for len(env.Recorder.Events) > 0 {
		if event := <-env.Recorder.Events; strings.Contains(event, v1alpha1.EventSpoofableCoach) {
			told++
			if strings.Contains(event, "5555550100") {
				t.Errorf("the event has the number: %s", event)
			}
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

func TestR23WhatIsManagedNoMoreIsToldOnceForAll(t *testing.T) {
	env := sim.New(t)
	env.CreateConference("all-hands", allHands)
	for range 20 {
		env.JoinRoom("all-hands")
	}
	env.Elapse(time.Minute)
	env.TakeEvents()
	env.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.Roles[1].Muted, s.Roles[1].Hold = nil, new(false) })
	env.Elapse(2 * time.Minute)
	var told []string
	for len(env.Recorder.Events) > 0 {
		if event := <-env.Recorder.Events; strings.Contains(event, v1alpha1.EventNoLongerManaged) {
			told = append(told, event)
		}
	}
	if len(told) != 1 || !strings.Contains(told[0], " 20 call legs") {
		t.Errorf("told %q", told)
	}
}
