package view

import (
	"cmp"
	"fmt"

	"github.com/voiceops/conference-operator/internal/cli/plain"
)

// Changes are the differences between two Lists, a sentence each, in the order of the
// later one: for where the screen can't be drawn anew.
func Changes(before, after List) (changes []string) {
	known, still := before.legs(), after.legs()
	for _, room := range after.Rooms {
		for _, leg := range room.Legs {
			key := keyOf(room, leg)
			was, there := known[key]
			switch {
			case !there:
				changes = append(changes, fmt.Sprintf("%s is there: %s%s", title(room, leg), leg.Audio(), reasonOf(leg)))
			case was.leg.Audio() != leg.Audio():
				changes = append(changes, fmt.Sprintf("%s: %s, was %s%s", title(room, leg), leg.Audio(), was.leg.Audio(), reasonOf(leg)))
			case was.leg.Reason != leg.Reason || was.leg.Role != leg.Role:
				changes = append(changes, fmt.Sprintf("%s: %s, was %s", title(room, leg), cmp.Or(leg.Reason, "no object"), cmp.Or(was.leg.Reason, "without an object")))
			}
		}
	}
	for _, room := range before.Rooms {
		for _, leg := range room.Legs {
			if _, there := still[keyOf(room, leg)]; !there {
				changes = append(changes, title(room, leg)+" is gone")
			}
		}
	}
	return append(changes, conferenceChanges(before, after)...)
}

// conferenceChanges are those of the reasons of Conferences.
func conferenceChanges(before, after List) (changes []string) {
	was := map[string]string{}
	for _, room := range before.Rooms {
		was[room.Namespace+"/"+room.Conference] = room.Reason
	}
	for _, room := range after.Rooms {
		key := room.Namespace + "/" + room.Conference
		if earlier, there := was[key]; room.Conference != "" && earlier != room.Reason {
			was[key] = room.Reason
			text := fmt.Sprintf("conf/%s: %s", room.Conference, cmp.Or(room.Reason, "not looked at yet"))
			if there {
				text += ", was " + cmp.Or(earlier, "not looked at yet")
			}
			changes = append(changes, text)
		}
	}
	return changes
}

// seat is a call leg in its room.
type seat struct {
	room Room
	leg  Leg
}

func (l List) legs() map[string]seat {
	found := map[string]seat{}
	for _, room := range l.Rooms {
		for _, leg := range room.Legs {
			found[keyOf(room, leg)] = seat{room, leg}
		}
	}
	return found
}

func keyOf(room Room, leg Leg) string {
	return room.Namespace + "/" + room.Account + "/" + room.ConferenceSID + "/" + leg.CallSID
}

func title(room Room, leg Leg) string {
	text := plain.Line(cmp.Or(room.FriendlyName, short(room.ConferenceSID))) + " "
	if leg.Role != "" {
		text += leg.Role + " "
	}
	return text + short(leg.CallSID)
}

func reasonOf(leg Leg) string {
	if leg.Reason == "" {
		return ""
	}
	return " (" + leg.Reason + ")"
}
