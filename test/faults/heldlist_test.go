package faults

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/test/sim"
)

// TestAListHeldOpenAcrossAnUpdate has a list begin before an update and end after
// its answer: the old values in it must not come back.
func TestAListHeldOpenAcrossAnUpdate(t *testing.T) {
	env := sim.New(t)
	env.CreateParticipant("agent", env.Join(), sim.Mute)
	env.CreateParticipant("caller", env.Join(), sim.Mute)
	env.Elapse(time.Minute)
	// A look at the agent that an edit may be judged by, then another, for the
	// caller, with a response that is held.
	env.RequestReconcile("agent", "1")
	env.RunUntilIdle()
	env.Advance(500 * time.Millisecond)
	env.Updates()
	held := false
	env.AfterBoundary = func(boundary sim.Boundary) {
		if held || !strings.HasSuffix(boundary.What, "/Participants") {
			return
		}
		held = true
		env.Advance(time.Millisecond)
		env.Edit("agent", sim.Unmute)
		env.RunUntilIdle()
		env.WantUpdates("Muted=false")
		env.Advance(time.Second)
	}
	env.RequestReconcile("caller", "1")
	env.RunUntilIdle()
	if !held {
		t.Fatal("no list was held open")
	}
	env.WantUpdates()
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)
	if env.Get("agent").Status.Participant.Muted {
		t.Error("the old value came back")
	}
	env.WantQuiet(time.Hour)
}
