package edit

import (
	"fmt"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Manager is the field manager of everything that the command line writes.
const Manager = "kubectl-conference"

const (
	// TakenFromAnnotation has the name of the Conference that a call leg was taken
	// from.
	TakenFromAnnotation = "conference.voiceops.dev/taken-from"
	// ForAWhileAnnotation has the fields, muted or hold, with a comma between them, that
	// the Conference had closed for a while: Release opens them.
	ForAWhileAnnotation = "conference.voiceops.dev/closed-for-a-while"
)

// Change is what a verb changes in a spec. Fields are paths such as announcement.id.
type Change struct {
	// Set are the fields with their values, as in JSON.
	Set map[string]any
	// Unset are the fields that can't stay beside those.
	Unset []string
	// Says is what the change means, for people, such as "muted".
	Says string
	// Conference is the SID of the only conference in which the change makes sense; empty
	// for any.
	Conference string
}

// In is the change for call legs of one conference alone.
func (c Change) In(conferenceSID string) Change {
	c.Conference = conferenceSID
	return c
}

// Fits returns an error for a call leg in a conference in which the change makes no sense:
// coach and coachee have to be in the same one.
func (c Change) Fits(leg Leg) error {
	if c.Conference != "" && c.Conference != leg.ConferenceSID {
		return fmt.Errorf("call %s is in conference %s, and the one to coach in %s: both have to be in the same", leg.CallSID, leg.ConferenceSID, c.Conference)
	}
	return nil
}

// Audio is what a verb about the microphone or the hold changes: mute, unmute, hold or
// unhold.
func Audio(verb string) (Change, error) {
	switch verb {
	case "mute":
		return Change{Set: map[string]any{"muted": true}, Unset: []string{"once.muted"}, Says: "muted"}, nil
	case "unmute":
		return Change{Set: map[string]any{"muted": false}, Unset: []string{"once.muted"}, Says: "not muted"}, nil
	case "hold":
		return Change{Set: map[string]any{"hold": true}, Unset: onceHold(), Says: "on hold"}, nil
	case "unhold":
		return Change{Set: map[string]any{"hold": false}, Unset: onceHold(), Says: "not on hold"}, nil
	default:
		return Change{}, fmt.Errorf("%q is neither mute, unmute, hold nor unhold", verb)
	}
}

func onceHold() []string { return []string{"once.hold", "once.holdURL", "once.holdMethod"} }

// Music adds hold music to a hold.
func (c Change) Music(url, method string) Change {
	if url != "" {
		c.Set["holdURL"] = url
		if method == "" {
			method = string(v1alpha1.MethodPost)
		}
		c.Set["holdMethod"] = method
	}
	return c
}

// Coach has a participant coach a call leg: audible to it alone, or only listening.
func Coach(coachee string, audible bool) Change {
	says := "listening to " + coachee
	if audible {
		says = "whispering to " + coachee
	}
	return Change{
		Set:   map[string]any{"coaching": true, "callSIDToCoach": coachee, "muted": !audible},
		Unset: []string{"participantToCoachRef", "once.muted"}, Says: says,
	}
}

// Barge has a coach speak to the whole room.
func Barge() Change {
	return Change{
		Set:   map[string]any{"coaching": false, "muted": false},
		Unset: []string{"callSIDToCoach", "once.muted"}, Says: "audible to the whole room, and coaching nobody",
	}
}

// Uncoach ends a coaching. The coach is left muted: one that was audible to one person
// alone would be to all.
func Uncoach() Change {
	return Change{
		Set:   map[string]any{"coaching": false, "muted": true},
		Unset: []string{"callSIDToCoach", "once.muted"}, Says: "coaching nobody, and muted",
	}
}

// Announcement is what is to be played.
type Announcement struct {
	// ID of the announcement, URL and Method of the document.
	ID, URL, Method string
	// NotAfter is from when on it is not played any more.
	NotAfter time.Time
}

// Announce plays a document, once.
func Announce(a Announcement) Change {
	if a.Method == "" {
		a.Method = string(v1alpha1.MethodPost)
	}
	return Change{Says: "plays announcement " + a.ID, Set: map[string]any{
		"announcement.id": a.ID, "announcement.url": a.URL, "announcement.method": a.Method,
		"announcement.notAfterTime": a.NotAfter.UTC().Format(time.RFC3339), "announcement.onUnknown": string(v1alpha1.UnknownSkip),
	}}
}
