package crash

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// roomScenarios are those of rooms: what a pass reads, applies, deletes and reports are
// boundaries, too. Lists are 4.5 to 5.5 s apart (R18), so that of two lists and of the
// status that the second one leads to only the first falls into each window.
func roomScenarios() []scenario {
	var first, second string
	return []scenario{
		{
			name: "room: all hands, and two that join", least: 11, fields: "Muted",
			prepare: func(p *run) { p.govern(allHands); p.enter("audience", ""); p.enter("audience", "") },
			act: func(p *run) {
				first, second = p.enter("host", hostNumber), p.enter("audience", "")
			},
			check: func(p *run) {
				p.wantHeard(first, audible)
				p.wantHeard(second, muted)
				p.WantConference("room", v1alpha1.ReasonInSync)
			},
		},
		{
			name: "room: mute and welcome on entry", least: 10, fields: "Muted AnnounceUrl AnnounceMethod",
			prepare: func(p *run) { p.govern(muteOnEntry); p.enter("audience", ""); p.enter("audience", "") },
			act:     func(p *run) { first = p.enter("audience", "") },
			check:   func(p *run) { p.wantHeard(first, muted); p.wantWelcomed(3) },
		},
		{
			name: "room: a call that leaves and joins anew", least: 8, fields: "Muted AnnounceUrl AnnounceMethod",
			prepare: func(p *run) {
				p.govern(muteOnEntry)
				p.enter("audience", "")
				first = p.enter("audience", "")
			},
			act: func(p *run) {
				p.Provider.Leave(p.room, first)
				p.JoinRoom("room", voicesim.JoinOptions{CallSID: first})
			},
			check: func(p *run) { p.wantHeard(first, muted); p.wantWelcomed(3) },
		},
		{
			name: "room: a whisper", least: 12, fields: "Muted",
			prepare: func(p *run) { p.govern(whisper); p.enter("", ""); second = p.enter("supervisor", supervisorNumber) },
			act:     func(p *run) { first = p.enter("agent", agentNumber) },
			check:   func(p *run) { p.wantHeard(second, whispersTo(first)) },
		},
		{
			name: "room: an agent that dials again", least: 12, fields: "Muted",
			prepare: func(p *run) {
				p.govern(whisper)
				p.enter("", "")
				first, second = p.enter("agent", agentNumber), p.enter("supervisor", supervisorNumber)
			},
			act: func(p *run) {
				p.Provider.HangUp(first)
				p.Elapse(10 * time.Second)
				first = p.enter("agent", agentNumber)
			},
			check: func(p *run) { p.wantHeard(second, whispersTo(first)) },
		},
		{
			name: "room: a role that coaches no more", least: 4, fields: "Muted",
			prepare: func(p *run) {
				p.govern(whisper)
				p.enter("", "")
				first, second = p.enter("agent", agentNumber), p.enter("supervisor", supervisorNumber)
			},
			act: func(p *run) {
				p.EditConference("room", func(s *v1alpha1.ConferenceSpec) { s.Roles[1].CoachRole = "" })
			},
			check: func(p *run) {
				p.wantHeard(second, func(c voicesim.Participant) bool { return c.Muted && !c.Coaching })
			},
		},
		{
			name: "room: one that waits, and the host", least: 16, fields: "Hold HoldUrl HoldMethod",
			prepare: func(p *run) { p.govern(waitForHost); p.Elapse(10 * time.Second); p.enter("", ""); p.enter("", "") },
			act: func(p *run) {
				first = p.enter("", "")
				p.Elapse(8 * time.Second)
				p.wantHeard(first, func(c voicesim.Participant) bool { return c.Hold })
				p.enter("host", hostNumber)
			},
			check: func(p *run) { p.wantHeard(first, audible) },
		},
		{
			name: "room: the end of a Conference", least: 8, fields: "Muted Hold HoldUrl HoldMethod",
			prepare: func(p *run) {
				p.govern(func(s *v1alpha1.ConferenceSpec) {
					whisper(s)
					s.Roles = append(s.Roles, numbered("host", hostNumber))
					s.WaitForRole = &v1alpha1.WaitForRole{Role: "host", HoldURL: sim.Music}
				})
				p.Elapse(10 * time.Second)
				first = p.enter("", "")
				p.enter("", "")
				second = p.enter("supervisor", supervisorNumber)
			},
			act: func(p *run) { p.Delete(p.GetConference("room")) },
			check: func(p *run) {
				p.wantHeard(first, audible)
				p.wantHeard(second, muted)
				if n := len(p.Children("room")); n != 0 {
					p.t.Errorf("%d children are left", n)
				}
			},
		},
	}
}
