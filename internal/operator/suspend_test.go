package operator_test

import (
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

func suspend(s *sim.Spec) { s.Suspend = true }
func resume(s *sim.Spec)  { s.Suspend = false }

// wantReadyKept checks whether a suspended object has a Ready, which is True then.
func wantReadyKept(t *testing.T, conditions []metav1.Condition, want bool) {
	t.Helper()
	ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	if (ready != nil) != want || ready != nil && ready.Status != metav1.ConditionTrue {
		t.Errorf("Ready is %+v, kept: want %v", ready, want)
	}
}

func TestASuspendedParticipantIsCurrent(t *testing.T) {
	for name, c := range map[string]struct {
		// before is what happens before the suspension, and kept whether the Ready from
		// before stays.
		before func(env *sim.Sim, call string)
		change func(*sim.Spec)
		kept   bool
	}{
		"from the start":    {nil, suspend, false},
		"in sync":           {func(*sim.Sim, string) {}, suspend, true},
		"with another edit": {func(*sim.Sim, string) {}, func(s *sim.Spec) { suspend(s); sim.Unmute(s) }, true},
		"stalled": {func(env *sim.Sim, _ string) {
			env.Edit("agent", func(s *sim.Spec) { s.ParticipantToCoachRef = &v1alpha1.LocalReference{Name: "self"} })
		}, suspend, false},
		"reconciling": {func(env *sim.Sim, _ string) {
			env.Edit("agent", func(s *sim.Spec) { s.ParticipantToCoachRef = &v1alpha1.LocalReference{Name: "new"} })
		}, suspend, false},
		"the call has ended": {func(env *sim.Sim, call string) { env.Provider.HangUp(call) }, suspend, true},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			call := env.Join()
			env.Join()
			env.CreateParticipant("self", call, func(s *sim.Spec) { s.Mode = v1alpha1.ModeObserve })
			if c.before == nil {
				env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); c.change(s) })
			} else {
				env.CreateParticipant("agent", call, sim.Mute)
				env.Elapse(time.Second)
				c.before(env, call)
				env.Elapse(2 * time.Minute)
				env.Edit("agent", c.change)
			}
			env.RunUntilIdle()
			found := env.WantSuspended("agent")
			wantReadyKept(t, found.Status.Conditions, c.kept)
			env.Provider.ResetJournal()
			env.Edit("agent", sim.Hold)
			env.RunUntilIdle()
			env.WantSuspended("agent")
			env.Restart()
			env.WantQuiet(time.Hour)
			env.WantSuspended("agent")
		})
	}
}

func TestASuspendedAccountIsCurrent(t *testing.T) {
	for name, prepare := range map[string]func(env *sim.Sim){
		"ready": func(*sim.Sim) {},
		"no secret": func(env *sim.Sim) {
			env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) { s.TokenSecretRef.Name = "none" })
		},
		"unavailable": func(env *sim.Sim) { env.Provider.Inject(voicesim.Fault{Status: 503}) },
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			prepare(env)
			env.CreateParticipant("agent", env.Join(), sim.Mute)
			env.Elapse(5 * time.Minute)
			env.SuspendAccount(true)
			env.Elapse(time.Minute)
			found := env.WantAccountSuspended("acme")
			wantReadyKept(t, found.Status.Conditions, name == "ready")
		})
	}
	t.Run("from the start", func(t *testing.T) {
		env := sim.New(t)
		env.CreateAccount("other", func(s *v1alpha1.VoiceAccountSpec) { s.Suspend = true })
		env.RunUntilIdle()
		wantReadyKept(t, env.WantAccountSuspended("other").Status.Conditions, false)
	})
}

func TestASuspensionIsToldOnce(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); suspend(s) })
	env.RunUntilIdle()
	env.Edit("agent", sim.Unmute)
	env.RunUntilIdle()
	env.Edit("agent", resume)
	env.Elapse(time.Minute)
	told := strings.Join(env.TakeEvents(), "\n")
	if strings.Count(told, v1alpha1.ReasonSuspended) != 1 || strings.Count(told, v1alpha1.ReasonInSync) != 1 {
		t.Errorf("told:\n%s", told)
	}
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
}

// TestR9ASuspendedObjectClaimsNothing has a younger object work while an older one is
// suspended: from the start, later, and again after that.
func TestR9ASuspendedObjectClaimsNothing(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("first", call, func(s *sim.Spec) { sim.Mute(s); suspend(s) })
	env.Elapse(time.Second)
	env.CreateParticipant("second", call, sim.Hold)
	env.Elapse(time.Minute)
	env.WantReady("second", "True", v1alpha1.ReasonInSync)
	env.WantUpdates("Hold=true")
	env.Edit("first", resume)
	env.RunUntilIdle()
	env.WantReady("first", "True", v1alpha1.ReasonInSync)
	env.WantReady("second", "False", v1alpha1.ReasonConflict)
	env.WantUpdates("Muted=true")
	env.Edit("second", sim.Unmute)
	env.RunUntilIdle()
	env.WantUpdates()
	env.Edit("first", suspend)
	env.Elapse(time.Second)
	env.WantReady("second", "True", v1alpha1.ReasonInSync)
	env.WantUpdates("Muted=false")
	env.Restart()
	env.WantQuiet(time.Minute)
}

// TestR9ASuspendedLoserLosesNoMore has an object suspended that had lost its claim.
func TestR9ASuspendedLoserLosesNoMore(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("first", call, sim.Mute)
	env.Elapse(time.Second)
	env.CreateParticipant("second", call, sim.Hold)
	env.Elapse(time.Second)
	env.WantReady("second", "False", v1alpha1.ReasonConflict)
	env.Edit("second", suspend)
	env.RunUntilIdle()
	wantReadyKept(t, env.WantSuspended("second").Status.Conditions, false)
	env.Edit("second", resume)
	env.RunUntilIdle()
	env.WantReady("second", "False", v1alpha1.ReasonConflict)
	env.WantUpdates("Muted=true")
}
