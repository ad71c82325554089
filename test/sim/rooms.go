package sim

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// TakeRooms takes what is on the workqueue of rooms.
func (s *Sim) TakeRooms() []directory.RoomKey { return take(s.queues.rooms) }

// TakeConferences takes the names of what is on the workqueue of Conferences.
func (s *Sim) TakeConferences() (names []string) {
	for _, request := range take(s.queues.conferences) {
		names = append(names, request.Name)
	}
	return names
}

// take empties a queue of the keys that are ready.
func take[K comparable](q *virtualQueue[K]) (keys []K) {
	for {
		key, _, none := q.GetWithPriority()
		if none {
			return keys
		}
		q.Done(key)
		keys = append(keys, key)
	}
}

// CreateConference creates a Conference of the account that New creates.
func (s *Sim) CreateConference(name string, change func(*v1alpha1.ConferenceSpec)) {
	s.t.Helper()
	room := &Room{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: name}}
	room.Spec.AccountRef.Name = AccountName.Name
	change(&room.Spec)
	s.Create(room)
}

// GetConference reads a Conference.
func (s *Sim) GetConference(name string) *Room {
	s.t.Helper()
	room := &Room{}
	if err := s.Client.Get(s.t.Context(), types.NamespacedName{Namespace: Namespace, Name: name}, room); err != nil {
		s.t.Fatal(err)
	}
	return room
}

// EditConference changes a spec, as the API server would store it.
func (s *Sim) EditConference(name string, change func(*v1alpha1.ConferenceSpec)) {
	s.t.Helper()
	room := s.GetConference(name)
	change(&room.Spec)
	s.Update(room)
}

// WantConference checks the reason of a Conference's Ready.
func (s *Sim) WantConference(name, reason string) {
	s.t.Helper()
	conditions := s.GetConference(name).Status.Conditions
	if ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady); ready == nil || ready.Reason != reason {
		s.t.Errorf("Conference %s: %+v, want %s", name, ready, reason)
	}
}

// JoinRoom lets a call into the room of a name, which opens if there is none.
func (s *Sim) JoinRoom(name string, options ...voicesim.JoinOptions) (callSID, conferenceSID string) {
	conferenceSID, callSID = s.Provider.JoinRoom(AccountSID, name, append(options, voicesim.JoinOptions{})[0])
	if s.ear != nil {
		s.ear.enter(conferenceSID)
	}
	return callSID, conferenceSID
}

// Children are the participants that a Conference has made, by call SID.
func (s *Sim) Children(name string) map[string]*Object {
	s.t.Helper()
	list, found := &v1alpha1.ConferenceParticipantList{}, map[string]*Object{}
	if err := s.Client.List(s.t.Context(), list, client.MatchingLabels{v1alpha1.ConferenceLabel: name}); err != nil {
		s.t.Fatal(err)
	}
	for i := range list.Items {
		found[string(list.Items[i].Spec.CallSID)] = &list.Items[i]
	}
	return found
}
