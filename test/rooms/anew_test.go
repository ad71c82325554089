package rooms_test

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// TestR26AConferenceThatIsMadeAnewRepeatsNothing has an object that a person wrote keep the
// room observed meanwhile.
func TestR26AConferenceThatIsMadeAnewRepeatsNothing(t *testing.T) {
	r := newRoom(t, "all-hands", muteOnEntry)
	other, guest := r.join("audience", voicesim.JoinOptions{}), r.join("audience", voicesim.JoinOptions{})
	r.Elapse(20 * time.Second)
	r.are("on entry", []string{guest}, isMuted)
	r.CreateParticipant("by-hand", other, func(s *sim.Spec) { s.ConferenceSID, s.Muted = v1alpha1.SID(r.sid), new(true) })
	r.Elapse(10 * time.Second)
	r.Provider.Drift(r.sid, guest, func(p *voicesim.Participant) { p.Muted = false })
	r.Provider.ResetJournal()
	r.Delete(r.GetConference("all-hands"))
	r.Elapse(10 * time.Second)
	r.CreateConference("all-hands", muteOnEntry)
	r.Elapse(time.Minute)
	for _, request := range r.updatesOf(guest) {
		t.Errorf("it is updated: %v at %s", request.Form, request.Time)
	}
	late := r.join("audience", voicesim.JoinOptions{})
	r.Elapse(sim.HeardWithin)
	r.are("who joins", []string{late}, isMuted)
}
