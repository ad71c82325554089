package gateway

import (
	"testing"

	"github.com/voiceops/conference-operator/internal/voice"
)

func TestSame(t *testing.T) {
	seen := voice.Participant{CallSID: "a", Muted: true, Status: "in-progress"}
	cases := []struct {
		name   string
		change func(*voice.Participant)
		want   bool
	}{
		{"nothing", func(*voice.Participant) {}, true},
		{"fields that are not compared", func(p *voice.Participant) { p.CallSID, p.URI, p.DateUpdated = "", "", "" }, true},
		{"muted", func(p *voice.Participant) { p.Muted = false }, false},
		{"hold", func(p *voice.Participant) { p.Hold = true }, false},
		{"coaching", func(p *voice.Participant) { p.Coaching = true }, false},
		{"coachee", func(p *voice.Participant) { p.CallSIDToCoach = "b" }, false},
		{"ended, as stored in a status", func(p *voice.Participant) { p.Status = "completed" }, false},
		{"ended, as decoded", func(p *voice.Participant) { p.Status, p.Phase = "completed", voice.PhaseEnded }, false},
	}
	for _, test := range cases {
		stored := seen
		test.change(&stored)
		if got := Same(stored, seen); got != test.want {
			t.Errorf("%s: got %v", test.name, got)
		}
	}
}
