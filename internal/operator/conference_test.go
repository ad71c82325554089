package operator_test

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
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
