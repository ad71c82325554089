package operator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

func TestR17AWhisperIsBuiltInOrder(t *testing.T) {
	env := sim.New(t)
	agent, supervisor := env.Join(), env.Join()
	env.CreateParticipant("supervisor", supervisor, sim.Whisper(agent))
	env.Elapse(time.Second)
	pair := "CallSidToCoach=" + agent + " Coaching=true"
	env.WantUpdates(pair+" Muted=true", pair+" Muted=false")
	env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
	env.WantQuiet(10 * time.Minute)
}

func TestR17NoUnmuteBeforeTheCoachingWasSeen(t *testing.T) {
	env := sim.New(t)
	agent, supervisor := env.Join(), env.Join()
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true})
	env.CreateParticipant("supervisor", supervisor, sim.Whisper(agent))
	env.Elapse(time.Hour)
	for _, sent := range env.Updates() {
		if strings.Contains(sent, "Muted=false") {
			t.Fatalf("unmuted by the word of an answer: %s", sent)
		}
	}
}

func TestR17AnUnmuteThatWasHeldBackIsDecidedAnew(t *testing.T) {
	env := sim.New(t)
	agent, supervisor := env.Join(), env.Join()
	env.Join()
	unmute := throttled(30)
	unmute.Skip = 1
	env.Provider.Inject(unmute)
	env.CreateParticipant("supervisor", supervisor, sim.Whisper(agent))
	env.Elapse(5 * time.Second)
	pair := "CallSidToCoach=" + agent + " Coaching=true"
	env.WantUpdates(pair+" Muted=true", pair+" Muted=false")
	toggle(t, env, supervisor, func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = false, "" })
	env.Elapse(40 * time.Second)
	env.WantUpdates(pair, pair+" Muted=false")
	env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestR17ALostCoacheeMutes(t *testing.T) {
	for _, leaves := range []string{voicesim.CoacheeLeavesReset, voicesim.CoacheeLeavesKeep} {
		t.Run(leaves, func(t *testing.T) {
			env := sim.New(t, func(s *voicesim.Settings) { s.CoacheeLeaves = leaves })
			agent, supervisor := env.Join(), env.Join()
			env.Join()
			env.CreateParticipant("supervisor", supervisor, sim.Whisper(agent))
			env.Elapse(2 * time.Minute)
			env.Updates()
			env.Provider.HangUp(agent)
			env.Elapse(6 * time.Second)
			if p, _ := env.Provider.Participant(env.Conference, supervisor); !p.Muted {
				t.Error("still audible")
			}
			env.WantReady("supervisor", "False", v1alpha1.ReasonCoacheeGone)
			if message := env.Message("supervisor"); !strings.Contains(message, "muted") {
				t.Errorf("the message does not say why: %s", message)
			}
			env.Restart()
			env.WantQuiet(10 * time.Minute)
			env.WantReady("supervisor", "False", v1alpha1.ReasonCoacheeGone)
			env.Edit("supervisor", func(s *sim.Spec) { s.Coaching, s.CallSIDToCoach = new(false), "" })
			env.RunUntilIdle()
			if p, _ := env.Provider.Participant(env.Conference, supervisor); p.Muted || p.Coaching {
				t.Errorf("not open although declared so: %+v", p)
			}
		})
	}
}

func TestR17ALostCoacheeMutesWhateverElseIsWrong(t *testing.T) {
	for name, leave := range map[string]func(env *sim.Sim, agent string){
		"the coachee is gone": func(env *sim.Sim, agent string) { env.Provider.HangUp(agent) },
		"the coachee's call has ended": func(env *sim.Sim, agent string) {
			toggle(t, env, agent, func(p *voicesim.Participant) { p.Status = "completed" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t, func(s *voicesim.Settings) { s.CoacheeLeaves = voicesim.CoacheeLeavesKeep })
			agent, supervisor := env.Join(), env.Join()
			env.Join()
			env.Join()
			env.Provider.Inject(voicesim.Fault{
				Operation: voicesim.OpUpdateParticipant, Status: 400, Code: 21402,
				Match: func(r voicesim.Request) bool { return r.Form.Has("HoldUrl") },
			})
			env.CreateParticipant("supervisor", supervisor, func(s *sim.Spec) {
				sim.Whisper(agent)(s)
				sim.Hold(s)
				s.HoldURL = sim.Music
			})
			env.Elapse(2 * time.Minute)
			env.WantReady("supervisor", "False", v1alpha1.ReasonRejected)
			if p, _ := env.Provider.Participant(env.Conference, supervisor); p.Muted {
				t.Fatal("the supervisor is not heard by the coachee")
			}
			leave(env, agent)
			env.Elapse(6 * time.Second)
			if p, _ := env.Provider.Participant(env.Conference, supervisor); !p.Muted {
				t.Error("still audible")
			}
		})
	}
}

func TestR17TowardsListeningItIsMuteFirst(t *testing.T) {
	env := sim.New(t)
	agent, supervisor := env.Join(), env.Join()
	env.CreateParticipant("supervisor", supervisor, sim.Whisper(agent))
	env.Elapse(time.Minute)
	env.Updates()
	env.Edit("supervisor", func(s *sim.Spec) { s.Muted, s.Coaching = new(true), new(false) })
	env.Elapse(time.Second)
	env.WantUpdates("CallSidToCoach="+agent+" Coaching=true Muted=true", "Coaching=false")
	env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestAReferencedCoacheeIsWaitedFor(t *testing.T) {
	env := sim.New(t)
	supervisor := env.Join()
	env.CreateParticipant("supervisor", supervisor, func(s *sim.Spec) {
		s.Muted, s.Hold, s.ParticipantToCoachRef = new(false), new(true), &v1alpha1.LocalReference{Name: "trainee"}
	})
	env.RunUntilIdle()
	env.WantUpdates("Coaching=false Hold=true Muted=true")
	env.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	trainee := "2c7e4b18-5a0f-4d39-8d66-7b1e0c9f3a52"
	env.CreateParticipant("trainee", trainee, sim.Hold)
	env.Elapse(time.Minute)
	env.WantUpdates()
	env.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	env.Join(voicesim.JoinOptions{CallSID: trainee})
	env.Elapse(16 * time.Second)
	env.WantUpdates("Hold=true")
	env.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	env.Edit("trainee", func(s *sim.Spec) { s.Hold = new(false) })
	env.Elapse(16 * time.Second)
	pair := "CallSidToCoach=" + trainee + " Coaching=true"
	env.WantUpdates("Hold=false", pair, pair+" Muted=false")
	env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestR2ACoacheeIsFoundInABigConferenceThatIsNotPolled(t *testing.T) {
	agent := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	pair := "CallSidToCoach=" + agent + " Coaching=true"
	for name, c := range map[string]struct {
		meanwhile func(env *sim.Sim, supervisor string)
		first     string
	}{
		"and nothing else has changed": {func(*sim.Sim, string) {}, pair},
		"and the coach was unmuted":    {func(env *sim.Sim, supervisor string) { toggle(t, env, supervisor, unmuteThem) }, pair + " Muted=true"},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
			env.RunUntilIdle()
			supervisor := env.Join()
			for range 201 {
				env.Join()
			}
			env.CreateParticipant("supervisor", supervisor, sim.Whisper(agent))
			env.Elapse(time.Minute)
			env.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
			env.WantUpdates("Coaching=false Muted=true")
			env.Join(voicesim.JoinOptions{CallSID: agent})
			c.meanwhile(env, supervisor)
			env.Elapse(16 * time.Second)
			env.WantUpdates(c.first, pair+" Muted=false")
			env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
		})
	}
}

func TestAWrongReferenceIsStalled(t *testing.T) {
	for name, change := range map[string]func(*sim.Spec){
		"another conference": func(s *sim.Spec) { s.ConferenceSID = "11111111-2222-3333-4444-555555555555" },
		"another account":    func(s *sim.Spec) { s.AccountRef.Name = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.CreateParticipant("trainee", env.Join(), change)
			env.CreateParticipant("supervisor", env.Join(), func(s *sim.Spec) {
				s.Muted, s.ParticipantToCoachRef = new(false), &v1alpha1.LocalReference{Name: "trainee"}
			})
			env.RunUntilIdle()
			env.WantReady("supervisor", "False", v1alpha1.ReasonInvalidReference)
			env.WantUpdates("Coaching=false Muted=true")
		})
	}
}

func TestAWhisperThatCannotBeSeenIsReported(t *testing.T) {
	env := sim.New(t)
	agent, supervisor := env.Join(), env.Join()
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Skip: 1, Status: 500})
	env.CreateParticipant("supervisor", supervisor, sim.Whisper(agent))
	env.Elapse(2 * time.Second)
	env.WantReady("supervisor", "False", v1alpha1.ReasonConverging)
	env.WantUpdates("CallSidToCoach=" + agent + " Coaching=true Muted=true")
}

func TestR4ThePairOfADepartedCoacheeIsNotRepeatedForEver(t *testing.T) {
	env := sim.New(t, func(s *voicesim.Settings) { s.CoacheeLeaves = voicesim.CoacheeLeavesKeep })
	first, supervisor := env.Join(), env.Join()
	env.Join()
	env.CreateParticipant("supervisor", supervisor, func(s *sim.Spec) { sim.Mute(s); s.CallSIDToCoach = v1alpha1.SID(first) })
	env.Elapse(time.Minute)
	env.Updates()
	env.Provider.HangUp(first)
	env.Edit("supervisor", func(s *sim.Spec) {
		sim.Hold(s)
		s.CallSIDToCoach = "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	})
	env.RunUntilIdle()
	env.WantUpdates("CallSidToCoach="+first+" Coaching=true Hold=true", "Hold=true")
	env.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
}

// TestR17TheMuteOfALostCoachingIsNobodyElses has the coaching end between two looks, or
// while the process is replaced, under a policy that leaves alone what another party has
// closed.
func TestR17TheMuteOfALostCoachingIsNobodyElses(t *testing.T) {
	for _, policy := range []v1alpha1.DriftPolicy{v1alpha1.DriftEnforce, v1alpha1.DriftRestrict} {
		for name, lose := range map[string]func(env *sim.Sim, agent string){
			"at once": func(env *sim.Sim, agent string) { rejoin(env, agent, 0, nothing, voicesim.JoinOptions{}) },
			"in between": func(env *sim.Sim, agent string) {
				rejoin(env, agent, 20*time.Second, env.Restart, voicesim.JoinOptions{})
			},
		} {
			t.Run(string(policy)+", "+name, func(t *testing.T) {
				env := sim.New(t)
				agent, supervisor := env.Join(), env.Join()
				env.Join()
				env.CreateParticipant("supervisor", supervisor, func(s *sim.Spec) { sim.Whisper(agent)(s); s.DriftPolicy = policy })
				env.Elapse(time.Minute)
				lose(env, agent)
				env.Elapse(time.Minute)
				env.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
				if p, _ := env.Provider.Participant(env.Conference, supervisor); p.Muted || p.CallSIDToCoach != agent {
					t.Errorf("the supervisor is %+v", p)
				}
			})
		}
	}
}
