package operator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// TestR15ALowRateLimitIsKept has ten edits at once meet a limit of two updates a
// second and of one request in flight.
func TestR15ALowRateLimitIsKept(t *testing.T) {
	const crowd = 10
	env := sim.New(t)
	env.Concurrency = 1
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) {
		s.RateLimit = v1alpha1.RateLimit{RequestsPerSecond: 2, Burst: 1}
	})
	env.Restart()
	env.RunUntilIdle()
	for i := range crowd {
		env.CreateParticipant(fmt.Sprintf("caller-%d", i), env.Join(), sim.Mute)
	}
	env.Elapse(time.Minute)
	var sent []time.Time
	for _, request := range env.Provider.Journal() {
		if request.Operation == voicesim.OpUpdateParticipant {
			sent = append(sent, request.Time)
		}
	}
	if len(sent) != crowd {
		t.Errorf("%d updates, want %d", len(sent), crowd)
	}
	for i := 1; i < len(sent); i++ {
		if gap := sent[i].Sub(sent[i-1]); gap < 500*time.Millisecond || gap > 600*time.Millisecond {
			t.Errorf("update %d comes %s after the one before, want as many as the limit allows", i, gap)
		}
	}
	for i := range crowd {
		env.WantReady(fmt.Sprintf("caller-%d", i), "True", v1alpha1.ReasonInSync)
	}
}
