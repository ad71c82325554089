package status

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Verdict is what one reconcile found out about an object. Create it with Ready,
// Reconciling, Stalled or Suspended.
type Verdict struct {
	// Status of the condition Ready.
	Status metav1.ConditionStatus
	// Also is the condition that is true beside it: Reconciling, Stalled,
	// Suspended, or empty.
	Also string
	// Reason is one of the documented reasons.
	Reason string
	// Message is a stable sentence: no time, no request id.
	Message string
	// Drift is, in mode Observe, what differs, or "" for nothing; nil otherwise.
	Drift *string
}

// Ready is the verdict that the object is as it should be.
func Ready(reason, message string) Verdict {
	return Verdict{Status: metav1.ConditionTrue, Reason: reason, Message: message}
}

// Observed is the verdict of mode Observe, with what differs.
func Observed(drift string) Verdict {
	return Verdict{
		Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonObserved, Drift: &drift,
		Message: "Mode Observe: no update is sent; the condition Drifted says what differs.",
	}
}

// Reconciling is the verdict that the operator is at work or waits.
func Reconciling(reason, message string) Verdict {
	return Verdict{Status: metav1.ConditionFalse, Also: v1alpha1.ConditionReconciling, Reason: reason, Message: message}
}

// Stalled is the verdict that a person must act.
func Stalled(reason, message string) Verdict {
	return Verdict{Status: metav1.ConditionFalse, Also: v1alpha1.ConditionStalled, Reason: reason, Message: message}
}

// Suspended is the verdict that nothing is done on purpose.
func Suspended(message string) Verdict {
	return Verdict{
		Status: metav1.ConditionUnknown, Also: v1alpha1.ConditionSuspended,
		Reason: v1alpha1.ReasonSuspended, Message: message,
	}
}

// EventType is the type of the event that reports a verdict.
func (v Verdict) EventType() string {
	if v.Also == v1alpha1.ConditionStalled {
		return corev1.EventTypeWarning
	}
	return corev1.EventTypeNormal
}

// Apply returns the conditions of an object of a generation after a verdict.
// The given ones are not changed.
func Apply(current []metav1.Condition, verdict Verdict, generation int64, now time.Time) []metav1.Condition {
	next := slices.Clone(current)
	set := func(kind string, status metav1.ConditionStatus, reason, message string) {
		meta.SetStatusCondition(&next, metav1.Condition{
			Type: kind, Status: status, Reason: reason, Message: message,
			ObservedGeneration: generation, LastTransitionTime: metav1.NewTime(now),
		})
	}
	for _, kind := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled, v1alpha1.ConditionSuspended} {
		if kind != verdict.Also {
			meta.RemoveStatusCondition(&next, kind)
		}
	}
	if verdict.Also != "" {
		set(verdict.Also, metav1.ConditionTrue, verdict.Reason, verdict.Message)
	}
	switch {
	case verdict.Drift == nil:
		meta.RemoveStatusCondition(&next, v1alpha1.ConditionDrifted)
	case *verdict.Drift == "":
		set(v1alpha1.ConditionDrifted, metav1.ConditionFalse, v1alpha1.ReasonInSync, "Every declared field is as declared.")
	default:
		set(v1alpha1.ConditionDrifted, metav1.ConditionTrue, v1alpha1.ReasonDrifted, *verdict.Drift)
	}
	// A suspended object keeps a Ready that is about this very generation.
	ready := meta.FindStatusCondition(next, v1alpha1.ConditionReady)
	if verdict.Also != v1alpha1.ConditionSuspended || ready == nil || ready.ObservedGeneration != generation {
		set(v1alpha1.ConditionReady, verdict.Status, verdict.Reason, verdict.Message)
	}
	return next
}

// Reason returns the reason of the condition Ready, or "".
func Reason(current []metav1.Condition) string {
	if ready := meta.FindStatusCondition(current, v1alpha1.ConditionReady); ready != nil {
		return ready.Reason
	}
	return ""
}

// ReasonFor returns the reason of the condition Ready if it is about a generation,
// or "".
func ReasonFor(current []metav1.Condition, generation int64) string {
	ready := meta.FindStatusCondition(current, v1alpha1.ConditionReady)
	if ready == nil || ready.ObservedGeneration != generation {
		return ""
	}
	return ready.Reason
}

// Changed reports whether a person would call it a transition: another status or
// reason of Ready, or the beginning or end of a suspension.
func Changed(before, after []metav1.Condition) bool {
	was, is := meta.FindStatusCondition(before, v1alpha1.ConditionReady), meta.FindStatusCondition(after, v1alpha1.ConditionReady)
	suspended := func(conditions []metav1.Condition) bool {
		return meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionSuspended)
	}
	if was == nil || is == nil {
		return was != is
	}
	return was.Status != is.Status || was.Reason != is.Reason || suspended(before) != suspended(after)
}
