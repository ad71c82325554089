package participant

import (
	"context"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Counter returns a function that counts the participants in the cache by the
// state of their call: waiting, live, left, or unknown. The context is that of
// the process.
func Counter(ctx context.Context, reader client.Reader) func() map[string]int {
	return func() map[string]int {
		counts := map[string]int{"unknown": 0}
		for _, state := range []v1alpha1.CallState{v1alpha1.CallWaiting, v1alpha1.CallLive, v1alpha1.CallLeft} {
			counts[strings.ToLower(string(state))] = 0
		}
		found := &v1alpha1.ConferenceParticipantList{}
		if err := reader.List(ctx, found, client.UnsafeDisableDeepCopy); err != nil {
			return nil
		}
		for i := range found.Items {
			state := strings.ToLower(string(found.Items[i].Status.CallState))
			if state == "" {
				state = "unknown"
			}
			counts[state]++
		}
		return counts
	}
}
