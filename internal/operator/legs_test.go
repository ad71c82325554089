package operator_test

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// departed is a simulation in which the call of the object "agent" was muted and has
// left a conference in which one other call stays.
func departed(t *testing.T) (env *sim.Sim, call, other string) {
	t.Helper()
	env = sim.New(t)
	call, other = env.Join(), env.Join()
	env.CreateParticipant("agent", call, sim.Mute)
	env.Elapse(time.Minute)
	env.Provider.Leave(env.Conference, call)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
	env.Updates()
	return env, call, other
}

func TestR7ACallThatComesBackIsServedHoweverLate(t *testing.T) {
	for name, meanwhile := range map[string]func(env *sim.Sim, other string){
		"the conference is polled for another object": func(env *sim.Sim, other string) {
			env.CreateParticipant("other", other, sim.Unmute)
			env.Elapse(time.Hour)
		},
		"the process is another one": func(env *sim.Sim, other string) {
			env.CreateParticipant("other", other, sim.Unmute)
			env.Elapse(time.Hour)
			env.Restart()
			env.Elapse(time.Hour)
		},
		"the conference was forgotten": func(env *sim.Sim, other string) {
			env.Elapse(time.Hour)
			env.CreateParticipant("other", other, sim.Unmute)
			env.RunUntilIdle()
		},
		"the conference was forgotten, and the process is another one": func(env *sim.Sim, other string) {
			env.Restart()
			env.Elapse(time.Hour)
			env.CreateParticipant("other", other, sim.Unmute)
			env.RunUntilIdle()
		},
		"the conference was forgotten twice": func(env *sim.Sim, other string) {
			env.Elapse(time.Hour)
			env.CreateParticipant("other", other, sim.Unmute)
			env.Elapse(time.Minute)
			env.Delete(env.Get("other"))
			env.Elapse(time.Hour)
			env.CreateParticipant("other", other, sim.Unmute)
			env.RunUntilIdle()
		},
	} {
		t.Run(name, func(t *testing.T) {
			env, call, other := departed(t)
			meanwhile(env, other)
			env.Join(voicesim.JoinOptions{CallSID: call})
			env.Elapse(33 * time.Second)
			env.WantUpdates("Muted=true")
			if found := env.WantReady("agent", "True", v1alpha1.ReasonInSync); found.Status.CallState != v1alpha1.CallLive || found.Status.FinishTime != nil {
				t.Errorf("callState %s, finished %v", found.Status.CallState, found.Status.FinishTime)
			}
			env.Provider.Leave(env.Conference, call)
			env.Elapse(2 * time.Minute)
			env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
		})
	}
}

func TestR7NoConferenceIsListedForCallsThatLeft(t *testing.T) {
	env, _, _ := departed(t)
	env.Elapse(3 * time.Minute)
	for _, process := range []string{"the first", "another"} {
		env.Provider.ResetJournal()
		env.Elapse(time.Hour)
		if lists, kept := env.Count(voicesim.OpListParticipants), env.Controllers.Store.Size(); lists != 0 || kept != 0 {
			t.Errorf("%s process: %d lists, %d conferences are kept", process, lists, kept)
		}
		env.Restart()
	}
}
