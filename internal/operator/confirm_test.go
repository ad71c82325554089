package operator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// justObserved returns a simulation with a muted call and an object that says nothing
// about that, both observed half a second ago.
func justObserved(t *testing.T, resync int32, change func(*sim.Spec)) (env *sim.Sim, call string) {
	env = sim.New(t)
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.ResyncIntervalSeconds = &resync })
	call = env.Join(voicesim.JoinOptions{Muted: true})
	env.CreateParticipant("agent", call, func(s *sim.Spec) { s.Hold = new(false); change(s) })
	env.Elapse(2 * time.Minute)
	env.ListNow("agent")
	env.Advance(500 * time.Millisecond)
	env.Updates()
	return env, call
}

// TestR2AnEditInSyncByAnEarlierLookIsObservedAgain has another party change what an
// edit declares between the last list and the edit.
func TestR2AnEditInSyncByAnEarlierLookIsObservedAgain(t *testing.T) {
	beep := func(s *sim.Spec) { s.Beep = new(true) }
	policy := func(policy v1alpha1.DriftPolicy) func(*sim.Spec) {
		return func(s *sim.Spec) { s.DriftPolicy = policy }
	}
	for name, c := range map[string]struct {
		change func(*sim.Spec)
		want   string
	}{
		"a declared change beeps": {beep, "Beep=true Muted=true"},
		"policy Restrict":         {policy(v1alpha1.DriftRestrict), "Muted=true"},
		"policy Report":           {policy(v1alpha1.DriftReport), "Muted=true"},
	} {
		for _, resync := range []int32{0, 300} {
			t.Run(fmt.Sprint(name, ", resync ", resync), func(t *testing.T) {
				env, call := justObserved(t, resync, c.change)
				toggle(t, env, call, unmuteThem)
				env.Edit("agent", sim.Mute)
				env.RunUntilIdle()
				env.WantUpdates()
				env.WantReady("agent", "True", v1alpha1.ReasonInSync)
				env.Elapse(time.Second)
				env.WantUpdates(c.want)
				env.WantReady("agent", "True", v1alpha1.ReasonInSync)
				env.Elapse(time.Minute)
				env.WantQuiet(time.Hour)
			})
		}
	}
}

func TestR2AnOpeningInSyncByAnEarlierLookIsObservedAgain(t *testing.T) {
	env, call := justObserved(t, 300, func(s *sim.Spec) { s.DriftPolicy = v1alpha1.DriftRestrict })
	toggle(t, env, call, unmuteThem)
	env.RequestReconcile("agent", "another list")
	env.RunUntilIdle()
	env.Advance(500 * time.Millisecond)
	env.Updates()
	toggle(t, env, call, muteThem)
	env.Edit("agent", sim.Unmute)
	env.Elapse(time.Second)
	env.WantUpdates("Muted=false")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR2ANewObjectInSyncByAnEarlierLookIsObservedAgain(t *testing.T) {
	env, _ := justObserved(t, 300, func(*sim.Spec) {})
	call := env.Join(voicesim.JoinOptions{Muted: true})
	env.RequestReconcile("agent", "another list")
	env.RunUntilIdle()
	env.Advance(500 * time.Millisecond)
	env.Updates()
	toggle(t, env, call, unmuteThem)
	env.CreateParticipant("new", call, sim.Mute)
	env.Elapse(time.Second)
	env.WantUpdates("Muted=true")
	env.WantReady("new", "True", v1alpha1.ReasonInSync)
}

// TestR2AnEditIsObservedAgainAfterACrash has the process end between the two
// observations: what the second shows is still a declared change.
func TestR2AnEditIsObservedAgainAfterACrash(t *testing.T) {
	for _, policy := range []v1alpha1.DriftPolicy{v1alpha1.DriftEnforce, v1alpha1.DriftRestrict, v1alpha1.DriftReport} {
		t.Run(string(policy), func(t *testing.T) {
			env, call := justObserved(t, 300, func(s *sim.Spec) { s.DriftPolicy = policy })
			toggle(t, env, call, unmuteThem)
			env.Edit("agent", sim.Mute)
			env.RunUntilIdle()
			env.Restart()
			env.Elapse(time.Second)
			env.WantUpdates("Muted=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
		})
	}
}

// TestR2APolicyEditedMeanwhileIsNoDrift has the drift policy edited between the two
// observations.
func TestR2APolicyEditedMeanwhileIsNoDrift(t *testing.T) {
	env, call := justObserved(t, 300, func(*sim.Spec) {})
	toggle(t, env, call, unmuteThem)
	env.Edit("agent", sim.Mute)
	env.RunUntilIdle()
	env.Advance(100 * time.Millisecond)
	env.Edit("agent", func(s *sim.Spec) { s.DriftPolicy = v1alpha1.DriftReport })
	env.Elapse(time.Second)
	env.WantUpdates("Muted=true")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

func TestR2AnEditInModeObserveIsObservedAgain(t *testing.T) {
	env, call := justObserved(t, 300, func(s *sim.Spec) { s.Mode = v1alpha1.ModeObserve })
	toggle(t, env, call, unmuteThem)
	env.Edit("agent", sim.Mute)
	env.RunUntilIdle()
	env.Elapse(time.Second)
	env.WantDrifted("agent", "True", "muted is false, declared true")
	env.WantUpdates()
}

// TestR2ABurstOfEditsInSyncCostsOneListMore edits many objects of a conference,
// small and big, within a second after a list.
func TestR2ABurstOfEditsInSyncCostsOneListMore(t *testing.T) {
	for _, strangers := range []int{0, 201} {
		t.Run(fmt.Sprint(strangers, " strangers"), func(t *testing.T) {
			env := sim.New(t)
			for range strangers {
				env.Join()
			}
			for i := range 40 {
				env.CreateParticipant(fmt.Sprint("agent-", i), env.Join(voicesim.JoinOptions{Muted: true}), func(s *sim.Spec) { s.Hold = new(false) })
			}
			env.Elapse(2 * time.Minute)
			for env.Provider.ResetJournal(); env.Count(voicesim.OpListParticipants) == 0; {
				env.Elapse(50 * time.Millisecond)
			}
			env.Provider.ResetJournal()
			for i := range 40 {
				env.Elapse(20 * time.Millisecond)
				env.Edit(fmt.Sprint("agent-", i), sim.Mute)
			}
			env.Elapse(10 * time.Second)
			if lists, reads := env.Count(voicesim.OpListParticipants), env.Count(voicesim.OpGetParticipant); lists != 1 || reads != 0 {
				t.Errorf("%d lists and %d reads, want one list", lists, reads)
			}
			env.WantQuiet(time.Minute)
		})
	}
}
