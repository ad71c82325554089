package roster

import (
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Settle is how long after an update's response an observation that shows the
// old value is neither drift nor proof, since reads may lag behind writes (R6).
const Settle = 3 * time.Second

// Observation is what is known of one call leg.
type Observation struct {
	// Participant is the call leg as observed; meaningful while Present.
	voice.Participant
	// Present says that the call leg was listed or found when it was last looked
	// for; it may still ring, or be over.
	Present bool
	// SeenBefore says that the call leg is not there and once was.
	SeenBefore bool
	// Echo says that the observation is the response of an update, which is
	// trusted but proves nothing.
	Echo bool
	// ObservedAt is when the request was sent that saw the call leg, or that it
	// is not there; zero if there was none so far.
	ObservedAt time.Time
	// RespondedAt is when that request's response was complete: of a list, the
	// last page.
	RespondedAt time.Time
	// Absence is the evidence that the call leg is gone; meaningful while not
	// Present.
	Absence Absence
	// Conference is what is known of the conference as a whole.
	Conference ConferenceStatus
	// Flaw is why the call leg can't be observed, neither in a list nor by itself;
	// "" if it can. The rest is from before FlawSince.
	Flaw voice.Flaw
	// FlawSince is when that began.
	FlawSince time.Time
}

// There reports whether the call leg is in the conference: it neither rings nor is
// over.
func (o Observation) There() bool { return o.Present && o.Phase == voice.PhaseActive }

// Rings reports whether the call leg was listed and not answered yet.
func (o Observation) Rings() bool { return o.Present && o.Ringing() }

// State is what can be compared of a participant: URI and dates are not (R2).
type State struct {
	// Muted, Hold and Coaching are as the provider says.
	Muted, Hold, Coaching bool
	// CallSIDToCoach is the coachee's call leg.
	CallSIDToCoach string
	// Phase is whether the call rings, is in the conference, or is over.
	Phase voice.Phase
}

// StateOf returns what can be compared of a participant.
func StateOf(p voice.Participant) State {
	return State{Muted: p.Muted, Hold: p.Hold, Coaching: p.Coaching, CallSIDToCoach: p.CallSIDToCoach, Phase: p.Phase}
}

// entry is one call leg. An absent one keeps the evidence of its departure.
type entry struct {
	participant voice.Participant
	present     bool
	// omitted says that the last list, which concludes no absence, does not have it.
	omitted    bool
	seenBefore bool
	echo       bool
	times      voice.Times
	absence    Absence
	entrance   entrance
}

// observation returns the entry as an Observation.
func (e *entry) observation() Observation {
	return Observation{
		Participant: e.participant, Present: e.present, SeenBefore: e.seenBefore && !e.present, Echo: e.present && e.echo,
		ObservedAt: e.times.Sent, RespondedAt: e.times.Responded, Absence: e.absence,
	}
}

// shows reports whether the call leg is there, and all that can be compared of it is as
// in a participant.
func (e *entry) shows(p voice.Participant) bool {
	return e.present && StateOf(e.participant) == StateOf(p)
}

// looksLike reports whether another entry of a call leg is the same, for what a room
// sees.
func (e *entry) looksLike(other *entry) bool {
	return e.shows(other.participant) && e.entrance.equal(other.entrance)
}
