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

// TestR21NobodyIsClosedWhenSuspendEnds has an object that a person wrote keep the room
// observed meanwhile, so that all were seen long ago by calls that are to be read again.
func TestR21NobodyIsClosedWhenSuspendEnds(t *testing.T) {
	r := newRoom(t, "all-hands", func(s *v1alpha1.ConferenceSpec) {
		hostByNumber(s)
		// Without a child there is nothing by which the host is known again.
		s.Roles[0].Muted, s.WaitForRole = nil, &v1alpha1.WaitForRole{Role: "host"}
	})
	other := r.join("audience", from("+15555550143"))
	r.Elapse(20 * time.Second)
	host, guest := r.join("host", from(hostNumber)), r.join("audience", from("+15555550142"))
	r.CreateParticipant("by-hand", other, func(s *sim.Spec) { s.ConferenceSID, s.Muted = v1alpha1.SID(r.sid), new(true) })
	r.Elapse(time.Minute)
	r.are("the host", []string{host}, isOpen)
	for _, suspended := range []bool{true, false, true, false, true, false} {
		r.Provider.ResetJournal()
		r.EditConference("all-hands", func(s *v1alpha1.ConferenceSpec) { s.Suspend = suspended })
		r.Elapse(time.Minute)
		for _, request := range append(r.updatesOf(host), r.updatesOf(guest)...) {
			t.Errorf("suspended is %v: %v at %s", suspended, request.Form, request.Time)
		}
	}
	r.are("the host", []string{host}, isOpen)
	r.are("a guest", []string{guest}, isMuted)
}
