package sim

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/account"
	"github.com/voiceops/conference-operator/internal/controller/conference"
	"github.com/voiceops/conference-operator/internal/controller/participant"
)

// watch is a controller's interest in the objects of a kind: the same predicates
// and handlers as in its set-up.
type watch struct {
	predicate predicate.Predicate
	handler   handler.EventHandler
	queue     *virtualQueue[request]
}

// watches are what the controllers of the present process watch of an object's kind.
func (s *Sim) watches(object client.Object) []watch {
	switch object.(type) {
	case *v1alpha1.VoiceAccount:
		return []watch{{account.ReconcileTriggers(), &handler.EnqueueRequestForObject{}, s.queues.accounts}}
	case *Object:
		return []watch{
			{participant.ReconcileTriggers(), &handler.EnqueueRequestForObject{}, s.queues.participants},
			{participant.LifecycleChanged(), handler.EnqueueRequestsFromMapFunc(s.Controllers.Participants.MapRelated), s.queues.participants},
			{predicate.Funcs{}, s.Controllers.Rooms.ParticipantHandler(), s.queues.participants},
		}
	case *Room:
		return []watch{
			{conference.Triggers(), &handler.EnqueueRequestForObject{}, s.queues.conferences},
			{conference.Triggers(), handler.EnqueueRequestsFromMapFunc(s.Controllers.Conferences.MapRivals), s.queues.conferences},
			{conference.Triggers(), conference.ChildrenHandler(s.cache, s.Controllers.Conferences.Participants), s.queues.conferences},
		}
	}
	return nil
}

// deliver sends the watch event of a write to each process: old is nil for a
// creation, updated is nil for a deletion.
func (s *Sim) deliver(ctx context.Context, old, updated client.Object) {
	if s.second != nil {
		s.second.deliver(ctx, old, updated)
	}
	s.cached.take(old, updated)
	if s.ear != nil {
		s.ear.stored(old, updated)
	}
	switch {
	case old == nil:
		s.deliverCreation(ctx, event.CreateEvent{Object: updated})
	case updated == nil:
		for _, w := range s.watches(old) {
			if gone := (event.DeleteEvent{Object: old}); w.predicate.Delete(gone) {
				w.handler.Delete(ctx, gone, w.queue)
			}
		}
	default:
		for _, w := range s.watches(old) {
			if change := (event.UpdateEvent{ObjectOld: old, ObjectNew: updated}); w.predicate.Update(change) {
				w.handler.Update(ctx, change, w.queue)
			}
		}
	}
}

func (s *Sim) deliverCreation(ctx context.Context, created event.CreateEvent) {
	for _, w := range s.watches(created.Object) {
		if w.predicate.Create(created) {
			w.handler.Create(ctx, created, w.queue)
		}
	}
}

// deliverInitialList sends what a process sees of the objects that are there when
// it starts.
func (s *Sim) deliverInitialList() {
	var accounts v1alpha1.VoiceAccountList
	var participants v1alpha1.ConferenceParticipantList
	var rooms v1alpha1.ConferenceList
	for _, list := range []client.ObjectList{&accounts, &participants, &rooms} {
		if err := s.Client.List(s.t.Context(), list); err != nil {
			s.t.Fatal(err)
		}
	}
	for i := range participants.Items {
		s.deliverCreation(s.t.Context(), event.CreateEvent{Object: &participants.Items[i], IsInInitialList: true})
	}
	for i := range rooms.Items {
		s.deliverCreation(s.t.Context(), event.CreateEvent{Object: &rooms.Items[i], IsInInitialList: true})
	}
	for i := range accounts.Items {
		s.deliverCreation(s.t.Context(), event.CreateEvent{Object: &accounts.Items[i], IsInInitialList: true})
	}
}

// EnqueueParticipant has a participant reconciled for no reason of its own, as on a
// resync of the cache or an event of a related object.
func (s *Sim) EnqueueParticipant(name string) {
	s.queues.participants.Add(request{NamespacedName: client.ObjectKey{Namespace: Namespace, Name: name}})
}
