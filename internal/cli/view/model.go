package view

import (
	"cmp"
	"slices"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// List is every room that is known of, in the order of namespaces and names.
type List struct {
	// Rooms are the rooms.
	Rooms []Room `json:"rooms"`
}

// Room is one room, or a Conference without one.
type Room struct {
	// Namespace of the objects.
	Namespace string `json:"namespace"`
	// Account is the VoiceAccount.
	Account string `json:"account,omitempty"`
	// Conference is the name of the Conference that governs the room; empty for none.
	Conference string `json:"conference,omitempty"`
	// FriendlyName of the room, or the prefix of a Conference followed by *.
	FriendlyName string `json:"friendlyName,omitempty"`
	// ConferenceSID of the room; empty while none is in progress.
	ConferenceSID string `json:"conferenceSID,omitempty"`
	// State is None, Waiting, Live or Several, or Left; empty if it is not known.
	State string `json:"state,omitempty"`
	// Ready is the status of the Conference's condition of that name.
	Ready string `json:"ready,omitempty"`
	// Reason is the reason of the same.
	Reason string `json:"reason,omitempty"`
	// People is how many call legs are in the room; Legs may have fewer, since a
	// status shows a sample.
	People int `json:"people"`
	// Legs are the call legs.
	Legs []Leg `json:"legs"`
}

// Leg is one call leg.
type Leg struct {
	// CallSID of the call leg.
	CallSID string `json:"callSID"`
	// Role in the Conference; empty for none.
	Role string `json:"role,omitempty"`
	// Muted is as last observed.
	Muted bool `json:"muted"`
	// Hold is as last observed.
	Hold bool `json:"hold"`
	// Coaching is as last observed.
	Coaching bool `json:"coaching"`
	// Coachee is the call leg that is coached.
	Coachee string `json:"coachee,omitempty"`
	// Object is the ConferenceParticipant; empty for none.
	Object string `json:"object,omitempty"`
	// ByHand says that no Conference has made that object.
	ByHand bool `json:"byHand,omitempty"`
	// Ready is the status of the object's condition of that name.
	Ready string `json:"ready,omitempty"`
	// Reason is the reason of the same.
	Reason string `json:"reason,omitempty"`
	// Call is Waiting, Live or Left; empty without an object.
	Call string `json:"call,omitempty"`
	// Number is that of the far party; only where the user has asked for it.
	Number string `json:"number,omitempty"`
}

// Audio says in words what holds for the call leg, such as "muted, on hold".
func (l Leg) Audio() string {
	switch l.Call {
	case string(v1alpha1.CallWaiting):
		return "not there yet"
	case string(v1alpha1.CallLeft):
		return "has left"
	}
	text := "open"
	switch {
	case l.Coaching && l.Muted:
		text = "listens to " + short(l.Coachee)
	case l.Coaching:
		text = "whispers to " + short(l.Coachee)
	case l.Muted:
		text = "muted"
	}
	if l.Hold {
		text += ", on hold"
	}
	return text
}

// short is the beginning of a SID, enough for a person to tell call legs apart.
func short(sid string) string {
	const shown = 8
	return sid[:min(len(sid), shown)]
}

// sort orders rooms by namespace and name, and legs by role and call.
func (l *List) sort() {
	slices.SortFunc(l.Rooms, func(a, b Room) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.FriendlyName, b.FriendlyName),
			cmp.Compare(a.Conference, b.Conference), cmp.Compare(a.ConferenceSID, b.ConferenceSID))
	})
	for i := range l.Rooms {
		slices.SortStableFunc(l.Rooms[i].Legs, func(a, b Leg) int {
			return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.CallSID, b.CallSID))
		})
	}
}
