package plan

import (
	"fmt"
	"strings"
	"time"
)

// explain sets the progress and its message: what a person must mend comes before
// what is waited for.
func (decision *Decision) explain(t target, h History, deferred, yielded []Field, now time.Time) {
	switch {
	case len(decision.Fields) > 0:
		decision.Progress = Converging
		decision.Message = "An update is due: " + fieldNames(decision.Fields) + "."
	case len(deferred) > 0:
		decision.explainDeferred(t, h, deferred, now)
	case t.coachee != InSync:
		decision.Progress, decision.Message = t.coachee, t.why
		decision.Next = h.CoacheeMissing.Until
	case t.look:
		decision.Progress = Converging
		decision.Message = "The update was accepted; the next step waits until it is seen in effect."
	case h.unechoed():
		decision.Progress = Converging
		decision.Message = "The update was accepted, but its answer does not show the change; waiting to see it."
	case len(yielded) > 0:
		decision.Progress = Yielded
		decision.Message = fmt.Sprintf("driftPolicy %s leaves alone what somebody else changed: %s.",
			decision.Desired.DriftPolicy, Listed(decision.Differences))
	default:
		decision.explainRest(h, now)
	}
	if decision.Next.Before(now) {
		decision.Next = time.Time{}
	}
}

// explainDeferred reports the first field for which a person must act, or else the
// first that is tried again.
func (decision *Decision) explainDeferred(t target, h History, deferred []Field, now time.Time) {
	for _, field := range deferred {
		if h.Refused[field].Final {
			decision.Progress = Rejected
			decision.Message = h.Refused[field].sentence(field)
			return
		}
	}
	field := deferred[0]
	if h.contested(field, *t.value[field], now) {
		decision.explainContested(field, restricts(*t.value[field]), h.Repairs[field].Until)
		return
	}
	if refusal := h.Refused[field]; refusal.Tries > 0 {
		decision.Progress = Converging
		decision.Message = refusal.sentence(field)
		decision.Next = refusal.Until
		return
	}
	decision.Progress = NotApplied
	decision.Message = fmt.Sprintf("The provider accepted %s again and again and it was never seen to stick; "+
		"it is tried slowly now. Look for somebody else who changes it, or ask the provider.", field.Name())
	decision.Next = h.Unconfirmed[field].NotBefore
}

// explainContested says what becomes of a contested field: what opens waits for
// a person, what restricts for its time.
func (decision *Decision) explainContested(field Field, closing bool, until time.Time) {
	decision.Progress = Contested
	decision.Message = fmt.Sprintf("Somebody else keeps changing %s back; it is not corrected any more. "+
		"Find out who, then change the spec or set the reconcile annotation.", field.Name())
	if closing {
		decision.Message = fmt.Sprintf("Somebody else keeps changing %s back; it is corrected slowly now. Find out who.", field.Name())
		decision.Next = until
	}
}

// explainRest reports that nothing differs: in sync, unless a contested field was
// changed by another party only just.
func (decision *Decision) explainRest(h History, now time.Time) {
	decision.Progress, decision.Message = InSync, "Every declared field is as declared."
	for field, repairs := range h.Repairs {
		if repairs.recent(now) {
			decision.explainContested(Field(field), true, repairs.Last[0].Add(contestedWithin))
			return
		}
	}
}

// unechoed reports whether a response did not show what it accepted.
func (h History) unechoed() bool {
	for _, sent := range h.Sent {
		if !sent.RespondedAt.IsZero() && !sent.Echoed {
			return true
		}
	}
	return false
}

func fieldNames(due []Field) string {
	names := make([]string, len(due))
	for i, field := range due {
		names[i] = field.Name()
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
