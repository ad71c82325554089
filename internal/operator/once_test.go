package operator_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// once asks for something to be done once; a nil value is left alone.
func once(muted, hold *bool) func(*sim.Spec) {
	return func(s *sim.Spec) {
		s.Once = &v1alpha1.Once{AudioControls: v1alpha1.AudioControls{Muted: muted, Hold: hold}}
	}
}

// declareNothing takes everything out of a spec.
func declareNothing(s *sim.Spec) { s.Muted, s.Hold, s.Once = nil, nil, nil }

// wantOnce checks the record of what is done once for the agent, as "field=value state".
func wantOnce(t *testing.T, env *sim.Sim, want ...string) {
	t.Helper()
	var got []string
	for _, entry := range env.Get("agent").Status.Once {
		got = append(got, fmt.Sprintf("%s=%v %s", entry.Field, *entry.Value, entry.State))
	}
	if !slices.Equal(got, want) {
		t.Errorf("done once %q, want %q", got, want)
	}
}

func TestOnceIsDoneOnceAndLeftAlone(t *testing.T) {
	for _, policy := range []v1alpha1.DriftPolicy{v1alpha1.DriftEnforce, v1alpha1.DriftRestrict, v1alpha1.DriftReport} {
		t.Run(string(policy), func(t *testing.T) {
			env := sim.New(t)
			call := env.Join()
			env.CreateParticipant("agent", call, func(s *sim.Spec) { once(new(true), nil)(s); s.DriftPolicy = policy })
			env.RunUntilIdle()
			env.WantUpdates("Muted=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			wantOnce(t, env, "muted=true Done")
			toggle(t, env, call, unmuteThem)
			env.Elapse(5 * time.Minute)
			env.RequestReconcile("agent", "again")
			env.Elapse(time.Minute)
			env.Restart()
			env.Elapse(time.Minute)
			env.Edit("agent", sim.Hold)
			env.Elapse(time.Minute)
			env.WantUpdates("Hold=true")
			env.WantReady("agent", "True", v1alpha1.ReasonInSync)
			env.WantQuiet(time.Hour)
			env.Restart()
			env.WantQuiet(time.Hour)
		})
	}
}

func TestOnceThatIsSoAlreadyIsDoneWithoutAnUpdate(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(voicesim.JoinOptions{Muted: true}), once(new(true), new(false)))
	env.RunUntilIdle()
	wantOnce(t, env, "muted=true Done", "hold=false Pending")
	env.WantReady("agent", "False", v1alpha1.ReasonConverging)
	env.Elapse(5 * time.Second)
	wantOnce(t, env, "muted=true Done", "hold=false Done")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantUpdates()
	env.WantQuiet(time.Hour)
}

func TestOnceThatOpensIsTriedUntilALookLateEnoughShowsIt(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Muted: true})
	env.CreateParticipant("agent", call, once(new(false), nil))
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true, Times: 3})
	env.RunUntilIdle()
	env.WantUpdates("Muted=false")
	env.WantReady("agent", "False", v1alpha1.ReasonConverging)
	wantOnce(t, env, "muted=false Pending")
	env.Elapse(10 * time.Second)
	env.WantUpdates("Muted=false", "Muted=false")
	env.WantReady("agent", "False", v1alpha1.ReasonNotApplied)
	env.Restart()
	env.Elapse(10 * time.Minute)
	env.WantUpdates("Muted=false")
	wantOnce(t, env, "muted=false Done")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	toggle(t, env, call, muteThem)
	env.Elapse(time.Minute)
	env.WantQuiet(time.Hour)
}

func TestOnceThatOpensIsNeverGivenUp(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Hold: true})
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true})
	env.CreateParticipant("agent", call, once(nil, new(false)))
	env.Elapse(time.Hour)
	if tries := len(env.Updates()); tries < 12 || tries > 20 {
		t.Errorf("%d tries in an hour", tries)
	}
	env.WantReady("agent", "False", v1alpha1.ReasonNotApplied)
	env.Provider.ClearFaults()
	env.Elapse(6 * time.Minute)
	env.WantUpdates("Hold=false")
	wantOnce(t, env, "hold=false Done")
}

func TestOnceIsNoPartOfWhatIsInSync(t *testing.T) {
	env := sim.New(t)
	call := env.Join(voicesim.JoinOptions{Hold: true, Muted: true})
	env.Join()
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Ignore: true})
	env.CreateParticipant("agent", call, func(s *sim.Spec) { sim.Mute(s); once(nil, new(false))(s); s.DriftPolicy = v1alpha1.DriftReport })
	env.Elapse(time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonNotApplied)
	toggle(t, env, call, unmuteThem)
	env.Elapse(10 * time.Minute)
	for _, sent := range env.Updates() {
		if sent != "Hold=false" {
			t.Errorf("drift that is left alone is repaired: %s", sent)
		}
	}
	env.Provider.HangUp(call)
	env.Elapse(time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonParticipantLeft)
}

func TestOnceIsAnotherActionAfterItWasTakenAway(t *testing.T) {
	muted := once(new(true), nil)
	for name, between := range map[string]func(*sim.Spec){
		"taken away":    func(s *sim.Spec) { s.Once = nil },
		"declared":      func(s *sim.Spec) { s.Once = nil; sim.Unmute(s) },
		"another value": once(new(false), nil),
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			call := env.Join()
			env.CreateParticipant("agent", call, muted)
			env.Elapse(time.Minute)
			env.Edit("agent", between)
			env.Elapse(time.Minute)
			toggle(t, env, call, unmuteThem)
			env.Elapse(time.Minute)
			env.Updates()
			env.Edit("agent", func(s *sim.Spec) { declareNothing(s); muted(s) })
			env.RunUntilIdle()
			env.WantUpdates("Muted=true")
			wantOnce(t, env, "muted=true Done")
		})
	}
}

func TestOnceIsForgottenBeforeAnythingElseIsSentForItsField(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, once(new(true), nil))
	env.Elapse(time.Minute)
	env.Updates()
	env.AfterBoundary = func(boundary sim.Boundary) {
		if boundary.Provider && len(env.Updates()) > 0 {
			env.AfterBoundary = nil
			wantOnce(t, env)
		}
	}
	env.Edit("agent", func(s *sim.Spec) { s.Once = nil; sim.Unmute(s) })
	env.Elapse(time.Minute)
	if env.AfterBoundary != nil {
		t.Error("nothing was sent")
	}
}

func TestOnceIsNotDoneWhereNothingMayBeSent(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sim.Spec)
		undo   func(*sim.Spec)
	}{
		"suspended":    {suspend, resume},
		"mode Observe": {func(s *sim.Spec) { s.Mode = v1alpha1.ModeObserve }, func(s *sim.Spec) { s.Mode = v1alpha1.ModeEnforce }},
	} {
		t.Run(name, func(t *testing.T) {
			env := sim.New(t)
			call := env.Join(voicesim.JoinOptions{Muted: true})
			env.CreateParticipant("agent", call, func(s *sim.Spec) { once(new(true), nil)(s); c.change(s) })
			env.Elapse(time.Minute)
			env.WantUpdates()
			wantOnce(t, env, "muted=true Pending")
			toggle(t, env, call, unmuteThem)
			env.Elapse(time.Minute)
			env.Edit("agent", c.undo)
			env.RunUntilIdle()
			env.WantUpdates("Muted=true")
			wantOnce(t, env, "muted=true Done")
		})
	}
	t.Run("lost claim", func(t *testing.T) {
		env := sim.New(t)
		call := env.Join(voicesim.JoinOptions{Muted: true})
		env.CreateParticipant("winner", call, func(*sim.Spec) {})
		env.Elapse(time.Minute)
		env.CreateParticipant("agent", call, once(new(true), nil))
		env.Elapse(time.Minute)
		env.WantReady("agent", "False", v1alpha1.ReasonConflict)
		wantOnce(t, env, "muted=true Pending")
		toggle(t, env, call, unmuteThem)
		env.Elapse(time.Minute)
		env.Delete(env.Get("winner"))
		env.Elapse(time.Minute)
		env.WantUpdates("Muted=true")
		wantOnce(t, env, "muted=true Done")
	})
}

func TestOnceOpensWhatIsDeclaredNoMoreWithoutAnEvent(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { sim.Hold(s); s.HoldURL = sim.Music })
	env.Elapse(time.Minute)
	env.Updates()
	env.TakeEvents()
	env.Edit("agent", func(s *sim.Spec) { s.Hold, s.HoldURL = nil, ""; once(nil, new(false))(s) })
	env.Elapse(5 * time.Second)
	env.WantUpdates("Hold=false")
	for _, told := range env.TakeEvents() {
		if told == v1alpha1.EventNoLongerManaged {
			t.Error("an event says that hold is no longer managed")
		}
	}
	wantOnce(t, env, "hold=false Done")
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	env.WantQuiet(time.Hour)
}

// TestOnceOpensWhatAnotherProcessClosedOnlyJust has a process crash after its update,
// while reads lag behind it.
func TestOnceOpensWhatAnotherProcessClosedOnlyJust(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, func(*sim.Spec) {})
	env.Elapse(time.Minute)
	env.Provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, StaleReads: 2 * time.Second, Times: 1})
	env.Edit("agent", sim.Hold)
	env.RunUntilIdle()
	env.WantUpdates("Hold=true")
	env.Restart()
	env.Edit("agent", func(s *sim.Spec) { s.Hold = nil; once(nil, new(false))(s) })
	env.Elapse(10 * time.Second)
	env.WantUpdates("Hold=false")
	wantOnce(t, env, "hold=false Done")
}

func TestOnceIsNotUndoneByReset(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), func(s *sim.Spec) { once(new(true), nil)(s); sim.Hold(s); reset(s) })
	env.Elapse(time.Minute)
	env.WantUpdates("Hold=true Muted=true")
	env.Delete(env.Get("agent"))
	env.Elapse(time.Minute)
	env.WantUpdates("Hold=false")
	wantGone(t, env, "agent")
}

// failStatusWrites has all status writes fail for a while.
func failStatusWrites(env *sim.Sim, while time.Duration) {
	end := env.Now().Add(while)
	env.Intercept.SubResourcePatch = func(ctx context.Context, c client.Client, name string, of client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
		if env.Now().Before(end) {
			return errors.New("the API server is away")
		}
		return c.SubResource(name).Patch(ctx, of, patch, options...)
	}
}

func TestOnceThatCouldNotBeWrittenDownIsNotRepeated(t *testing.T) {
	env := sim.New(t)
	call := env.Join()
	env.CreateParticipant("agent", call, func(*sim.Spec) {})
	env.Elapse(time.Minute)
	env.AfterBoundary = func(boundary sim.Boundary) {
		if boundary.Provider && len(env.Updates()) > 0 {
			env.AfterBoundary = nil
			failStatusWrites(env, 10*time.Second)
			toggle(t, env, call, unmuteThem)
		}
	}
	env.Edit("agent", once(new(true), nil))
	env.Elapse(5 * time.Minute)
	env.WantUpdates()
	wantOnce(t, env, "muted=true Done")
}
