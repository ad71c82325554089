package operator_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/participant"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// wantTold checks the events since the last time.
func wantTold(t *testing.T, env *sim.Sim, want ...string) {
	t.Helper()
	var told []string
	for len(env.Recorder.Events) > 0 {
		told = append(told, <-env.Recorder.Events)
	}
	if !slices.Equal(told, want) {
		t.Errorf("events:\n%s\nwant:\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
	}
}

// Drift that is only watched is told of once when it begins and once when it ends,
// whatever happens between, and counted all the while.
func TestWatchedDriftIsToldOfOncePerTransition(t *testing.T) {
	const inSync = "Normal InSync Every declared field is as declared."
	for name, c := range map[string]struct {
		declare               func(*sim.Spec)
		settled, began        string
		beganAgain, condition string
	}{
		"mode Observe": {
			declare:    func(s *sim.Spec) { s.Mode = v1alpha1.ModeObserve },
			settled:    "Normal Observed Mode Observe: no update is sent; the condition Drifted says what differs.",
			began:      "Normal Drifted muted is false, declared true",
			beganAgain: "Normal Drifted hold is true, declared false", condition: "drifted",
		},
		"driftPolicy Report": {
			declare:    func(s *sim.Spec) { s.DriftPolicy = v1alpha1.DriftReport },
			settled:    inSync,
			began:      "Normal Yielded driftPolicy Report leaves alone what somebody else changed: muted is false, declared true.",
			beganAgain: "Normal Yielded driftPolicy Report leaves alone what somebody else changed: hold is true, declared false.", condition: "yielded",
		},
		"driftPolicy Restrict": {
			declare:    func(s *sim.Spec) { s.DriftPolicy, s.Muted, s.Hold = v1alpha1.DriftRestrict, new(false), new(false) },
			settled:    inSync,
			began:      "Normal Yielded driftPolicy Restrict leaves alone what somebody else changed: muted is true, declared false.",
			beganAgain: "Normal Yielded driftPolicy Restrict leaves alone what somebody else changed: hold is true, declared false.", condition: "yielded",
		},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			env.RunUntilIdle()
			wantTold(t, env, "Normal TokenAccepted The provider accepted the token.")
			declared := &sim.Spec{}
			declared.Muted = new(true)
			c.declare(declared)
			muted := *declared.Muted
			call := env.Join(voicesim.JoinOptions{Muted: muted})
			env.CreateParticipant("agent", call, func(s *sim.Spec) { s.Muted, s.Hold = new(true), new(false); c.declare(s) })
			differing := func(want int) {
				t.Helper()
				got := participant.Counter(t.Context(), env.Client)().Differing
				if got[c.condition] != want || got["drifted"]+got["yielded"] != want {
					t.Errorf("%v participants differ, want %d %s", got, want, c.condition)
				}
			}
			env.Elapse(time.Minute)
			wantTold(t, env, c.settled)
			differing(0)

			toggle(t, env, call, func(p *voicesim.Participant) { p.Muted = !muted })
			env.Elapse(time.Minute)
			wantTold(t, env, c.began)
			differing(1)
			toggle(t, env, call, func(p *voicesim.Participant) { p.Hold = true })
			env.Elapse(time.Minute)
			env.Restart()
			env.Elapse(time.Minute)
			differing(1)
			toggle(t, env, call, func(p *voicesim.Participant) { p.Hold = false })
			env.Elapse(time.Minute)
			wantTold(t, env)

			toggle(t, env, call, func(p *voicesim.Participant) { p.Muted = muted })
			env.Elapse(time.Minute)
			wantTold(t, env, inSync)
			differing(0)

			toggle(t, env, call, func(p *voicesim.Participant) { p.Hold = true })
			env.Elapse(time.Minute)
			wantTold(t, env, c.beganAgain)
			env.Edit("agent", func(s *sim.Spec) { s.Suspend = true })
			env.Elapse(time.Minute)
			differing(0)
		})
	}
}

func TestDriftThatIsThereFromTheStartIsToldOfOnce(t *testing.T) {
	env := sim.New(t)
	env.RunUntilIdle()
	wantTold(t, env, "Normal TokenAccepted The provider accepted the token.")
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Mute(s); s.Mode = v1alpha1.ModeObserve })
	env.Elapse(time.Hour)
	wantTold(t, env, "Normal Drifted muted is false, declared true")
	env.Edit("agent", sim.Hold)
	env.Elapse(time.Minute)
	wantTold(t, env)
	env.Edit("agent", func(s *sim.Spec) { s.Mode = v1alpha1.ModeEnforce })
	env.Elapse(time.Minute)
	wantTold(t, env, "Normal InSync Every declared field is as declared.")
}
