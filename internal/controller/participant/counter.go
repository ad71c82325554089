package participant

import (
	"cmp"
	"context"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/metrics"
)

// Counter returns a function that counts the participants in the cache by the
// state of their call: waiting, live, left, or unknown; and those that differ from
// what is declared and are left so by the reason for it: drifted in mode Observe,
// yielded by their driftPolicy; and all by what they report. The context is that of the
// process.
func Counter(ctx context.Context, reader client.Reader) func() metrics.Participants {
	return func() metrics.Participants {
		found := &v1alpha1.ConferenceParticipantList{}
		if err := reader.List(ctx, found, client.UnsafeDisableDeepCopy); err != nil {
			return metrics.Participants{}
		}
		counts := metrics.Participants{
			Calls:     zeros("unknown", v1alpha1.CallWaiting, v1alpha1.CallLive, v1alpha1.CallLeft),
			Differing: zeros(v1alpha1.ReasonDrifted, v1alpha1.ReasonYielded),
			Reports:   map[metrics.Report]int{{Status: "ready", Reason: v1alpha1.ReasonInSync}: 0},
		}
		for i := range found.Items {
			participant := &found.Items[i]
			counts.Calls[stateLabel(participant.Status.CallState)]++
			if reason := differs(participant.Status.Conditions); reason != "" {
				counts.Differing[strings.ToLower(reason)]++
			}
			counts.Reports[reported(participant)]++
		}
		return counts
	}
}

// reported is the standing of a participant as labels' values.
func reported(participant *v1alpha1.ConferenceParticipant) metrics.Report {
	standing := status.StandingOf(participant.Status.Conditions, participant.Status.ObservedGeneration, participant.Generation)
	return metrics.Report{Status: cmp.Or(strings.ToLower(standing.Condition), "unknown"), Reason: standing.Reason}
}

// differs returns the reason why a participant differs from what is declared and is
// left so, or "". What a suspended object reports is not known to be so any more.
func differs(conditions []metav1.Condition) string {
	switch {
	case meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionSuspended):
		return ""
	case meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionDrifted):
		return v1alpha1.ReasonDrifted
	case status.Reason(conditions) == v1alpha1.ReasonYielded:
		return v1alpha1.ReasonYielded
	default:
		return ""
	}
}

// stateLabel is a call state as a label's value.
func stateLabel(state v1alpha1.CallState) string {
	if state == "" {
		return "unknown"
	}
	return strings.ToLower(string(state))
}

// zeros has each value of a label counted 0 times.
func zeros[T ~string](values ...T) map[string]int {
	counts := map[string]int{}
	for _, value := range values {
		counts[strings.ToLower(string(value))] = 0
	}
	return counts
}
