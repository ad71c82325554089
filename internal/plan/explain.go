package plan

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// explain sets the progress and its message: what a person must mend comes before
// what is waited for.
func (decision *Decision) explain(t target, h History, yielded []Field, now time.Time) {
	switch {
	case len(decision.Fields) > 0:
		decision.Progress = Converging
		decision.Message = "An update is due: " + fieldNames(decision.Fields) + "."
	case len(decision.Deferred) > 0:
		decision.explainDeferred(t, h, now)
		decision.Next = t.earliestRetry(decision.Deferred, h, now)
	case t.coachee != InSync:
		decision.Progress, decision.Message = t.coachee, t.why
		decision.Next = h.CoacheeMissing.Until
	case t.look:
		decision.Progress = Converging
		decision.Message = "The update was accepted; the next step waits until it is seen in effect."
	case h.unechoed(anyField):
		decision.Progress = Converging
		decision.Message = "The update was accepted, but its answer does not show the change; waiting to see it."
	case len(decision.Desired.Once.pending()) > 0:
		decision.Progress = Converging
		decision.Message = fmt.Sprintf("What is done once is not done before a later look shows it: %s.", fieldNames(decision.Desired.Once.pending()))
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

// explainDeferred reports the first field for which another party must act, or else
// the first that is tried again, with those of which the same can be said.
func (decision *Decision) explainDeferred(t target, h History, now time.Time) {
	first := decision.Deferred[0]
	for _, field := range decision.Deferred {
		if h.Refused[field].lasting() {
			decision.Progress, decision.Message = Rejected, decision.refused(field, h)
			return
		}
	}
	switch {
	case h.contested(first, *t.value[first], now):
		decision.explainContested(first, restricts(*t.value[first]), time.Time{})
	case h.Refused[first].Tries > 0:
		decision.Progress, decision.Message = Converging, decision.refused(first, h)
	default:
		decision.Progress = NotApplied
		decision.Message = fmt.Sprintf("The provider accepted %s again and again and it was never seen to stick; "+
			"it is tried slowly now. Look for somebody else who changes it, or ask the provider.", first.Name())
	}
}

// refused is what there is to say of a refused field, and of all others that are
// refused alike.
func (decision *Decision) refused(field Field, h History) string {
	refusal := h.Refused[field]
	alike := slices.DeleteFunc(slices.Clone(decision.Deferred), func(other Field) bool { return !refusal.alike(h.Refused[other]) })
	return refusal.sentence(fieldNames(alike))
}

// earliestRetry is when the first of the deferred fields may be sent, or the coachee
// that the provider says is missing; zero is when something else happens.
func (t target) earliestRetry(deferred []Field, h History, now time.Time) (earliest time.Time) {
	retries := make([]time.Time, 0, fieldCount+1)
	for _, field := range deferred {
		retries = append(retries, t.retryAt(field, h, now))
	}
	if t.coachee != InSync {
		retries = append(retries, h.CoacheeMissing.Until)
	}
	for _, at := range retries {
		if at.After(now) && (earliest.IsZero() || at.Before(earliest)) {
			earliest = at
		}
	}
	return earliest
}

// retryAt is when a deferred field may be sent; zero is when something else happens.
func (t target) retryAt(field Field, h History, now time.Time) time.Time {
	value := *t.value[field]
	contested := h.contested(field, value, now)
	if h.Refused[field].Final || contested && !restricts(value) {
		return time.Time{}
	}
	at := h.Refused[field].Until
	for _, wait := range []time.Time{h.Unconfirmed[field].NotBefore, h.Repairs[field].Until} {
		if wait.After(at) {
			at = wait
		}
	}
	return at
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

// anyField chooses every field.
func anyField(Field) bool { return true }

// unechoed reports whether a response did not show what it accepted, in one of the
// chosen fields.
func (h History) unechoed(chosen func(Field) bool) bool {
	for field, sent := range h.Sent {
		if chosen(Field(field)) && !sent.RespondedAt.IsZero() && !sent.Echoed {
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
