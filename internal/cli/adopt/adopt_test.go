package adopt

import (
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/internal/voice"
)

func TestAParticipantDeclaresWhatHolds(t *testing.T) {
	seen := voice.Participant{ConferenceSID: "room", CallSID: "leg", Muted: true, Coaching: true, CallSIDToCoach: "other"}
	text, err := yaml.Marshal(Participant("support", "acme", seen).Spec)
	const want = `accountRef:
  name: acme
callSID: leg
callSIDToCoach: other
coaching: true
conferenceSID: room
hold: false
mode: Observe
muted: true
ttlSecondsAfterFinished: 3600
`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
	seen.Coaching = false
	if spec := Participant("support", "acme", seen).Spec; spec.Coaching != nil || spec.CallSIDToCoach != "" {
		t.Errorf("a coachee without coaching is declared: %+v", spec)
	}
}

func TestAConferenceOnlyLooks(t *testing.T) {
	made := Conference("support", "acme", "all-hands", "All Hands")
	if made.Spec.FriendlyName != "All Hands" || len(made.Spec.Roles) != 0 || made.Kind != "Conference" || made.Name != "all-hands" {
		t.Errorf("got %+v", made)
	}
}

func TestName(t *testing.T) {
	for friendly, want := range map[string]string{
		"support": "support", "All Hands!": "all-hands", "--x": "x", "ä": "room", strings.Repeat("a", 70): strings.Repeat("a", 63),
		strings.Repeat("a", 62) + " b": strings.Repeat("a", 62),
	} {
		if got := Name(friendly); got != want {
			t.Errorf("%q is %q, want %q", friendly, got, want)
		}
	}
}
