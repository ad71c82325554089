package rooms_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

const (
	agentNumber      = "sip:agents@pbx.example.com"
	supervisorNumber = "+15555550111"
)

// whispering has a supervisor heard by the agent alone, in each room of a call centre.
func whispering(s *v1alpha1.ConferenceSpec) {
	outbound := func(number v1alpha1.PhoneNumber) []v1alpha1.RoleTerm {
		return []v1alpha1.RoleTerm{{Direction: v1alpha1.CallOutbound, Numbers: []v1alpha1.PhoneNumber{number}}}
	}
	s.FriendlyNamePrefix = "case-"
	s.Roles = []v1alpha1.Role{
		{Name: "agent", Match: outbound(agentNumber)},
		{Name: "supervisor", Match: outbound(supervisorNumber), CoachRole: "agent", AudioControls: v1alpha1.AudioControls{Muted: new(false)}},
	}
}

// dialed is a call that the account has placed to a number.
func dialed(number string) voicesim.JoinOptions {
	return voicesim.JoinOptions{To: number, From: "+15555550199", Direction: voicesim.DirectionOutbound}
}

// whisperers are the calls of a room of a call centre.
type whisperers struct {
	*sim.Sim
	t   *testing.T
	ear *sim.Ear

	sid, supervisor, agent string
}

// newWhisperers returns a room with a customer and a supervisor, which has joined as the
// options say, and without an agent.
func newWhisperers(t *testing.T, options voicesim.JoinOptions, settings ...func(*voicesim.Settings)) *whisperers {
	t.Helper()
	w := &whisperers{Sim: sim.New(t, settings...), t: t}
	w.ear = w.Listen()
	w.CreateConference("cases", whispering)
	w.Elapse(20 * time.Second)
	w.ear.Join("case-1", "", voicesim.JoinOptions{From: "+15555550142"})
	w.ear.Join("case-1", "", voicesim.JoinOptions{From: "+15555550143"})
	w.supervisor, w.sid = w.ear.Join("case-1", "supervisor", options)
	return w
}

// dial lets the agent in.
func (w *whisperers) dial(options voicesim.JoinOptions) {
	w.agent, _ = w.ear.Join("case-1", "agent", options)
}

// is checks the supervisor: muted, or heard by the agent alone.
func (w *whisperers) is(what string, muted bool) {
	w.t.Helper()
	p, there := w.Provider.Participant(w.sid, w.supervisor)
	if !there || p.Muted != muted || !muted && p.CallSIDToCoach != w.agent {
		w.t.Errorf("%s the supervisor is %+v, there %v; the agent is %s", what, p, there, w.agent)
	}
}

func TestR20ASupervisorIsHeardByTheAgentAlone(t *testing.T) {
	for _, leaves := range []string{voicesim.CoacheeLeavesReset, voicesim.CoacheeLeavesKeep} {
		for _, resets := range []bool{false, true} {
			for _, muted := range []bool{false, true} {
				t.Run(leaves, func(t *testing.T) {
					options := dialed(supervisorNumber)
					options.Muted = muted
					w := newWhisperers(t, options, func(s *voicesim.Settings) { s.CoacheeLeaves, s.AbsentCoachingResets = leaves, resets })
					w.Elapse(20 * time.Second)
					w.is("before there is an agent", true)
					w.redialsTenTimes(30 * time.Second)
				})
			}
		}
	}
}

// redialsTenTimes has the agent come ten times, and stay and go for as long each time, and
// then takes the coaching out of the role.
func (w *whisperers) redialsTenTimes(stays time.Duration) {
	w.t.Helper()
	for range 10 {
		w.dial(dialed(agentNumber))
		w.Elapse(sim.HeardWithin + 4*time.Second)
		w.is("after the agent has come", false)
		w.Elapse(stays)
		w.Provider.HangUp(w.agent)
		w.Elapse(6500 * time.Millisecond)
		w.is("after the agent has gone", true)
		w.Elapse(stays)
	}
	w.dial(dialed(agentNumber))
	w.Elapse(20 * time.Second)
	w.EditConference("cases", func(s *v1alpha1.ConferenceSpec) { s.Roles[1].CoachRole = "" })
	w.Elapse(sim.HeardWithin)
	w.is("without coachRole", true)
	w.Elapse(10 * time.Minute)
	w.is("without coachRole for long", true)
	if p, _ := w.Provider.Participant(w.sid, w.supervisor); p.Coaching {
		w.t.Errorf("the coaching goes on: %+v", p)
	}
	w.WantQuiet(time.Hour)
}

func TestR20TheSameAgentCallLeavesAndJoinsAgain(t *testing.T) {
	for _, away := range []time.Duration{time.Second, 4 * time.Second, 20 * time.Second, 100 * time.Second, 5 * time.Minute} {
		t.Run(away.String(), func(t *testing.T) {
			w := newWhisperers(t, dialed(supervisorNumber))
			w.dial(dialed(agentNumber))
			w.Elapse(30 * time.Second)
			for range 2 {
				w.Provider.Leave(w.sid, w.agent)
				w.Elapse(away)
				options := dialed(agentNumber)
				options.CallSID = w.agent
				w.dial(options)
				w.Elapse(sim.HeardWithin + 4*time.Second)
				w.is("after the agent is back", false)
				w.Elapse(20 * time.Second)
			}
			w.WantQuiet(10 * time.Minute)
		})
	}
}

func TestR20AWhisperEndsWithWhatDeclaresIt(t *testing.T) {
	for name, c := range map[string]struct {
		act func(w *whisperers)
		// muted says that the supervisor is muted then; else the whisper goes on.
		muted bool
	}{
		"the role listens":        {func(w *whisperers) { w.edit(func(s *v1alpha1.ConferenceSpec) { s.Roles[1].Muted = new(true) }) }, true},
		"the role is taken out":   {func(w *whisperers) { w.edit(func(s *v1alpha1.ConferenceSpec) { s.Roles = s.Roles[:1] }) }, true},
		"all roles are taken out": {func(w *whisperers) { w.edit(func(s *v1alpha1.ConferenceSpec) { s.Roles = nil }) }, true},
		"the agents are others": {func(w *whisperers) {
			w.edit(func(s *v1alpha1.ConferenceSpec) { s.Roles[0].Match[0].Numbers[0] = "+15555550122" })
		}, true},
		"the supervisors are other": {func(w *whisperers) {
			w.edit(func(s *v1alpha1.ConferenceSpec) { s.Roles[1].Match[0].Numbers[0] = "+15555550122" })
		}, true},
		"a role is added": {func(w *whisperers) {
			w.edit(func(s *v1alpha1.ConferenceSpec) { s.Roles = append(s.Roles, v1alpha1.Role{Name: "all"}) })
		}, false},
		"the process is another": {func(w *whisperers) { w.Restart() }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWhisperers(t, dialed(supervisorNumber))
			w.dial(dialed(agentNumber))
			w.Elapse(30 * time.Second)
			w.is("before", false)
			c.act(w)
			w.Elapse(sim.HeardWithin + 4*time.Second)
			w.is("after", c.muted)
			w.Elapse(10 * time.Minute)
			w.is("long after", c.muted)
			w.WantQuiet(10 * time.Minute)
		})
	}
}

// edit changes the Conference.
func (w *whisperers) edit(change func(*v1alpha1.ConferenceSpec)) { w.EditConference("cases", change) }

// TestR17AWhisperThatIsDeclaredAnewIsSeenFirst has the Conference deleted and created at
// once, at all times since the last list: it unmutes nobody by a list that shows the pair
// which the one before has ended.
func TestR17AWhisperThatIsDeclaredAnewIsSeenFirst(t *testing.T) {
	w := newWhisperers(t, dialed(supervisorNumber))
	w.dial(dialed(agentNumber))
	w.Elapse(30 * time.Second)
	for i := range 60 {
		w.Provider.ResetJournal()
		w.Delete(w.GetConference("cases"))
		w.Elapse(time.Duration(i%12) * 90 * time.Millisecond)
		w.CreateConference("cases", whispering)
		w.Elapse(15 * time.Second)
		w.is("anew", false)
		w.seenFirst()
		w.Elapse(270 * time.Millisecond)
	}
}

// seenFirst checks that the supervisor was unmuted only after a look at the pair.
func (w *whisperers) seenFirst() {
	w.t.Helper()
	paired, seen := false, false
	for _, request := range w.Provider.Journal() {
		switch {
		case request.Method == http.MethodGet:
			seen = seen || paired
		case request.CallSID != w.supervisor:
		case request.Form.Get("Muted") == "false" && !seen:
			w.t.Errorf("unmuted unseen by %v", request.Form)
		case request.Form.Get("Coaching") == "false":
			paired, seen = false, false
		case request.Form.Get("Coaching") == "true":
			paired = true
		}
	}
}
