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
	// Status of the condition Ready; empty where there is nothing to say about it.
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

// Suspended is the verdict that nothing is done on purpose. It says nothing about
// Ready, so that tools which wait for an object don't wait for this one.
func Suspended(message string) Verdict {
	return Verdict{Also: v1alpha1.ConditionSuspended, Reason: v1alpha1.ReasonSuspended, Message: message}
}

// eventType is the type of the event that reports a verdict.
func (v Verdict) eventType() string {
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
	switch {
	case verdict.Status != "":
		set(v1alpha1.ConditionReady, verdict.Status, verdict.Reason, verdict.Message)
	case !readyStays(current, generation):
		meta.RemoveStatusCondition(&next, v1alpha1.ConditionReady)
	}
	return next
}

// SetWhileTrue keeps a condition beside Ready only while it says something: nil removes
// it. Type, generation and time are filled in.
func SetWhileTrue(conditions *[]metav1.Condition, kind string, now *metav1.Condition, generation int64, at time.Time) {
	if now == nil {
		meta.RemoveStatusCondition(conditions, kind)
		return
	}
	now.Type, now.ObservedGeneration, now.LastTransitionTime = kind, generation, metav1.NewTime(at)
	meta.SetStatusCondition(conditions, *now)
}

// readyStays reports whether an object that is suspended at a generation keeps its
// Ready: one that is True, and is about this generation or the one before the
// suspension.
func readyStays(current []metav1.Condition, generation int64) bool {
	ready := meta.FindStatusCondition(current, v1alpha1.ConditionReady)
	if ready == nil || ready.Status != metav1.ConditionTrue {
		return false
	}
	return suspended(current) || ready.ObservedGeneration >= generation-1
}

// suspended reports whether the condition Suspended is there.
func suspended(conditions []metav1.Condition) bool {
	return meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionSuspended)
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

// Notice is what people are told of a transition, in one event.
type Notice struct {
	// Type is that of the event.
	Type string
	// Reason is one of the documented reasons.
	Reason string
	// Message is that of the condition which the event is about.
	Message string
}

// Transition returns what people are told of a verdict that has brought the
// conditions from before to after. What began or ceased to differ is told rather
// than that it is only watched. changed is false if nothing is to be told.
func Transition(before, after []metav1.Condition, verdict Verdict) (told Notice, changed bool) {
	told = Notice{Type: verdict.eventType(), Reason: verdict.Reason, Message: verdict.Message}
	if verdict.Drift == nil {
		return told, readyChanged(before, after)
	}
	if was := meta.IsStatusConditionTrue(before, v1alpha1.ConditionDrifted); was == (*verdict.Drift != "") {
		return told, readyChanged(before, after)
	}
	drifted := meta.FindStatusCondition(after, v1alpha1.ConditionDrifted)
	told.Reason, told.Message = drifted.Reason, drifted.Message
	return told, true
}

// readyChanged reports whether a person would call it a transition of Ready:
// another status or reason, or the beginning or end of a suspension.
func readyChanged(before, after []metav1.Condition) bool {
	was, is := meta.FindStatusCondition(before, v1alpha1.ConditionReady), meta.FindStatusCondition(after, v1alpha1.ConditionReady)
	switch {
	case suspended(before) != suspended(after):
		return true
	case was == nil || is == nil:
		return was != is
	default:
		return was.Status != is.Status || was.Reason != is.Reason
	}
}
