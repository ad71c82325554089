package operator

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

func TestR17AWhisperIsBuiltInOrder(t *testing.T) {
	w := newWorld(t)
	agent, supervisor := w.join(), w.join()
	w.declare("supervisor", supervisor, whisper(agent))
	w.pass(time.Second)
	pair := "CallSidToCoach=" + agent + " Coaching=true"
	w.wantUpdates(pair+" Muted=true", pair+" Muted=false")
	w.wantReady("supervisor", "True", v1alpha1.ReasonInSync)
	w.quiet(10 * time.Minute)
}

func TestR17NoUnmuteBeforeTheCoachingWasSeen(t *testing.T) {
	w := newWorld(t)
	agent, supervisor := w.join(), w.join()
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true})
	w.declare("supervisor", supervisor, whisper(agent))
	w.pass(time.Hour)
	for _, sent := range w.updates() {
		if strings.Contains(sent, "Muted=false") {
			w.Fatalf("unmuted by the word of an answer: %s", sent)
		}
	}
}

func TestR17ALostCoacheeMutes(t *testing.T) {
	for _, leaves := range []string{voicesim.CoacheeLeavesReset, voicesim.CoacheeLeavesKeep} {
		t.Run(leaves, func(t *testing.T) {
			w := newWorld(t, func(s *voicesim.Settings) { s.CoacheeLeaves = leaves })
			agent, supervisor := w.join(), w.join()
			w.join()
			w.declare("supervisor", supervisor, whisper(agent))
			w.pass(2 * time.Minute)
			w.updates()
			w.sim.HangUp(agent)
			w.pass(6 * time.Second)
			if p, _ := w.sim.Participant(w.conference, supervisor); !p.Muted {
				w.Error("still audible")
			}
			w.wantReady("supervisor", "False", v1alpha1.ReasonCoacheeGone)
			if message := w.message("supervisor"); !strings.Contains(message, "muted") {
				w.Errorf("the message does not say why: %s", message)
			}
			w.restart()
			w.quiet(10 * time.Minute)
			w.wantReady("supervisor", "False", v1alpha1.ReasonCoacheeGone)
			w.edit("supervisor", func(s *spec) { s.Coaching, s.CallSIDToCoach = new(false), "" })
			w.settle()
			if p, _ := w.sim.Participant(w.conference, supervisor); p.Muted || p.Coaching {
				w.Errorf("not open although declared so: %+v", p)
			}
		})
	}
}

func TestR17TowardsListeningItIsMuteFirst(t *testing.T) {
	w := newWorld(t)
	agent, supervisor := w.join(), w.join()
	w.declare("supervisor", supervisor, whisper(agent))
	w.pass(time.Minute)
	w.updates()
	w.edit("supervisor", func(s *spec) { s.Muted, s.Coaching = new(true), new(false) })
	w.pass(time.Second)
	w.wantUpdates("CallSidToCoach="+agent+" Coaching=true Muted=true", "Coaching=false")
	w.wantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestAReferencedCoacheeIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	supervisor := w.join()
	w.declare("supervisor", supervisor, func(s *spec) {
		s.Muted, s.Hold, s.ParticipantToCoachRef = new(false), new(true), &v1alpha1.LocalReference{Name: "trainee"}
	})
	w.settle()
	w.wantUpdates("Coaching=false Hold=true Muted=true")
	w.wantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	trainee := "2c7e4b18-5a0f-4d39-8d66-7b1e0c9f3a52"
	w.declare("trainee", trainee, hold)
	w.pass(time.Minute)
	w.wantUpdates()
	w.wantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	w.join(voicesim.JoinOptions{CallSID: trainee})
	w.pass(16 * time.Second)
	w.wantUpdates("Hold=true")
	w.wantReady("supervisor", "False", v1alpha1.ReasonWaitingForCoachee)
	w.edit("trainee", func(s *spec) { s.Hold = new(false) })
	w.pass(16 * time.Second)
	pair := "CallSidToCoach=" + trainee + " Coaching=true"
	w.wantUpdates("Hold=false", pair, pair+" Muted=false")
	w.wantReady("supervisor", "True", v1alpha1.ReasonInSync)
}

func TestAWrongReferenceIsStalled(t *testing.T) {
	for name, change := range map[string]func(*spec){
		"another conference": func(s *spec) { s.ConferenceSID = "11111111-2222-3333-4444-555555555555" },
		"another account":    func(s *spec) { s.AccountRef.Name = "other" },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.declare("trainee", w.join(), change)
			w.declare("supervisor", w.join(), func(s *spec) {
				s.Muted, s.ParticipantToCoachRef = new(false), &v1alpha1.LocalReference{Name: "trainee"}
			})
			w.settle()
			w.wantReady("supervisor", "False", v1alpha1.ReasonInvalidReference)
			w.wantUpdates("Coaching=false Muted=true")
		})
	}
}

func TestAWhisperThatCannotBeSeenIsReported(t *testing.T) {
	w := newWorld(t)
	agent, supervisor := w.join(), w.join()
	w.sim.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Skip: 1, Status: 500})
	w.declare("supervisor", supervisor, whisper(agent))
	w.pass(2 * time.Second)
	w.wantReady("supervisor", "False", v1alpha1.ReasonConverging)
	w.wantUpdates("CallSidToCoach=" + agent + " Coaching=true Muted=true")
}
