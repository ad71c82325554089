package world

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

// WantReady checks status and reason of Ready, and that the whole status is as
// the conventions want it.
func (w *World) WantReady(name, status, reason string) *Object {
	w.Helper()
	found := w.Get(name)
	ready := meta.FindStatusCondition(found.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		w.Errorf("%s has no condition Ready, want %s %s", name, status, reason)
	case string(ready.Status) != status || ready.Reason != reason:
		w.Errorf("%s is Ready=%s %s (%s), want %s %s", name, ready.Status, ready.Reason, ready.Message, status, reason)
	}
	if err := testkit.CheckStatus(found, Token); err != nil {
		w.Errorf("%s: %v", name, err)
	}
	return found
}

// Message is that of the condition Ready.
func (w *World) Message(name string) string {
	ready := meta.FindStatusCondition(w.Get(name).Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return ""
	}
	return ready.Message
}

// WantDrifted checks the condition of mode Observe.
func (w *World) WantDrifted(name, status, message string) {
	w.Helper()
	drifted := meta.FindStatusCondition(w.Get(name).Status.Conditions, v1alpha1.ConditionDrifted)
	if drifted == nil || string(drifted.Status) != status || drifted.Message != message {
		w.Errorf("Drifted is %+v, want %s: %s", drifted, status, message)
	}
}

// WantQuiet lets time go by and checks that nothing is sent or written.
func (w *World) WantQuiet(d time.Duration) {
	w.Helper()
	w.Sim.ResetJournal()
	before := w.Writes
	w.Pass(d)
	w.WantUpdates()
	if w.Writes != before {
		w.Errorf("%d status writes in %s of silence", w.Writes-before, d)
	}
}

// Mute declares a participant muted.
func Mute(s *Spec) { s.Muted = new(true) }

// Open declares a participant not muted.
func Open(s *Spec) { s.Muted = new(false) }

// Hold declares a participant on hold.
func Hold(s *Spec) { s.Hold = new(true) }

// Whisper wants a call coached, and this one heard by it alone.
func Whisper(callSID string) func(*Spec) {
	return func(s *Spec) { s.Muted, s.Coaching, s.CallSIDToCoach = new(false), new(true), v1alpha1.SID(callSID) }
}
