package faults

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/test/world"
)

// TestAListHeldOpenAcrossAnUpdate has a list begin before an update and end after
// its answer: the old values in it must not come back.
func TestAListHeldOpenAcrossAnUpdate(t *testing.T) {
	w := world.New(t)
	call := w.Join()
	w.Declare("agent", call, world.Mute)
	w.Pass(time.Minute)
	roster := w.Parts.Participants.Registry.Roster(gateway.Key{Account: world.AccountName, Conference: w.Conference})
	w.Updates()
	listing := gateway.NewListing(w.Now())
	held := voice.Participant{CallSID: call, ConferenceSID: w.Conference, AccountSID: world.AccountSID, Muted: true, Status: "in-progress"}
	started := w.Now()
	w.Advance(time.Millisecond)
	w.Edit("agent", world.Open)
	w.Settle()
	w.WantUpdates("Muted=false")
	w.Advance(time.Second)
	listing.Add([]voice.Participant{held}, gateway.Times{Sent: started, Answered: w.Now()})
	roster.Merge(listing, false)
	w.Notify(w.Get("agent"))
	w.Settle()
	w.WantUpdates()
	w.WantReady("agent", "True", v1alpha1.ReasonInSync)
	if w.Get("agent").Status.Participant.Muted {
		t.Error("the old value came back")
	}
	w.WantQuiet(time.Hour)
}
