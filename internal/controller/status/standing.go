package status

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Standing is what the conditions of an object come to, as the metrics count it: a
// condition that is true and its reason.
type Standing struct {
	// Condition is Ready, Reconciling, Stalled or Suspended; empty if the latest
	// generation was not looked at so far.
	Condition string
	// Reason is that of the condition; empty as the condition is.
	Reason string
}

// StandingOf returns the standing of an object of a generation with a status that is
// about the observed one.
func StandingOf(conditions []metav1.Condition, observed, generation int64) Standing {
	if observed != generation {
		return Standing{}
	}
	for _, kind := range []string{
		v1alpha1.ConditionSuspended, v1alpha1.ConditionStalled, v1alpha1.ConditionReconciling, v1alpha1.ConditionReady,
	} {
		if found := meta.FindStatusCondition(conditions, kind); found != nil && found.Status == metav1.ConditionTrue {
			return Standing{Condition: kind, Reason: found.Reason}
		}
	}
	return Standing{}
}
