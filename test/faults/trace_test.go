package faults

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// traced is how many lines of a walk are told with a failure.
const traced = 80

// trace is what has happened last in a walk, for a failure to be explained by: no
// two walks of one seed are quite the same.
type trace struct{ lines []string }

// note adds a line.
func (r *trace) note(at time.Time, format string, args ...any) {
	r.lines = append(r.lines, at.Format("15:04:05.000 ")+fmt.Sprintf(format, args...))
	r.lines = r.lines[max(0, len(r.lines)-traced):]
}

// String is what has happened last, a line each.
func (r *trace) String() string { return strings.Join(r.lines, "\n") }

// failed reports a failure, with what has happened before it.
func (w *walk) failed(format string, args ...any) {
	w.t.Helper()
	w.t.Errorf("%s\n%s", fmt.Sprintf(format, args...), &w.trace)
	w.trace.lines = nil
}

// Edit changes a spec, which ends the waits after refusals, and adds that to the
// trace.
func (w *walk) Edit(name string, change func(*sim.Spec)) {
	w.t.Helper()
	w.Sim.Edit(name, change)
	w.ears.forgive(w.calls[name])
	declared, err := json.Marshal(w.Get(name).Spec)
	if err != nil {
		w.t.Fatal(err)
	}
	w.trace.note(w.Now(), "%s is declared %s", name, declared)
}

// noteRequest adds a request of the journal to the trace.
func (w *walk) noteRequest(request voicesim.Request) {
	w.trace.note(request.Time, "  %s of %s %v: status %d, fault %d, until %s",
		request.Operation, w.nameOf(request.CallSID), request.Form, request.Status, request.Fault, request.Done.Format("05.000"))
}

// noteStates adds what the objects say, and what is true of them.
func (w *walk) noteStates() {
	for _, name := range w.names {
		object := w.Get(name)
		seen, there := w.Provider.Participant(w.Conference, w.calls[name])
		state := fmt.Sprintf("  %s says %s %s: there %t, muted %t, hold %t, coaching %t of %s",
			name, object.Status.CallState, reason(object), there, seen.Muted, seen.Hold, seen.Coaching, w.nameOf(seen.CallSIDToCoach))
		if w.states[name] != state {
			w.states[name] = state
			w.trace.note(w.Now(), "%s", state)
		}
	}
}

// nameOf is the object of a call.
func (w *walk) nameOf(callSID string) string {
	for name, call := range w.calls {
		if call == callSID {
			return name
		}
	}
	return callSID
}
