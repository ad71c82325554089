package participant

import (
	"context"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
)

// ReconcileTriggers lets through what another party did to an object: a new
// generation, a deletion, the reconcile annotation, or what a Conference says of its
// child. Our own status writes are none of them (R15).
func ReconcileTriggers() predicate.Predicate {
	return predicate.Or(
		predicate.GenerationChangedPredicate{},
		predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
			return e.ObjectOld.GetDeletionTimestamp() == nil && e.ObjectNew.GetDeletionTimestamp() != nil ||
				requestedAt(e.ObjectOld) != requestedAt(e.ObjectNew) || policyOf(e.ObjectOld) != policyOf(e.ObjectNew)
		}},
	)
}

// policyOf is what a Conference says of its child beside the spec.
func policyOf(object client.Object) [2]string {
	return [2]string{object.GetAnnotations()[v1alpha1.PolicyAnnotation], object.GetLabels()[v1alpha1.RoleLabel]}
}

// LifecycleChanged lets through what makes a difference to related objects.
func LifecycleChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := e.ObjectOld.(*v1alpha1.ConferenceParticipant), e.ObjectNew.(*v1alpha1.ConferenceParticipant)
		return before.Status.CallState != after.Status.CallState || neverJoined(before.Status) != neverJoined(after.Status) ||
			index.Abstains(before) != index.Abstains(after) || !keepsUntil(before).Equal(keepsUntil(after)) ||
			before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero()
	}}
}

// trackCache notes which versions the cache has, and enqueues nothing.
func trackCache(memories *memory.Store) handler.EventHandler {
	return handler.Funcs{UpdateFunc: func(_ context.Context, e event.UpdateEvent, _ workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		memories.Cached(client.ObjectKeyFromObject(e.ObjectNew), e.ObjectNew.GetResourceVersion())
	}}
}

// related finds the objects that a change of another one may concern.
type related struct{ reader client.Reader }

// MapRelated returns the other objects of the same call leg, which may win or lose
// it, and those that coach the object.
func (r related) MapRelated(ctx context.Context, object client.Object) []reconcile.Request {
	p := object.(*v1alpha1.ConferenceParticipant)
	siblings, err := index.OfCall(ctx, r.reader, p.Spec.CallSID)
	if err != nil {
		return nil
	}
	coaches, err := index.OfCoachee(ctx, r.reader, client.ObjectKeyFromObject(p))
	if err != nil {
		return nil
	}
	var requests []reconcile.Request
	for _, found := range [][]v1alpha1.ConferenceParticipant{siblings, coaches} {
		for i := range found {
			if found[i].UID != p.UID {
				requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&found[i])})
			}
		}
	}
	return requests
}
