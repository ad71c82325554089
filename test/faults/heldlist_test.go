package faults

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/test/world"
)

// TestAListHeldOpenAcrossAnUpdate has a list begin before an update and end after
// its answer: the old values in it must not come back.
func TestAListHeldOpenAcrossAnUpdate(t *testing.T) {
	w := world.New(t)
	w.Declare("agent", w.Join(), world.Mute)
	w.Declare("caller", w.Join(), world.Mute)
	w.Pass(time.Minute)
	// A look at the agent that an edit may be judged by, then another, for the
	// caller, whose answer is held.
	w.Demand("agent", "1")
	w.Settle()
	w.Advance(500 * time.Millisecond)
	w.Updates()
	held := false
	w.Crossed = func(crossing world.Crossing) {
		if held || !strings.HasSuffix(crossing.What, "/Participants") {
			return
		}
		held = true
		w.Advance(time.Millisecond)
		w.Edit("agent", world.Open)
		w.Settle()
		w.WantUpdates("Muted=false")
		w.Advance(time.Second)
	}
	w.Demand("caller", "1")
	w.Settle()
	if !held {
		t.Fatal("no list was held open")
	}
	w.WantUpdates()
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	if w.Get("agent").Status.Participant.Muted {
		t.Error("the old value came back")
	}
	w.WantQuiet(time.Hour)
}
