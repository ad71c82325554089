package view

import (
	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Observed is one room in progress as the provider shows it now.
type Observed struct {
	// Namespace and Account are those of the VoiceAccount that was asked with.
	Namespace, Account string
	// Room is the conference.
	Room voice.Conference
	// Participants are those in it.
	Participants []voice.Participant
	// Numbers are the numbers of the far parties by call SID; nil where the user has
	// not asked for them.
	Numbers map[string]string
}

// Observe is a List of what the provider shows, with the objects of another List beside
// it. Rooms and call legs that the provider does not show are not in it, save
// Conferences without a room.
func Observe(known List, observed []Observed) List {
	b := builder{at: map[place]*Room{}}
	there := map[string]bool{}
	for _, seen := range observed {
		room := known.find(seen)
		room.State = stateOf(seen.Room.Status)
		room.Legs = see(room.Legs, seen)
		room.People = len(room.Legs)
		b.add(&room)
		there[room.Namespace+"/"+room.Conference] = true
	}
	for _, room := range known.Rooms {
		if room.Conference != "" && !there[room.Namespace+"/"+room.Conference] {
			there[room.Namespace+"/"+room.Conference] = true
			room.State, room.ConferenceSID, room.People, room.Legs = string(v1alpha1.RoomNone), "", 0, nil
			b.rooms = append(b.rooms, &room)
		}
	}
	return b.list()
}

// find is what a List knows of an observed room.
func (l List) find(seen Observed) Room {
	for _, room := range l.Rooms {
		if room.Namespace == seen.Namespace && room.Account == seen.Account && room.ConferenceSID == seen.Room.SID {
			room.FriendlyName = seen.Room.FriendlyName
			return room
		}
	}
	for _, room := range l.Rooms {
		if room.Namespace == seen.Namespace && room.Account == seen.Account && room.FriendlyName == seen.Room.FriendlyName && room.Conference != "" {
			room.ConferenceSID, room.Legs = seen.Room.SID, nil
			return room
		}
	}
	return Room{Namespace: seen.Namespace, Account: seen.Account, FriendlyName: seen.Room.FriendlyName, ConferenceSID: seen.Room.SID}
}

// see is the call legs that are observed, with the objects that are known of them.
func see(known []Leg, seen Observed) []Leg {
	room := Room{Legs: known}
	legs := make([]Leg, 0, len(seen.Participants))
	for _, p := range seen.Participants {
		leg := *room.leg(p.CallSID)
		leg.Muted, leg.Hold, leg.Coaching, leg.Coachee = p.Muted, p.Hold, p.Coaching, p.CallSIDToCoach
		leg.Call, leg.Number = callOf(p), seen.Numbers[p.CallSID]
		legs = append(legs, leg)
	}
	return legs
}

func callOf(p voice.Participant) string {
	switch {
	case p.Ringing():
		return string(v1alpha1.CallWaiting)
	case p.Ended():
		return string(v1alpha1.CallLeft)
	default:
		return string(v1alpha1.CallLive)
	}
}

func stateOf(status string) string {
	if status == voice.ConferenceInit {
		return string(v1alpha1.RoomWaiting)
	}
	return string(v1alpha1.RoomLive)
}
