package operator

import (
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

// render shows the fields of a request, sorted.
func render(request voicesim.Request) string {
	var fields []string
	for _, name := range slices.Sorted(maps.Keys(request.Form)) {
		fields = append(fields, name+"="+request.Form.Get(name))
	}
	return strings.Join(fields, " ")
}

// wantReady checks status and reason of Ready, and that the whole status is as
// the conventions want it.
func (w *world) wantReady(name, status, reason string) *object {
	w.Helper()
	found := w.get(name)
	ready := meta.FindStatusCondition(found.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		w.Errorf("%s has no condition Ready, want %s %s", name, status, reason)
	case string(ready.Status) != status || ready.Reason != reason:
		w.Errorf("%s is Ready=%s %s (%s), want %s %s", name, ready.Status, ready.Reason, ready.Message, status, reason)
	}
	if err := testkit.CheckStatus(found, token); err != nil {
		w.Errorf("%s: %v", name, err)
	}
	return found
}

// message is that of the condition Ready.
func (w *world) message(name string) string {
	ready := meta.FindStatusCondition(w.get(name).Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return ""
	}
	return ready.Message
}

// quiet lets time go by and checks that nothing is sent or written.
func (w *world) quiet(d time.Duration) {
	w.Helper()
	w.sim.ResetJournal()
	before := w.writes
	w.pass(d)
	w.wantUpdates()
	if w.writes != before {
		w.Errorf("%d status writes in %s of silence", w.writes-before, d)
	}
}

func mute(s *spec) { s.Muted = new(true) }
func open(s *spec) { s.Muted = new(false) }
func hold(s *spec) { s.Hold = new(true) }

// whisper wants a call coached, and this one heard by it alone.
func whisper(callSID string) func(*spec) {
	return func(s *spec) { s.Muted, s.Coaching, s.CallSIDToCoach = new(false), new(true), v1alpha1.SID(callSID) }
}
