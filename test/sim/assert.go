package sim

import (
	"maps"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
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
func (s *Sim) WantReady(name, status, reason string) *Object {
	s.t.Helper()
	found := s.Get(name)
	ready := meta.FindStatusCondition(found.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		s.t.Errorf("%s has no condition Ready, want %s %s", name, status, reason)
	case string(ready.Status) != status || ready.Reason != reason:
		s.t.Errorf("%s is Ready=%s %s (%s), want %s %s", name, ready.Status, ready.Reason, ready.Message, status, reason)
	}
	if err := testkit.CheckStatus(found, Token); err != nil {
		s.t.Errorf("%s: %v", name, err)
	}
	return found
}

// WantSuspended checks that a participant is suspended, and that this is what the
// tools see that wait for it.
func (s *Sim) WantSuspended(name string) *Object {
	s.t.Helper()
	found := s.Get(name)
	s.wantSuspended(found, found.Status.Conditions)
	return found
}

// WantAccountSuspended checks the same of an account.
func (s *Sim) WantAccountSuspended(name string) *v1alpha1.VoiceAccount {
	s.t.Helper()
	found := s.Account(name)
	s.wantSuspended(found, found.Status.Conditions)
	return found
}

func (s *Sim) wantSuspended(found client.Object, conditions []metav1.Condition) {
	s.t.Helper()
	if !meta.IsStatusConditionTrue(conditions, v1alpha1.ConditionSuspended) {
		s.t.Errorf("%s is not suspended: %+v", found.GetName(), conditions)
	}
	if progress, err := testkit.Progress(found); progress != testkit.Current || err != nil {
		s.t.Errorf("%s is %s to kstatus (%v), want Current: %+v", found.GetName(), progress, err, conditions)
	}
	if err := testkit.CheckStatus(found, Token); err != nil {
		s.t.Errorf("%s: %v", found.GetName(), err)
	}
}

// Message is that of the condition Ready.
func (s *Sim) Message(name string) string {
	ready := meta.FindStatusCondition(s.Get(name).Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return ""
	}
	return ready.Message
}

// WantDrifted checks the condition of mode Observe.
func (s *Sim) WantDrifted(name, status, message string) {
	s.t.Helper()
	drifted := meta.FindStatusCondition(s.Get(name).Status.Conditions, v1alpha1.ConditionDrifted)
	if drifted == nil || string(drifted.Status) != status || drifted.Message != message {
		s.t.Errorf("Drifted is %+v, want %s: %s", drifted, status, message)
	}
}

// WantQuiet lets time go by and checks that nothing is sent or written.
func (s *Sim) WantQuiet(d time.Duration) {
	s.t.Helper()
	s.Provider.ResetJournal()
	before := s.Writes
	s.Elapse(d)
	s.WantUpdates()
	if s.Writes != before {
		s.t.Errorf("%d status writes in %s of silence", s.Writes-before, d)
	}
}

// Mute declares a participant muted.
func Mute(s *Spec) { s.Muted = new(true) }

// Unmute declares a participant not muted.
func Unmute(s *Spec) { s.Muted = new(false) }

// Hold declares a participant on hold.
func Hold(s *Spec) { s.Hold = new(true) }

// Whisper wants a call coached, and this one heard by it alone.
func Whisper(callSID string) func(*Spec) {
	return func(s *Spec) { s.Muted, s.Coaching, s.CallSIDToCoach = new(false), new(true), v1alpha1.SID(callSID) }
}
