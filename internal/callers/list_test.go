package callers

import (
	"fmt"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

// TestR20AListAnswersForWhatIsRequestedAfterIt has the rooms of a process that has just
// started looked at while the calls are listed for the first of them.
func TestR20AListAnswersForWhatIsRequestedAfterIt(t *testing.T) {
	store, woken := newStore()
	request(store, 0, 30)
	store.BeginList(acme)
	var page voice.CallPage
	for i := range 40 {
		page.Items = append(page.Items, voice.Call{SID: fmt.Sprintf("call-%d", i), Direction: voice.Inbound})
	}
	store.ApplyPage(acme, page, start)
	store.CompleteList(acme, start)
	if poll := store.Next(acme, start); poll.HasWork() || !poll.At.Equal(start.Add(listedFor)) {
		t.Errorf("after the list: %+v", poll)
	}
	*woken = 0
	request(store, 30, 5)
	if *woken == 0 {
		t.Error("nothing has the list looked at")
	}
	if got := told(store.Recall(acme, start.Add(time.Second))); got != "r" {
		t.Errorf("%q is told", got)
	}
	if got := store.Lookup(acme, "call-34"); got.State != policy.CallerKnown {
		t.Errorf("the call is %+v", got)
	}
	if got := told(store.Recall(acme, start.Add(listedFor))); got != "" || len(store.accounts[acme].listed) != 0 {
		t.Errorf("%q is told, and the old list is kept: %v", got, store.accounts[acme].listed)
	}
	request(store, 35, 5)
	if poll := store.Next(acme, start.Add(listedFor)); len(poll.Reads) != 5 || !poll.At.IsZero() {
		t.Errorf("once the list is too old: %+v", poll)
	}
}
