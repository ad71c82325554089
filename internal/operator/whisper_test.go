package operator_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
	"github.com/voiceops/conference-operator/test/world"
)

func TestR17AWhisperIsBuiltInOrder(t *testing.T) {
	w := world.New(t)
	agent, supervisor := w.Join(), w.Join()
	w.Declare("supervisor", supervisor, world.Whisper(agent))
	w.Pass(time.Second)
	pair := "CallSidToCoach=" + agent + " Coaching=true"
	w.WantUpdates(pair+" Muted=true", pair+" Muted=false")
	w.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
	w.WantQuiet(10 * time.Minute)
}

func TestR17NoUnmuteBeforeTheCoachingWasSeen(t *testing.T) {
	w := world.New(t)
	agent, supervisor := w.Join(), w.Join()
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true})
	w.Declare("supervisor", supervisor, world.Whisper(agent))
	w.Pass(time.Hour)
	for _, sent := range w.Updates() {
		if strings.Contains(sent, "Muted=false") {
			w.Fatalf("unmuted by the word of an answer: %s", sent)
		}
	}
}

func TestR17AnUnmuteThatWasHeldBackIsDecidedAnew(t *testing.T) {
	w := world.New(t)
	agent, supervisor := w.Join(), w.Join()
	w.Join()
	unmute := throttled(30)
	unmute.Skip = 1
	w.Sim.Inject(unmute)
	w.Declare("supervisor", supervisor, world.Whisper(agent))
	w.Pass(5 * time.Second)
	pair := "CallSidToCoach=" + agent + " Coaching=true"
	w.WantUpdates(pair+" Muted=true", pair+" Muted=false")
	toggle(w, supervisor, func(p *voicesim.Participant) { p.Coaching, p.CallSIDToCoach = false, "" })
	w.Pass(40 * time.Second)
	w.WantUpdates(pair, pair+" Muted=false")
	w.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestR17ALostCoacheeMutes(t *testing.T) {
	for _, leaves := range []string{voicesim.CoacheeLeavesReset, voicesim.CoacheeLeavesKeep} {
		t.Run(leaves, func(t *testing.T) {
			w := world.New(t, func(s *voicesim.Settings) { s.CoacheeLeaves = leaves })
			agent, supervisor := w.Join(), w.Join()
			w.Join()
			w.Declare("supervisor", supervisor, world.Whisper(agent))
			w.Pass(2 * time.Minute)
			w.Updates()
			w.Sim.HangUp(agent)
			w.Pass(6 * time.Second)
			if p, _ := w.Sim.Participant(w.Conference, supervisor); !p.Muted {
				w.Error("still audible")
			}
			w.WantReady("supervisor", "False", v1alpha1.ReasonCoacheeGone)
			if message := w.Message("supervisor"); !strings.Contains(message, "muted") {
				w.Errorf("the message does not say why: %s", message)
			}
			w.Restart()
			w.WantQuiet(10 * time.Minute)
			w.WantReady("supervisor", "False", v1alpha1.ReasonCoacheeGone)
			w.Edit("supervisor", func(s *world.Spec) { s.Coaching, s.CallSIDToCoach = new(false), "" })
			w.Settle()
			if p, _ := w.Sim.Participant(w.Conference, supervisor); p.Muted || p.Coaching {
				w.Errorf("not open although declared so: %+v", p)
			}
		})
	}
}

func TestR17ALostCoacheeMutesWhateverElseIsWrong(t *testing.T) {
	for name, leave := range map[string]func(w *world.World, agent string){
		"the coachee is gone": func(w *world.World, agent string) { w.Sim.HangUp(agent) },
		"the coachee's call has ended": func(w *world.World, agent string) {
			toggle(w, agent, func(p *voicesim.Participant) { p.Status = "completed" })
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t, func(s *voicesim.Settings) { s.CoacheeLeaves = voicesim.CoacheeLeavesKeep })
			agent, supervisor := w.Join(), w.Join()
			w.Join()
			w.Join()
			w.Sim.Inject(voicesim.Fault{
				Operation: voicesim.OpUpdateParticipant, Status: 400, Code: 21402,
				Match: func(r voicesim.Request) bool { return r.Form.Has("HoldUrl") },
			})
			w.Declare("supervisor", supervisor, func(s *world.Spec) {
				world.Whisper(agent)(s)
				world.Hold(s)
				s.HoldURL = world.Music
			})
			w.Pass(2 * time.Minute)
			w.WantReady("supervisor", "False", v1alpha1.ReasonRejected)
			if p, _ := w.Sim.Participant(w.Conference, supervisor); p.Muted {
				t.Fatal("the supervisor is not heard by the coachee")
			}
			leave(w, agent)
			w.Pass(6 * time.Second)
			if p, _ := w.Sim.Participant(w.Conference, supervisor); !p.Muted {
				t.Error("still audible")
			}
		})
	}
}

func TestR17TowardsListeningItIsMuteFirst(t *testing.T) {
	w := world.New(t)
	agent, supervisor := w.Join(), w.Join()
	w.Declare("supervisor", supervisor, world.Whisper(agent))
	w.Pass(time.Minute)
	w.Updates()
	w.Edit("supervisor", func(s *world.Spec) { s.Muted, s.Coaching = new(true), new(false) })
	w.Pass(time.Second)
	w.WantUpdates("CallSidToCoach="+agent+" Coaching=true Muted=true", "Coaching=false")
	w.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestAReferencedCoacheeIsWaitedFor(t *testing.T) {
	w := world.New(t)
	supervisor := w.Join()
	w.Declare("supervisor", supervisor, func(s *world.Spec) {
		s.Muted, s.Hold, s.ParticipantToCoachRef = new(false), new(true), &v1alpha1.LocalReference{Name: "trainee"}
	})
	w.Settle()
	w.WantUpdates("Coaching=false Hold=true Muted=true")
	w.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	trainee := "2c7e4b18-5a0f-4d39-8d66-7b1e0c9f3a52"
	w.Declare("trainee", trainee, world.Hold)
	w.Pass(time.Minute)
	w.WantUpdates()
	w.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	w.Join(voicesim.JoinOptions{CallSID: trainee})
	w.Pass(16 * time.Second)
	w.WantUpdates("Hold=true")
	w.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	w.Edit("trainee", func(s *world.Spec) { s.Hold = new(false) })
	w.Pass(16 * time.Second)
	pair := "CallSidToCoach=" + trainee + " Coaching=true"
	w.WantUpdates("Hold=false", pair, pair+" Muted=false")
	w.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestR2ACoacheeIsFoundInABigConferenceThatIsNotPolled(t *testing.T) {
	agent := "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	pair := "CallSidToCoach=" + agent + " Coaching=true"
	for name, c := range map[string]struct {
		meanwhile func(w *world.World, supervisor string)
		first     string
	}{
		"and nothing else has changed": {func(*world.World, string) {}, pair},
		"and the coach was unmuted":    {func(w *world.World, supervisor string) { toggle(w, supervisor, unmuteThem) }, pair + " Muted=true"},
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = new(int32(0)) })
			w.Settle()
			supervisor := w.Join()
			for range 201 {
				w.Join()
			}
			w.Declare("supervisor", supervisor, world.Whisper(agent))
			w.Pass(time.Minute)
			w.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
			w.WantUpdates("Coaching=false Muted=true")
			w.Join(voicesim.JoinOptions{CallSID: agent})
			c.meanwhile(w, supervisor)
			w.Pass(16 * time.Second)
			w.WantUpdates(c.first, pair+" Muted=false")
			w.WantReady("supervisor", "True", v1alpha1.ReasonInSync)
		})
	}
}

func TestAWrongReferenceIsStalled(t *testing.T) {
	for name, change := range map[string]func(*world.Spec){
		"another conference": func(s *world.Spec) { s.ConferenceSID = "11111111-2222-3333-4444-555555555555" },
		"another account":    func(s *world.Spec) { s.AccountRef.Name = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			w := world.New(t)
			w.Declare("trainee", w.Join(), change)
			w.Declare("supervisor", w.Join(), func(s *world.Spec) {
				s.Muted, s.ParticipantToCoachRef = new(false), &v1alpha1.LocalReference{Name: "trainee"}
			})
			w.Settle()
			w.WantReady("supervisor", "False", v1alpha1.ReasonInvalidReference)
			w.WantUpdates("Coaching=false Muted=true")
		})
	}
}

func TestAWhisperThatCannotBeSeenIsReported(t *testing.T) {
	w := world.New(t)
	agent, supervisor := w.Join(), w.Join()
	w.Sim.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Skip: 1, Status: 500})
	w.Declare("supervisor", supervisor, world.Whisper(agent))
	w.Pass(2 * time.Second)
	w.WantReady("supervisor", "False", v1alpha1.ReasonConverging)
	w.WantUpdates("CallSidToCoach=" + agent + " Coaching=true Muted=true")
}

func TestR4ThePairOfACoacheeWhoIsGoneIsNotRepeatedForEver(t *testing.T) {
	w := world.New(t, func(s *voicesim.Settings) { s.CoacheeLeaves = voicesim.CoacheeLeavesKeep })
	first, supervisor := w.Join(), w.Join()
	w.Join()
	w.Declare("supervisor", supervisor, func(s *world.Spec) { world.Mute(s); s.CallSIDToCoach = v1alpha1.SID(first) })
	w.Pass(time.Minute)
	w.Updates()
	w.Sim.HangUp(first)
	w.Edit("supervisor", func(s *world.Spec) {
		world.Hold(s)
		s.CallSIDToCoach = "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	})
	w.Settle()
	w.WantUpdates("CallSidToCoach="+first+" Coaching=true Hold=true", "Hold=true")
	w.WantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
}
