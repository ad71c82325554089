package conference

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/directory"
)

// reportDelay gathers what children report, so that a crowd which converges does not
// have its room judged for each of them.
const reportDelay = time.Second

// SetupWithManager adds the controller of Conferences to a manager.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("conference").
		For(&v1alpha1.Conference{}, builder.WithPredicates(Triggers())).
		Watches(&v1alpha1.Conference{}, handler.EnqueueRequestsFromMapFunc(r.MapRivals), builder.WithPredicates(Triggers())).
		WatchesRawSource(r.Queue.Source()).
		// A request to a room takes as long as the provider does.
		WithOptions(controller.Options{MaxConcurrentReconciles: r.Workers}).
		Complete(r)
}

// SetupWithManager adds the controller of rooms to a manager.
func (r *RoomReconciler) SetupWithManager(mgr ctrl.Manager) error {
	return builder.TypedControllerManagedBy[directory.RoomKey](mgr).
		Named("room").
		WatchesRawSource(r.Rooms.Source()).
		WithOptions(controller.TypedOptions[directory.RoomKey]{MaxConcurrentReconciles: r.Workers}).
		Complete(r)
}

// Triggers lets through what people do to a Conference: a new generation, a deletion,
// other labels, the reconcile annotation.
func Triggers() predicate.Predicate {
	return predicate.Or(
		predicate.GenerationChangedPredicate{}, predicate.LabelChangedPredicate{},
		predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
			return e.ObjectOld.GetDeletionTimestamp() == nil && e.ObjectNew.GetDeletionTimestamp() != nil ||
				requestedAt(e.ObjectOld) != requestedAt(e.ObjectNew)
		}},
	)
}

// MapRivals returns the other Conferences that may govern rooms of a Conference, or lose
// them to it.
func (r *Reconciler) MapRivals(ctx context.Context, object client.Object) (requests []reconcile.Request) {
	changed, all := object.(*v1alpha1.Conference), &v1alpha1.ConferenceList{}
	if err := r.Client.List(ctx, all, client.UnsafeDisableDeepCopy); err != nil {
		return nil
	}
	for i := range all.Items {
		if rival := &all.Items[i]; rival.UID != changed.UID && overlap(selectorOf(rival), selectorOf(changed)) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(rival)})
		}
	}
	return requests
}

// overlap reports whether a room may be selected by both.
func overlap(a, b directory.Selector) bool {
	name := func(s directory.Selector) string { return s.Name + s.Prefix }
	return a.Matches(name(b)) || b.Matches(name(a))
}

// MapChildren returns the children of a Conference, to which it makes a difference that it
// was changed or goes.
func MapChildren(reader client.Reader) handler.MapFunc {
	return func(ctx context.Context, object client.Object) (requests []reconcile.Request) {
		children, err := index.OfOwner(ctx, reader, client.ObjectKeyFromObject(object))
		if err != nil {
			return nil
		}
		for i := range children {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&children[i])})
		}
		return requests
	}
}

// ParticipantHandler enqueues the rooms to which a change of a participant makes a
// difference: its own child, or an object that people wrote for one of their call legs.
func (r *RoomReconciler) ParticipantHandler() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, _ queue) { r.enqueueRooms(e.Object, 0) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, _ queue) { r.enqueueRooms(e.Object, 0) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, _ queue) {
			before, after := e.ObjectOld.(*v1alpha1.ConferenceParticipant), e.ObjectNew.(*v1alpha1.ConferenceParticipant)
			switch {
			case concerns(before, after):
				r.enqueueRooms(after, 0)
			case status.Reason(before.Status.Conditions) != status.Reason(after.Status.Conditions),
				before.Status.ObservedGeneration != after.Status.ObservedGeneration:
				r.enqueueRooms(after, reportDelay)
			}
		},
	}
}

// concerns reports whether a room has to be judged again at once.
func concerns(before, after *v1alpha1.ConferenceParticipant) bool {
	return before.Generation != after.Generation || before.DeletionTimestamp.IsZero() != after.DeletionTimestamp.IsZero() ||
		before.Status.CallState != after.Status.CallState || !equality.Semantic.DeepEqual(before.Status.Once, after.Status.Once) ||
		before.Annotations[v1alpha1.PolicyAnnotation] != after.Annotations[v1alpha1.PolicyAnnotation] ||
		before.Labels[v1alpha1.RoleLabel] != after.Labels[v1alpha1.RoleLabel]
}

// enqueueRooms enqueues the rooms of a participant's conference.
func (r *RoomReconciler) enqueueRooms(object client.Object, after time.Duration) {
	participant := object.(*v1alpha1.ConferenceParticipant)
	for _, key := range r.Store.Governing(string(participant.Spec.ConferenceSID)) {
		r.Rooms.Enqueue(enqueue.PriorityEdit, after, key)
	}
}

// EnqueueAccount enqueues the Conferences of an account, to which it makes a difference
// that it has changed.
func (r *Reconciler) EnqueueAccount(ctx context.Context, account types.NamespacedName) error {
	all := &v1alpha1.ConferenceList{}
	if err := r.Client.List(ctx, all, client.InNamespace(account.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	for i := range all.Items {
		if object := &all.Items[i]; object.Spec.AccountRef.Name == account.Name {
			r.Queue.Enqueue(enqueue.PriorityDrift, 0, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(object)})
			r.Rooms.Enqueue(enqueue.PriorityDrift, 0, r.Store.roomsOf(client.ObjectKeyFromObject(object))...)
		}
	}
	return nil
}
