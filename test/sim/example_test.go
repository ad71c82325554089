package sim_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

func TestAnAgentIsKeptMuted(t *testing.T) {
	// An operator that has just started, a provider, one VoiceAccount "acme" whose
	// token was accepted, and an empty conference.
	env := sim.New(t)

	// A phone call enters the conference, and an object declares it muted. What is
	// left out of the spec has the CRD's defaults.
	call := env.Join()
	env.CreateParticipant("agent", call, sim.Mute)

	// Run every reconcile that is ready. The clock stands still.
	env.RunUntilIdle()
	env.WantUpdates("Muted=true") // the updates at the provider since the last time
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)

	// A person unmutes the call by other means. The next list shows it, after the
	// resync interval at the latest.
	env.Provider.Drift(env.Conference, call, func(p *voicesim.Participant) { p.Muted = false })
	env.Elapse(30 * time.Second)
	env.WantUpdates("Muted=true")

	// The provider fails while an edit is made: ten minutes pass at once.
	env.Provider.Inject(voicesim.Fault{Status: 503})
	env.Edit("agent", sim.Hold)
	env.Elapse(10 * time.Minute)
	env.WantReady("agent", "False", v1alpha1.ReasonAPIUnavailable)
	env.Provider.ClearFaults()
	env.Elapse(2 * time.Minute)
	env.WantReady("agent", "True", v1alpha1.ReasonInSync)

	// The process crashes when it is about to report the next edit; a new one
	// finds nothing left to send.
	env.Updates()
	env.AtBoundary = func(b sim.Boundary) sim.Failure {
		if b.What != "patch status ConferenceParticipant" {
			return sim.None
		}
		env.AtBoundary = nil
		return sim.CrashBefore
	}
	env.Edit("agent", sim.Unmute)
	env.Elapse(10 * time.Second)
	env.WantUpdates("Muted=false")

	// Nothing is sent or written while nothing happens.
	env.WantQuiet(time.Hour)
}

// TestTheReadmeHasTheExample compares the page with the test above.
func TestTheReadmeHasTheExample(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, example, _ := strings.Cut(string(page), "```go\n")
	example, _, found := strings.Cut(example, "```\n")
	if !found || !strings.Contains(string(file), "\n"+example) {
		t.Error("the example in README.md is not the one in example_test.go")
	}
}
