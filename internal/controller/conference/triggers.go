package conference

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/tracing"
)

// reportDelay gathers what children report, so that a crowd which converges does not
// have its room judged for each of them.
const reportDelay = time.Second

// roomsAtOnce is how many rooms are reconciled at once. Each writes several children at
// once: with more rooms the API server refuses what it can't queue, and what it can
// takes longer than a reconcile may.
const roomsAtOnce = 8

// SetupWithManager adds the controller of Conferences to a manager. They are in a cache of
// their own; the handler is told of participants.
func (r *Reconciler) SetupWithManager(mgr ctrl.Manager, conferences cache.Cache, participants handler.EventHandler) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("conference").
		WatchesRawSource(about(conferences, &handler.EnqueueRequestForObject{})).
		WatchesRawSource(about(conferences, handler.EnqueueRequestsFromMapFunc(r.MapRivals))).
		WatchesRawSource(about(conferences, ChildrenHandler(r.Client, r.Participants))).
		Watches(&v1alpha1.ConferenceParticipant{}, participants).
		WatchesRawSource(r.Queue.Source()).
		// A request to a room takes as long as the provider does.
		WithOptions(controller.Options{MaxConcurrentReconciles: r.Workers}).
		Complete(tracing.Reconciler(r.Tracer, "conference", tracing.Request, r))
}

// SetupWithManager adds the controller of rooms to a manager.
func (r *RoomReconciler) SetupWithManager(mgr ctrl.Manager) error {
	return builder.TypedControllerManagedBy[directory.RoomKey](mgr).
		Named("room").
		WatchesRawSource(r.Rooms.Source()).
		WithOptions(controller.TypedOptions[directory.RoomKey]{MaxConcurrentReconciles: roomsAtOnce}).
		Complete(tracing.Reconciler(r.Tracer, "room", roomName, r))
}

// roomName is the name of the Conference of a room.
func roomName(key directory.RoomKey) types.NamespacedName { return key.Conference }

// about tells a handler what people do to Conferences.
func about(conferences cache.Cache, told handler.EventHandler) source.Source {
	return source.Kind[client.Object](conferences, &v1alpha1.Conference{}, told, Triggers())
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
	rivals, err := overlapping(ctx, r.Client, object.(*v1alpha1.Conference))
	if err != nil {
		return nil
	}
	for _, rival := range rivals {
		requests = append(requests, reconcile.Request{NamespacedName: rival})
	}
	return requests
}

// overlapping are the names of the other Conferences that may select the same rooms.
func overlapping(ctx context.Context, reader client.Reader, changed *v1alpha1.Conference) (names []types.NamespacedName, err error) {
	all := &v1alpha1.ConferenceList{}
	if err := reader.List(ctx, all, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	for i := range all.Items {
		if rival := &all.Items[i]; rival.UID != changed.UID && overlap(selectorOf(rival), selectorOf(changed)) {
			names = append(names, client.ObjectKeyFromObject(rival))
		}
	}
	return names, nil
}

// overlap reports whether a room may be selected by both.
func overlap(a, b directory.Selector) bool {
	name := func(s directory.Selector) string { return s.Name + s.Prefix }
	return a.Matches(name(b)) || b.Matches(name(a))
}

// ParticipantHandler enqueues the rooms to which a change of a participant makes a
// difference: its own child, or an object that people wrote for one of their call legs.
func (r *RoomReconciler) ParticipantHandler() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, _ queue) { r.enqueueRooms(e.Object, 0) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, _ queue) {
			r.Store.noteGone(e.Object.(*v1alpha1.ConferenceParticipant))
			r.enqueueRooms(e.Object, 0)
		},
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
		index.HasFinalizer(before) != index.HasFinalizer(after) ||
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
