package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Decision is what to do about one participant now.
type Decision struct {
	// Update is the one update to send; empty if there is none.
	Update voice.Update
	// Parts are what Update changes, what closes first; the carried pair of R4
	// is not among them.
	Parts []Part
	// Desired is what the decision was made for.
	Desired Desired
	// PairCarried says that Update repeats a pair that nobody declared.
	PairCarried bool
	// Reason is why nothing is sent, or what is reached with the update: one of
	// the reasons of a participant's Ready condition.
	Reason string
	// Message explains Reason in a stable sentence.
	Message string
	// Differences are what differs from the declared state, in the order
	// of the fields in the spec.
	Differences []Difference
	// Look says that the next step waits for an observation.
	Look bool
	// Next is when to decide again without being woken; zero is never.
	Next time.Time
}

// Next decides what to do about a participant that is in its conference.
func Next(d Desired, o Observed, h History, now time.Time) Decision {
	if now.Before(h.CoacheeMissing.Until) && d.Coachee.SID == h.CoacheeMissing.Coachee {
		d.Coachee.State, d.Coachee.Why = CoacheeRefused, h.CoacheeMissing.Message
	}
	believed := h.believed(o)
	g := goalOf(d, believed, o)
	open := g.differing(believed, h)
	due, held := h.sendable(open, now)
	if h.Split && len(due) > 1 {
		due = due[:1]
	}
	decision := Decision{
		Parts: due, Desired: d, Look: g.look,
		Differences: differences(d, believed),
	}
	if len(due) > 0 {
		decision.Update, decision.PairCarried = g.update(d, believed, h, due)
	}
	decision.explain(g, h, held, now)
	return decision
}

// differing returns the parts that are not at their goal, what closes first.
func (g goal) differing(believed voice.Participant, h History) []Part {
	var closing, opening []Part
	for part, value := range g.value {
		part := Part(part)
		switch {
		case value == nil || !g.differs(part, believed, h):
		case closes(*value):
			closing = append(closing, part)
		default:
			opening = append(opening, part)
		}
	}
	return append(closing, opening...)
}

func (g goal) differs(part Part, believed voice.Participant, h History) bool {
	if valueOf(part, believed) != *g.value[part] {
		return true
	}
	return part == PartHold && believed.Hold && g.holdURL != "" &&
		InputsDigest(g.holdURL, g.holdMethod) != h.AppliedInputs
}

// sendable separates the parts that may be sent now from those that have to
// wait because they are refused or don't stick.
func (h History) sendable(open []Part, now time.Time) (due, held []Part) {
	for _, part := range open {
		if h.Refused[part].holds(now) || now.Before(h.Slowed[part].Until) {
			held = append(held, part)
		} else {
			due = append(due, part)
		}
	}
	return due, held
}

// update builds the request: the parts that differ, and beside them the
// coaching pair wherever leaving it out could end a coaching (R4).
func (g goal) update(d Desired, believed voice.Participant, h History, due []Part) (u voice.Update, carried bool) {
	for _, part := range due {
		g.write(part, &u)
	}
	pair := pairOf(believed)
	managed := d.Coaching != nil
	// The provider would refuse a pair with somebody who is not there.
	gone := pair.On && pair.Coachee == d.Coachee.SID && g.coacheeMissing != ""
	repeats := managed || pair.On && !h.WithoutPair
	if slices.Contains(due, PartCoaching) || gone || !repeats {
		return u, false
	}
	u.Coaching, u.CallSIDToCoach = &pair.On, pair.Coachee
	return u, !managed
}

// write puts the goal of a part into an update.
func (g goal) write(part Part, u *voice.Update) {
	value := *g.value[part]
	switch part {
	case PartMute:
		u.Muted = &value.On
	case PartHold:
		u.Hold = &value.On
		if value.On {
			u.HoldURL, u.HoldMethod = g.holdURL, g.holdMethod
		}
	case PartCoaching:
		u.Coaching, u.CallSIDToCoach = &value.On, value.Coachee
	}
}

// explain gives the reason: what a person must mend comes before what is
// waited for.
func (decision *Decision) explain(g goal, h History, held []Part, now time.Time) {
	switch {
	case len(decision.Parts) > 0:
		decision.Reason = v1alpha1.ReasonConverging
		decision.Message = "An update is due: " + fields(decision.Parts) + "."
	case len(held) > 0:
		decision.explainHeld(h, held)
	case g.coacheeMissing != "":
		decision.Reason, decision.Message = g.coacheeMissing, g.why
		decision.Next = h.CoacheeMissing.Until
	case g.look:
		decision.Reason = v1alpha1.ReasonConverging
		decision.Message = "The update was accepted; the next step waits until it is seen in effect."
	case h.unechoed():
		decision.Reason = v1alpha1.ReasonConverging
		decision.Message = "The update was accepted, but its answer does not show the change; waiting to see it."
	default:
		decision.Reason, decision.Message = v1alpha1.ReasonInSync, "Every declared field is as declared."
	}
	if decision.Next.Before(now) {
		decision.Next = time.Time{}
	}
}

// explainHeld reports the first part for which a person must act, or else the
// first that is tried again.
func (decision *Decision) explainHeld(h History, held []Part) {
	for _, part := range held {
		if h.Refused[part].Final {
			decision.Reason = v1alpha1.ReasonRejected
			decision.Message = h.Refused[part].sentence(part)
			return
		}
	}
	part := held[0]
	if refusal := h.Refused[part]; refusal.Tries > 0 {
		decision.Reason = v1alpha1.ReasonConverging
		decision.Message = refusal.sentence(part)
		decision.Next = refusal.Until
		return
	}
	decision.Reason = v1alpha1.ReasonNotApplied
	decision.Message = fmt.Sprintf("The provider accepted %s again and again and it was never seen to stick; "+
		"it is tried slowly now. Look for somebody else who changes it, or ask the provider.", part.Field())
	decision.Next = h.Slowed[part].Until
}

// unechoed says whether an answer did not show what it accepted.
func (h History) unechoed() bool {
	for _, sent := range h.Sent {
		if !sent.AnsweredAt.IsZero() && !sent.Echoed {
			return true
		}
	}
	return false
}

func fields(due []Part) string {
	names := make([]string, len(due))
	for i, part := range due {
		names[i] = part.Field()
	}
	return strings.Join(names, ", ")
}
