package plan

import (
	"fmt"
	"strings"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// explain gives the reason: what a person must mend comes before what is
// waited for.
func (decision *Decision) explain(g goal, h History, held, yielded []Part, now time.Time) {
	switch {
	case len(decision.Parts) > 0:
		decision.Reason = v1alpha1.ReasonConverging
		decision.Message = "An update is due: " + fields(decision.Parts) + "."
	case len(held) > 0:
		decision.explainHeld(g, h, held, now)
	case g.coacheeMissing != "":
		decision.Reason, decision.Message = g.coacheeMissing, g.why
		decision.Next = h.CoacheeMissing.Until
	case g.look:
		decision.Reason = v1alpha1.ReasonConverging
		decision.Message = "The update was accepted; the next step waits until it is seen in effect."
	case h.unechoed():
		decision.Reason = v1alpha1.ReasonConverging
		decision.Message = "The update was accepted, but its answer does not show the change; waiting to see it."
	case len(yielded) > 0:
		decision.Reason = v1alpha1.ReasonYielded
		decision.Message = fmt.Sprintf("driftPolicy %s leaves alone what somebody else changed: %s.",
			decision.Desired.DriftPolicy, Listed(decision.Differences))
	default:
		decision.explainRest(h, now)
	}
	if decision.Next.Before(now) {
		decision.Next = time.Time{}
	}
}

// explainHeld reports the first part for which a person must act, or else the
// first that is tried again.
func (decision *Decision) explainHeld(g goal, h History, held []Part, now time.Time) {
	for _, part := range held {
		if h.Refused[part].Final {
			decision.Reason = v1alpha1.ReasonRejected
			decision.Message = h.Refused[part].sentence(part)
			return
		}
	}
	part := held[0]
	if h.contested(part, *g.value[part], now) {
		decision.explainContested(part, closes(*g.value[part]), h.Repairs[part].Until)
		return
	}
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

// explainContested says what becomes of a contested part: what opens waits for
// a person, what closes for its time.
func (decision *Decision) explainContested(part Part, closing bool, until time.Time) {
	decision.Reason = v1alpha1.ReasonContested
	decision.Message = fmt.Sprintf("Somebody else keeps changing %s back; it is not corrected any more. "+
		"Find out who, then change the spec or set the reconcile annotation.", part.Field())
	if closing {
		decision.Message = fmt.Sprintf("Somebody else keeps changing %s back; it is corrected slowly now. Find out who.", part.Field())
		decision.Next = until
	}
}

// explainRest reports that nothing differs: in sync, unless somebody else was
// at a contested part only just.
func (decision *Decision) explainRest(h History, now time.Time) {
	decision.Reason, decision.Message = v1alpha1.ReasonInSync, "Every declared field is as declared."
	for part, repairs := range h.Repairs {
		if repairs.tense(now) {
			decision.explainContested(Part(part), true, repairs.Last[0].Add(contestedWithin))
			return
		}
	}
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

// Listed names what differs, in one line.
func Listed(differences []Difference) string {
	list := make([]string, len(differences))
	for i, difference := range differences {
		list[i] = difference.String()
	}
	return strings.Join(list, "; ")
}
