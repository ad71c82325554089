package plan

import (
	"slices"
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Accept takes over an update that the provider accepted at respondedAt, and the
// participant of its response.
func (h History) Accept(decision Decision, echo voice.Participant, respondedAt time.Time) History {
	h.Vanished = 0
	for _, field := range decision.Fields {
		value := sentValue(field, decision.Update)
		if slices.Contains(decision.Repairs, field) {
			h.Repairs[field] = h.Repairs[field].add(respondedAt)
		}
		h.Sent[field] = Sent{Value: value, RespondedAt: respondedAt, Echoed: valueOf(field, echo) == value}
		h.Refused[field] = Refusal{}
		if field == FieldHold {
			h.AppliedInputs = decision.Desired.InputsDigest()
		}
		if field == FieldCoaching {
			h.CoacheeMissing = Refusal{}
		}
	}
	return h
}

func sentValue(field Field, u voice.Update) Value {
	switch field {
	case FieldMute:
		return Value{On: *u.Muted}
	case FieldHold:
		return Value{On: *u.Hold}
	default:
		return Value{On: *u.Coaching, Coachee: u.CallSIDToCoach}
	}
}

// Refuse takes over an update that the provider refused, and so decides what is
// tried next: without an undeclared pair, field by field, later, or never.
func (h History) Refuse(decision Decision, refused *voice.Error, now time.Time) History {
	coacheeMissing := refused.Class == voice.ClassCoacheeMissing
	switch {
	case decision.PairCarried && (coacheeMissing || len(decision.Fields) == 1):
		h.WithoutPair = true
	case coacheeMissing && decision.repeatsAnother():
		// It is not the declared coachee that is missing, but the one of before.
		h.WithoutPair = true
	case coacheeMissing && isTrue(decision.Desired.Coaching):
		h.missCoachee(decision.Desired.Coachee.SID, now)
	case len(decision.Fields) > 1:
		h.Split = true
	default:
		h.refuse(decision.Fields[0], Refusal{Message: refused.Explain(), Final: refused.Permanent}, now)
	}
	return h
}

// repeatsAnother reports whether an update repeats a pair with another coachee
// than the declared one.
func (decision Decision) repeatsAnother() bool {
	u := decision.Update
	return isTrue(u.Coaching) && !slices.Contains(decision.Fields, FieldCoaching) && u.CallSIDToCoach != decision.Desired.Coachee.SID
}

func (h *History) missCoachee(coachee string, now time.Time) {
	if h.CoacheeMissing.Coachee != coachee {
		h.CoacheeMissing = Refusal{Coachee: coachee}
	}
	h.CoacheeMissing.Tries++
	wait, _ := backoff.Coachee.After(h.CoacheeMissing.Tries)
	h.CoacheeMissing.Until = now.Add(wait)
	h.CoacheeMissing.Message = "The provider says that the participant to coach is not in the conference, or is on hold; it is coached once it can be."
}
