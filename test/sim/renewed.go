package sim

import (
	"slices"
	"strings"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

const (
	// enteredWithin is how long after its join a call leg that is first seen counts as one
	// that enters (R26), with the second that the provider's clock leaves out.
	enteredWithin = 16 * time.Second
	// listedWithin is how old the list may be by which a new Conference judges a room that
	// other objects had observed (R18).
	listedWithin = 5500 * time.Millisecond
)

// restarted excuses what a process that is gone had not written down: what closes may
// be repeated then, and what opens until a look of the next process has shown it. What is
// done on entry is written down in the child of a call leg: that it was done is not known
// to the next process where a person has deleted the child.
func (e *Ear) restarted() {
	e.mu.Lock()
	defer e.mu.Unlock()
	noted := map[string]bool{}
	for _, object := range e.objects() {
		noted[string(object.Spec.CallSID)] = slices.ContainsFunc(object.Status.Once, func(entry v1alpha1.OnceStatus) bool {
			return entry.Field == v1alpha1.OnceMuted && isTrue(entry.Value) && entry.State == v1alpha1.OnceDone
		}) || noted[string(object.Spec.CallSID)]
	}
	for _, s := range e.stays {
		if !noted[s.CallSID] {
			s.mutes = 0
		}
		for field := range s.opened {
			if e.opens(s.CallSID, field) {
				s.opened[field] = opened{at: e.sim.Now()}
			}
		}
	}
	e.renew(enteredWithin, func(callSID string) bool { return len(e.children(callSID)) == 0 })
}

// opens reports whether it is written down that a field is to be opened once, and not that
// it was.
func (e *Ear) opens(callSID, field string) bool {
	return slices.ContainsFunc(e.of(callSID), func(object Object) bool {
		return slices.ContainsFunc(object.Status.Once, func(entry v1alpha1.OnceStatus) bool {
			return strings.EqualFold(string(entry.Field), field) && !isTrue(entry.Value) && entry.State == v1alpha1.OncePending
		})
	})
}

// renew excuses that what is done on entry is done again, for some call legs that have
// joined within a time.
func (e *Ear) renew(within time.Duration, unknown func(callSID string) bool) {
	for _, s := range e.stays {
		if e.sim.Now().Sub(s.DateCreated) <= within && unknown(s.CallSID) {
			s.mutes = 0
			clear(s.said)
		}
	}
}
