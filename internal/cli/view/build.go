package view

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Objects are those of the cluster that a List is made of.
type Objects struct {
	// Conferences in question.
	Conferences []v1alpha1.Conference
	// Participants in question.
	Participants []v1alpha1.ConferenceParticipant
}

// place identifies a room.
type place struct{ namespace, account, sid string }

// builder makes a List.
type builder struct {
	rooms []*Room
	at    map[place]*Room
}

// Of is the List that the objects of a cluster come to, as the operator observed the
// rooms last.
func Of(objects Objects) List {
	b := builder{at: map[place]*Room{}}
	for i := range objects.Conferences {
		b.conference(&objects.Conferences[i])
	}
	for i := range objects.Participants {
		b.participant(&objects.Participants[i], objects.Conferences)
	}
	return b.list()
}

func (b *builder) list() List {
	found := List{Rooms: make([]Room, 0, len(b.rooms))}
	for _, room := range b.rooms {
		room.People = max(room.People, count(room.Legs))
		found.Rooms = append(found.Rooms, *room)
	}
	found.sort()
	return found
}

// count is how many of call legs are there.
func count(legs []Leg) (there int) {
	for _, leg := range legs {
		if leg.Call == "" || leg.Call == string(v1alpha1.CallLive) {
			there++
		}
	}
	return there
}

// conference adds the rooms of a Conference: each that its status names, or the
// Conference itself.
func (b *builder) conference(object *v1alpha1.Conference) {
	base := baseOf(object)
	legs := map[string][]Leg{}
	for _, p := range object.Status.Participants {
		legs[p.ConferenceSID] = append(legs[p.ConferenceSID], legOf(p))
	}
	if len(object.Status.Rooms) == 0 {
		base.State = string(object.Status.RoomState)
		if object.Status.Counts != nil {
			base.People = int(object.Status.Counts.Participants)
		}
		b.rooms = append(b.rooms, &base)
		return
	}
	for _, room := range object.Status.Rooms {
		made := base
		made.ConferenceSID, made.State, made.Legs = room.ConferenceSID, string(room.State), legs[room.ConferenceSID]
		if len(object.Status.Rooms) == 1 && object.Status.Counts != nil {
			made.People = int(object.Status.Counts.Participants)
		}
		b.add(&made)
	}
}

// baseOf is what all rooms of a Conference have.
func baseOf(object *v1alpha1.Conference) Room {
	base := Room{
		Namespace: object.Namespace, Account: object.Spec.AccountRef.Name, Conference: object.Name,
		FriendlyName: string(object.Spec.FriendlyName),
	}
	if object.Spec.FriendlyNamePrefix != "" {
		base.FriendlyName = string(object.Spec.FriendlyNamePrefix) + "*"
	}
	base.Ready, base.Reason = readiness(object.Status.Conditions)
	return base
}

func (b *builder) add(room *Room) {
	b.rooms = append(b.rooms, room)
	b.at[place{room.Namespace, room.Account, room.ConferenceSID}] = room
}

func legOf(p v1alpha1.RoomParticipant) Leg {
	leg := Leg{CallSID: p.CallSID, Role: string(p.Role), Muted: p.Muted, Hold: p.Hold, Coaching: p.Coaching}
	if p.ParticipantRef != nil {
		leg.Object = p.ParticipantRef.Name
	}
	return leg
}

// participant adds an object to the call leg that it is about. One that has left is
// shown only in a room that is there.
func (b *builder) participant(object *v1alpha1.ConferenceParticipant, conferences []v1alpha1.Conference) {
	key := place{object.Namespace, object.Spec.AccountRef.Name, string(object.Spec.ConferenceSID)}
	room := b.at[key]
	if room == nil {
		room = &Room{Namespace: key.namespace, Account: key.account, ConferenceSID: key.sid}
		b.describe(room, object, conferences)
		b.add(room)
	}
	leg := room.leg(string(object.Spec.CallSID))
	owner := metav1.GetControllerOfNoCopy(object)
	if leg.Object != "" && leg.ByHand && owner != nil {
		// A hand-written object goes before a child of a Conference.
		return
	}
	leg.Object, leg.ByHand = object.Name, owner == nil
	leg.Ready, leg.Reason = readiness(object.Status.Conditions)
	leg.Call = string(object.Status.CallState)
	if role := object.Labels[v1alpha1.RoleLabel]; role != "" {
		leg.Role = role
	}
	if seen := object.Status.Participant; seen != nil {
		leg.Muted, leg.Hold, leg.Coaching, leg.Coachee = seen.Muted, seen.Hold, seen.Coaching, seen.CallSIDToCoach
	}
}

// describe names the Conference behind a room that no status names, as with a prefix.
func (b *builder) describe(room *Room, object *v1alpha1.ConferenceParticipant, conferences []v1alpha1.Conference) {
	name := object.Labels[v1alpha1.ConferenceLabel]
	for i := range conferences {
		if c := &conferences[i]; c.Name == name && c.Namespace == object.Namespace && name != "" {
			base := baseOf(c)
			room.Conference, room.FriendlyName, room.Ready, room.Reason = base.Conference, base.FriendlyName, base.Ready, base.Reason
		}
	}
}

// leg is a call leg of a room; it is added if it is not there.
func (r *Room) leg(callSID string) *Leg {
	for i := range r.Legs {
		if r.Legs[i].CallSID == callSID {
			return &r.Legs[i]
		}
	}
	r.Legs = append(r.Legs, Leg{CallSID: callSID})
	return &r.Legs[len(r.Legs)-1]
}

// readiness is status and reason of the condition Ready, or of Suspended beside none.
func readiness(conditions []metav1.Condition) (ready, reason string) {
	for _, kind := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSuspended} {
		if found := meta.FindStatusCondition(conditions, kind); found != nil {
			return string(found.Status), found.Reason
		}
	}
	return "", ""
}
