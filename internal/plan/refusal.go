package plan

import (
	"fmt"
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Refusal is what the provider refuses; the zero value refuses nothing.
type Refusal struct {
	// Tries is how often it was refused in a row.
	Tries int
	// Until is when it may be tried again, unless it is Final.
	Until time.Time
	// Final refusals stand until the spec or the account changes.
	Final bool
	// Denied says that it was refused as unauthorized, although the account's token
	// is accepted.
	Denied bool
	// Message says with which code, and what that means.
	Message string
	// Coachee is the call leg that was not there, where that was refused.
	Coachee string
}

// inForce reports whether the refusal keeps the field from being sent.
func (r Refusal) inForce(now time.Time) bool { return r.Final || now.Before(r.Until) }

// lasting reports whether the refusal is no accident, so that another party has to
// act: the spec's author, or the provider.
func (r Refusal) lasting() bool { return r.Final || r.Tries > backoff.Refusal.Steps() }

// alike reports whether one sentence can be said of two refusals.
func (r Refusal) alike(other Refusal) bool {
	return r.Message == other.Message && r.Denied == other.Denied && r.Final == other.Final && r.lasting() == other.lasting()
}

// sentence says what is refused, what that takes, and what happens next.
func (r Refusal) sentence(fields string) string {
	switch {
	case r.Final:
		return fmt.Sprintf("The provider refuses %s (%s); change it in the spec.", fields, r.Message)
	case r.lasting() && r.Denied:
		return fmt.Sprintf("The provider refuses to update %s (%s) although it accepts the account's token; "+
			"check the token's scope and conferenceSID. It is tried again every 15 min.", fields, r.Message)
	case r.lasting():
		return fmt.Sprintf("The provider refuses %s (%s); change it in the spec, or have the provider permit it. "+
			"It is tried again every 15 min.", fields, r.Message)
	case r.Denied:
		return fmt.Sprintf("The provider refused to update %s (%s) although it accepts the account's token; it is tried again.", fields, r.Message)
	default:
		return fmt.Sprintf("The provider refused %s (%s); it is tried again.", fields, r.Message)
	}
}

// refuse counts one more refusal of a field, and puts the next try off.
func (h *History) refuse(field Field, refusal Refusal, now time.Time) {
	refusal.Tries = h.Refused[field].Tries + 1
	wait, _ := backoff.Refusal.After(refusal.Tries)
	refusal.Until = now.Add(wait)
	h.Refused[field] = refusal
}

// Denial is an update that was refused as unauthorized; the zero value is none.
type Denial struct {
	// At is when it was.
	At time.Time
	// Fields are what it was to change. They are not counted as refused before the
	// account's token was verified.
	Fields [fieldCount]bool
	// Message says with which code, and what that means.
	Message string
}

// Deny takes over an update that the provider refused as unauthorized: whether that
// is meant for the update or for the account's token shows when the token is
// verified.
func (h History) Deny(decision Decision, denied *voice.Error, at time.Time) History {
	h.Denial = Denial{At: at, Message: denied.Explain()}
	for _, field := range decision.Fields {
		h.Denial.Fields[field] = true
	}
	return h
}

// Attribute says that the token was verified since and is accepted: what was denied
// is refused, each field by itself. An undeclared pair stays with the update, since
// nothing says that it was to blame.
func (h History) Attribute() History {
	for field, denied := range h.Denial.Fields {
		if denied {
			h.refuse(Field(field), Refusal{Denied: true, Message: h.Denial.Message}, h.Denial.At)
		}
	}
	h.Denial.Fields = [fieldCount]bool{}
	return h
}

// Settle forgets what was refused of fields that have nothing to send any more.
func (h History) Settle(deferred []Field) History {
	var refused [fieldCount]Refusal
	for _, field := range deferred {
		refused[field] = h.Refused[field]
	}
	h.Refused = refused
	return h
}

// RetryDue reports whether a refused field is to be tried again now. It differed
// when it was refused, which is no reason to send it.
func (h History) RetryDue(now time.Time) bool {
	for _, refusal := range h.Refused {
		if refusal.Tries > 0 && !refusal.inForce(now) {
			return true
		}
	}
	return false
}

// ResumeRejected returns the history of a participant that was reported as Rejected
// before this process began: what differed then was refused throughout. It is tried
// once, and then slowly.
func (h History) ResumeRejected(d Desired, reported voice.Participant) History {
	if isTrue(d.Coaching) && d.Coachee.SID == "" && reported.Coaching {
		// The reference is resolved later; a coaching in effect was not refused.
		d.Coaching = nil
	}
	for _, field := range targetOf(d, reported, roster.Observation{Participant: reported}).differing(reported, h) {
		h.Refused[field] = Refusal{Tries: backoff.Refusal.Steps()}
	}
	return h
}
