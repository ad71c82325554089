package plan

import (
	"fmt"
	"slices"
	"time"

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
	// Message says with which code, and what that means.
	Message string
	// Coachee is the call leg that was not there, where that was refused.
	Coachee string
}

func (r Refusal) holds(now time.Time) bool { return r.Final || now.Before(r.Until) }

func (r Refusal) sentence(part Part) string {
	if r.Final {
		return fmt.Sprintf("The provider refuses %s (%s); change it in the spec.", part.Field(), r.Message)
	}
	return fmt.Sprintf("The provider refused %s (%s); it is tried again.", part.Field(), r.Message)
}

// Accept books an update that the provider accepted at answeredAt.
func (h History) Accept(decision Decision, answer voice.Participant, answeredAt time.Time) History {
	for _, part := range decision.Parts {
		value := sentValue(part, decision.Update)
		if slices.Contains(decision.Repairs, part) {
			h.Repairs[part] = h.Repairs[part].after(answeredAt)
		}
		h.Sent[part] = Sent{Value: value, AnsweredAt: answeredAt, Echoed: valueOf(part, answer) == value}
		h.Refused[part] = Refusal{}
		if part == PartHold {
			h.AppliedInputs = decision.Desired.InputsDigest()
		}
		if part == PartCoaching {
			h.CoacheeMissing = Refusal{}
		}
	}
	return h
}

func sentValue(part Part, u voice.Update) Value {
	switch part {
	case PartMute:
		return Value{On: *u.Muted}
	case PartHold:
		return Value{On: *u.Hold}
	default:
		return Value{On: *u.Coaching, Coachee: u.CallSIDToCoach}
	}
}

// Refuse books an update that the provider refused, and so says what is tried
// next: without a pair that nobody declared, part by part, later, or never.
func (h History) Refuse(decision Decision, refused *voice.Error, now time.Time) History {
	coacheeMissing := refused.Class == voice.ClassCoacheeMissing
	switch {
	case decision.PairCarried && (coacheeMissing || len(decision.Parts) == 1):
		h.WithoutPair = true
	case coacheeMissing && decision.repeatsAnother():
		// It is not the declared coachee who is missing, but the one of before.
		h.WithoutPair = true
	case coacheeMissing && isTrue(decision.Desired.Coaching):
		h.missCoachee(decision.Desired.Coachee.SID, now)
	case len(decision.Parts) > 1:
		h.Split = true
	default:
		h.refusePart(decision.Parts[0], refused, now)
	}
	return h
}

// repeatsAnother says whether an update repeats a pair with somebody else than
// the declared coachee.
func (decision Decision) repeatsAnother() bool {
	u := decision.Update
	return isTrue(u.Coaching) && !slices.Contains(decision.Parts, PartCoaching) && u.CallSIDToCoach != decision.Desired.Coachee.SID
}

func (h *History) missCoachee(coachee string, now time.Time) {
	if h.CoacheeMissing.Coachee != coachee {
		h.CoacheeMissing = Refusal{Coachee: coachee}
	}
	h.CoacheeMissing.Tries++
	h.CoacheeMissing.Until = now.Add(retryCoachee(h.CoacheeMissing.Tries))
	h.CoacheeMissing.Message = "The provider says that the participant to coach is not in the conference, or is on hold; it is coached once it can be."
}

func (h *History) refusePart(part Part, refused *voice.Error, now time.Time) {
	refusal := &h.Refused[part]
	refusal.Tries++
	refusal.Message = Explain(refused)
	wait, again := retryRefused(refusal.Tries)
	refusal.Final = refused.Permanent || !again
	refusal.Until = now.Add(wait)
}

// Explain says in a few stable words with which code the provider refused, and
// what the code means. The provider's own words may hold anything and are left
// to the log.
func Explain(refused *voice.Error) string {
	if refused.Code == 0 {
		return fmt.Sprintf("HTTP %d", refused.HTTPStatus)
	}
	if meaning := voice.Describe(refused.Code); meaning != "" {
		return fmt.Sprintf("HTTP %d, code %d: %s", refused.HTTPStatus, refused.Code, meaning)
	}
	return fmt.Sprintf("HTTP %d, code %d", refused.HTTPStatus, refused.Code)
}
