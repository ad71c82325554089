package operator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// toggle changes a call past the operator.
func toggle(t *testing.T, env *sim.Sim, call string, change func(*voicesim.Participant)) {
	t.Helper()
	if !env.Provider.Drift(env.Conference, call, change) {
		t.Error("nobody is there to change")
	}
}

func muteThem(p *voicesim.Participant)   { p.Muted = true }
func unmuteThem(p *voicesim.Participant) { p.Muted = false }

func TestR12DriftPolicies(t *testing.T) {
	cases := []struct {
		policy  v1alpha1.DriftPolicy
		muted   bool
		repairs bool
	}{
		{v1alpha1.DriftEnforce, true, true}, {v1alpha1.DriftEnforce, false, true},
		{v1alpha1.DriftRestrict, true, true}, {v1alpha1.DriftRestrict, false, false},
		{v1alpha1.DriftReport, true, false}, {v1alpha1.DriftReport, false, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s, declared muted: %v", c.policy, c.muted), func(t *testing.T) {
			env := sim.New(t)
			call := env.Join(voicesim.JoinOptions{Muted: !c.muted})
			env.CreateParticipant("agent", call, func(s *sim.Spec) { s.Muted, s.DriftPolicy = &c.muted, c.policy })
			env.Elapse(time.Minute)
			env.WantUpdates(fmt.Sprintf("Muted=%v", c.muted))
			toggle(t, env, call, func(p *voicesim.Participant) { p.Muted = !c.muted })
			env.Elapse(time.Minute)
			if c.repairs {
				env.WantUpdates(fmt.Sprintf("Muted=%v", c.muted))
				env.WantReady("agent", "True", v1alpha1.ReasonInSync)
				return
			}
			env.WantUpdates()
			env.WantReady("agent", "True", v1alpha1.ReasonYielded)
			if want := fmt.Sprintf("muted is %v, declared %v", !c.muted, c.muted); !strings.Contains(env.Message("agent"), want) {
				t.Errorf("the message does not say %q: %s", want, env.Message("agent"))
			}
			env.WantQuiet(time.Hour)
			env.Restart()
			env.WantQuiet(time.Hour)
			env.Edit("agent", sim.Hold)
			env.RunUntilIdle()
			env.WantUpdates(fmt.Sprintf("Hold=true Muted=%v", c.muted))
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

func TestR12WhatDoesNotStickIsNoDrift(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true, Times: 1})
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.DriftPolicy = v1alpha1.DriftReport })
	env.Elapse(time.Minute)
	env.WantUpdates("Muted=true", "Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR12R17ALostCoacheeMutesUnderEachPolicy(t *testing.T) {
	for _, policy := range []v1alpha1.DriftPolicy{v1alpha1.DriftEnforce, v1alpha1.DriftRestrict, v1alpha1.DriftReport} {
		t.Run(string(policy), func(t *testing.T) {
			env := sim.New(t)
			agent := env.Join()
			call := env.Join()
			env.CreateParticipant("supervisor", call, func(s *sim.Spec) { sim.Whisper(agent)(s); s.DriftPolicy = policy })
			env.Elapse(time.Minute)
			env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
			env.Updates()
			toggle(t, env, call, func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = false, "" })
			env.Elapse(6 * time.Second)
			if p, _ := env.Provider.Participant(env.Conference, call); !p.Muted && !p.Coaching {
				t.Error("everybody hears the supervisor")
			}
		})
	}
}

func TestR12WhatIsBuiltAgainWithTheCoacheeIsNoDrift(t *testing.T) {
	env := sim.New(t)
	agent, supervisor := env.Join(), env.Join()
	env.Join()
	env.CreateParticipant("supervisor", supervisor, func(s *sim.Spec) { sim.Whisper(agent)(s); s.DriftPolicy = v1alpha1.DriftReport })
	env.Elapse(2 * time.Minute)
	env.Provider.Leave(env.Conference, agent)
	env.Elapse(10 * time.Second)
	env.WantReady("supervisor", "False", v1alpha1.ReasonCoacheeGone)
	env.Join(voicesim.JoinOptions{CallSID: agent})
	env.Elapse(time.Minute)
	env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestR12AContestIsDamped(t *testing.T) {
	for name, c := range map[string]struct {
		declare func(*sim.Spec)
		change  func(*voicesim.Participant)
		most    int
	}{
		"what closes goes on, slowly": {sim.Mute, unmuteThem, 8},
		"what opens stops":            {sim.Unmute, muteThem, 3},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(1)) })
			call := env.Join()
			env.CreateParticipant("agent", call, c.declare)
			env.Elapse(10 * time.Second)
			env.Updates()
			// It is changed back again and again, after it was seen to stick.
			for range 75 {
				toggle(t, env, call, c.change)
				env.Elapse(8 * time.Second)
			}
			sent := len(env.Updates())
			if sent < 3 || sent > c.most {
				t.Errorf("%d corrections in ten minutes, want 3 to %d", sent, c.most)
			}
			env.WantReady("agent", "False", v1alpha1.ReasonContested)
			env.Restart()
			env.Elapse(time.Minute)
			env.WantUpdates()
			env.WantReady("agent", "False", v1alpha1.ReasonContested)
			env.RequestReconcile("agent", "now")
			env.Elapse(time.Second)
			if len(env.Updates()) != 1 {
				t.Error("the reconcile annotation does not end the wait")
			}
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.WantQuiet(time.Hour)
		})
	}
}

func TestR12AContestThatIsOverIsForgotten(t *testing.T) {
	env := sim.New(t)
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(1)) })
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(10 * time.Second)
	for range 4 {
		toggle(t, env, call, unmuteThem)
		env.Elapse(15 * time.Second)
	}
	env.WantReady("agent", "False", v1alpha1.ReasonContested)
	env.Elapse(11 * time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR12Beep(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Times: 1, Reset: voicesim.ResetBefore})
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); s.Beep = new(true) })
	env.Elapse(time.Minute)
	env.WantUpdates("Beep=true Muted=true", "Beep=false Muted=true")
	toggle(t, env, call, unmuteThem)
	env.Elapse(time.Minute)
	env.WantUpdates("Beep=false Muted=true")
	env.Edit("agent", sim.Unmute)
	env.RunUntilIdle()
	env.WantUpdates("Beep=true Muted=false")
	env.Edit("agent", func(s *sim.Spec) { sim.Mute(s); s.Beep = new(false) })
	env.RunUntilIdle()
	env.WantUpdates("Beep=false Muted=true")
	env.Edit("agent", func(s *sim.Spec) { sim.Unmute(s); s.Beep = nil })
	env.RunUntilIdle()
	env.WantUpdates("Muted=false")
}

// What our own update did is no change by another, also if its response
// was lost and the edit is taken back.
func TestR12AnEditThatIsTakenBackIsNoDrift(t *testing.T) {
	for name, dies := range map[string]bool{"lost answer": false, "crash": true} {
		for _, policy := range []v1alpha1.DriftPolicy{v1alpha1.DriftRestrict, v1alpha1.DriftReport} {
			t.Run(name+" "+string(policy), func(t *testing.T) {
				env := sim.New(t)
				call := env.Join(voicesim.JoinOptions{Muted: true})
				env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Unmute(s); s.DriftPolicy = policy })
				env.Elapse(time.Minute)
				env.AtBoundary = func(boundary sim.Boundary) sim.Failure {
					if !dies || !boundary.Provider || !strings.HasPrefix(boundary.What, "POST") {
						return sim.None
					}
					env.AtBoundary = nil
					defer env.Edit("agent", sim.Unmute)
					return sim.CrashAfter
				}
				if !dies {
					env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Reset: voicesim.ResetAfter, Times: 1})
				}
				env.Edit("agent", sim.Mute)
				env.RunUntilIdle()
				if !dies {
					env.Edit("agent", sim.Unmute)
				}
				env.Elapse(time.Minute)
				env.WantReady("agent", "True", v1alpha1.ReasonInSync)
				if p, _ := env.Provider.Participant(env.Conference, call); p.Muted {
					t.Error("the participant is still muted")
				}
			})
		}
	}
}

func TestVerificationsYieldToEdits(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("caller", env.Join(), sim.Mute)
	env.RunUntilIdle()
	env.WantUpdates("Muted=true")
	var noted []int
	env.Controllers.Rosters.Notify = func(priority int, _ string, _ roster.Subscriber) { noted = append(noted, priority) }
	env.Elapse(2 * roster.Settle)
	if !slices.Equal(noted, []int{enqueue.PriorityDrift}) {
		t.Errorf("enqueued with priorities %v, want once, as for drift", noted)
	}
}
