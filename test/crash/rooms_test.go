package crash

import (
	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

const (
	agentNumber      = "sip:agents@pbx.example.com"
	supervisorNumber = "+15555550111"
	hostNumber       = "+15555550177"
)

// numbered is a role of outbound calls to a number.
func numbered(name v1alpha1.RoleName, number v1alpha1.PhoneNumber) v1alpha1.Role {
	return v1alpha1.Role{Name: name, Match: []v1alpha1.RoleTerm{{Direction: v1alpha1.CallOutbound, Numbers: []v1alpha1.PhoneNumber{number}}}}
}

// govern creates a Conference for the room of the scenario.
func (p *run) govern(declare func(*v1alpha1.ConferenceSpec)) {
	p.CreateConference("room", func(s *v1alpha1.ConferenceSpec) {
		s.FriendlyName = "room"
		declare(s)
	})
}

// enter lets a call of a role into the room.
func (p *run) enter(role v1alpha1.RoleName, number string) (callSID string) {
	options := voicesim.JoinOptions{From: "+15555550142", To: "+15555550199"}
	if number != "" {
		options = voicesim.JoinOptions{From: "+15555550199", To: number, Direction: voicesim.DirectionOutbound}
	}
	callSID, p.room = p.ear.Join("room", role, options)
	return callSID
}

// wantHeard checks what is true of a call leg of the room.
func (p *run) wantHeard(call string, is func(voicesim.Participant) bool) {
	p.t.Helper()
	if found, there := p.Provider.Participant(p.room, call); !there || !is(found) {
		p.t.Errorf("there: %v, %+v", there, found)
	}
}

// wantWelcomed checks that as many were welcomed as have joined, or fewer where a process
// died that had claimed it: none twice, which the ear checks.
func (p *run) wantWelcomed(most int) {
	p.t.Helper()
	if n := p.announced[document]; n > most {
		p.t.Errorf("%d welcomes for %d joins", n, most)
	}
}

func allHands(s *v1alpha1.ConferenceSpec) {
	host, audience := numbered("host", hostNumber), v1alpha1.Role{Name: "audience"}
	host.Muted, audience.Muted = new(false), new(true)
	s.Roles = []v1alpha1.Role{host, audience}
}

func muteOnEntry(s *v1alpha1.ConferenceSpec) {
	s.Roles = []v1alpha1.Role{numbered("host", hostNumber), {
		Name: "audience", MuteOnEntry: new(true), Announcement: &v1alpha1.RoleAnnouncement{ID: "welcome", URL: document},
	}}
}

func whisper(s *v1alpha1.ConferenceSpec) {
	supervisor := numbered("supervisor", supervisorNumber)
	supervisor.CoachRole, supervisor.Muted = "agent", new(false)
	s.Roles = []v1alpha1.Role{numbered("agent", agentNumber), supervisor}
}

func waitForHost(s *v1alpha1.ConferenceSpec) {
	s.Roles = []v1alpha1.Role{numbered("host", hostNumber)}
	s.WaitForRole = &v1alpha1.WaitForRole{Role: "host", HoldURL: sim.Music}
}

func whispersTo(agent string) func(voicesim.Participant) bool {
	return func(c voicesim.Participant) bool { return !c.Muted && c.Coaching && c.CallSIDToCoach == agent }
}
