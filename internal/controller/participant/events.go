package participant

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/plan"
)

// ReconcileTriggers lets through the events of an object that call for a reconcile
// of it: a new generation, a deletion, a new value of the reconcile annotation.
// The operator's own writes of status and finalizers are none of them (R15).
func ReconcileTriggers() predicate.Predicate {
	return predicate.Or(
		predicate.GenerationChangedPredicate{},
		predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
			return e.ObjectOld.GetDeletionTimestamp() == nil && e.ObjectNew.GetDeletionTimestamp() != nil ||
				requestedAt(e.ObjectOld) != requestedAt(e.ObjectNew)
		}},
	)
}

func requestedAt(object client.Object) string {
	return object.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
}

// LifecycleChanged lets through the events of an object that may change the result
// for related objects: creation, deletion, a new call state, a new mode.
func LifecycleChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := e.ObjectOld.(*v1alpha1.ConferenceParticipant), e.ObjectNew.(*v1alpha1.ConferenceParticipant)
		return before.Status.CallState != after.Status.CallState || before.Spec.Mode != after.Spec.Mode ||
			before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero()
	}}
}

// Neighbours are the other objects of the same call leg, which may win or lose
// it, and those that coach the object.
func (r *Reconciler) Neighbours(ctx context.Context, object client.Object) []reconcile.Request {
	p := object.(*v1alpha1.ConferenceParticipant)
	siblings, err := index.OfCall(ctx, r.Client, p.Spec.CallSID)
	if err != nil {
		return nil
	}
	coaches, err := index.OfCoachee(ctx, r.Client, client.ObjectKeyFromObject(p))
	if err != nil {
		return nil
	}
	var requests []reconcile.Request
	for _, others := range [][]v1alpha1.ConferenceParticipant{siblings, coaches} {
		for i := range others {
			if others[i].UID != p.UID {
				requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&others[i])})
			}
		}
	}
	return requests
}

// tell writes events for what a person would call a transition.
func (r *Reconciler) tell(before, after *v1alpha1.ConferenceParticipant, found outcome) {
	if found.verdict != nil && conditions.Changed(before.Status.Conditions, after.Status.Conditions) {
		kind := corev1.EventTypeNormal
		if found.verdict.Also == v1alpha1.ConditionStalled {
			kind = corev1.EventTypeWarning
		}
		r.Recorder.Eventf(after, nil, kind, found.verdict.Reason, "Reconcile", "%s", found.verdict.Message)
	}
	for _, told := range plan.Tell(recordOf(before.Status), recordOf(after.Status), after.Spec.Announcement) {
		if told.Outcome != "" {
			r.Metrics.Announced(told.Outcome)
		}
		r.Recorder.Eventf(after, nil, told.Kind, told.Reason, "Announce", "%s", told.Message)
	}
	if missed(after) && (!missed(before) || before.Status.Announcement.ID != after.Status.Announcement.ID) {
		r.warn(after, v1alpha1.EventAnnouncementMissed, fmt.Sprintf(
			"The participant left before announcement %s was played.", after.Status.Announcement.ID))
	}
}

// missed says whether an announcement is pending for somebody who has left.
func missed(object *v1alpha1.ConferenceParticipant) bool {
	return object.Status.CallState == v1alpha1.CallLeft && recordOf(object.Status).Pending()
}

// warn writes an event that a person should see.
func (r *Reconciler) warn(object *v1alpha1.ConferenceParticipant, reason, message string) {
	r.Recorder.Eventf(object, nil, corev1.EventTypeWarning, reason, "Reconcile", "%s", message)
}
