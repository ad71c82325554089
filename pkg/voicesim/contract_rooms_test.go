package voicesim_test

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func TestContractRooms(t *testing.T) { perDialect(t, contractRooms) }

func contractRooms(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	c := r.client(dialect, token)
	waiting := r.joinSales("x", voicesim.JoinOptions{})
	over := r.OpenConference(account, "ops")
	r.EndRoom(account, "ops")
	for status, want := range map[string]string{voice.ConferenceInit: waiting, voice.ConferenceInProgress: r.sid, voice.ConferenceCompleted: over} {
		for page, err := range c.ConferencePages(t.Context(), voice.ConferenceFilter{Status: status}) {
			if err != nil || len(page.Items) != 1 || page.Items[0].SID != want || page.Items[0].Status != status || len(page.Unreadable) != 0 {
				t.Errorf("%s: %+v, %v", status, page, err)
			}
			if !page.Date.Equal(r.clock.Now()) {
				t.Errorf("%s: the date is %s, want %s", status, page.Date, r.clock.Now())
			}
		}
	}
	const news = "https://a.example/n.xml"
	if got, err := c.UpdateConference(t.Context(), r.sid, voice.ConferenceUpdate{AnnounceURL: news}); err != nil || got.Status != "in-progress" {
		t.Errorf("announced: %+v, %v", got, err)
	}
	got, err := c.UpdateConference(t.Context(), r.sid, voice.ConferenceUpdate{Complete: true})
	if ended, _ := r.Conference(r.sid); err != nil || got.Status != voice.ConferenceCompleted || ended.Status != voicesim.StatusCompleted || ended.Announced != 1 {
		t.Errorf("ended: %+v, %v, %+v", got, err, ended)
	}
	if _, err := c.UpdateConference(t.Context(), r.sid, voice.ConferenceUpdate{Complete: true}); voice.ClassOf(err) != voice.ClassGone {
		t.Errorf("ended twice: %v", err)
	}
}

func TestContractManyConferences(t *testing.T) { perDialect(t, contractManyConferences) }

func contractManyConferences(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	for range 1500 {
		r.EndConference(r.OpenConference(account, "case-1"))
	}
	r.Inject(voicesim.Fault{Row: &voicesim.RowFault{SIDs: []string{r.sid}, Omit: []string{"friendly_name"}}})
	seen, unreadable := map[string]bool{}, []string{}
	for page, err := range r.client(dialect, token).ConferencePages(t.Context(), voice.ConferenceFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, conference := range page.Items {
			seen[conference.SID] = true
		}
		unreadable = append(unreadable, page.Unreadable...)
	}
	if pages := r.Counts()[voicesim.OpListConferences]; len(seen) != 1500 || pages != 2 || len(unreadable) != 1 || unreadable[0] != r.sid {
		t.Errorf("%d conferences on %d pages, and %q", len(seen), pages, unreadable)
	}
}

func TestContractCalls(t *testing.T) { perDialect(t, contractCalls) }

func contractCalls(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	c := r.client(dialect, token)
	r.joinSales("x", voicesim.JoinOptions{From: "+15555550100", To: "sip:a@b.example", Direction: "outbound-dial", ParentCallSID: alice, Status: "ringing"})
	want := voice.Call{
		SID: "x", From: "+15555550100", To: "sip:a@b.example", Direction: voice.Outbound, ParentCallSID: alice, Status: "ringing", Phase: voice.PhaseRinging,
	}
	if got, err := c.GetCall(t.Context(), "x"); err != nil || got != want {
		t.Errorf("got %+v from %s, %v", got, got.From.Reveal(), err)
	}
	if got, err := c.GetCall(t.Context(), alice); err != nil || got.Direction != voice.Inbound || got.From != "" || got.ParentCallSID != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := c.GetCall(t.Context(), "y"); voice.ClassOf(err) != voice.ClassGone {
		t.Errorf("a call that is not there: %v", err)
	}
	r.HangUp(bob)
	if got, err := c.GetCall(t.Context(), bob); err != nil || got.Phase != voice.PhaseEnded {
		t.Errorf("after the end: %+v, %v", got, err)
	}
	for filter, count := range map[voice.CallFilter]int{{}: 4, {Status: voice.CallInProgress}: 2, {ParentCallSID: alice}: 1, {Status: "completed"}: 1} {
		listed := 0
		for page, err := range c.CallPages(t.Context(), filter) {
			if err != nil {
				t.Fatal(err)
			}
			listed += len(page.Items)
		}
		if listed != count {
			t.Errorf("%+v: %d calls, want %d", filter, listed, count)
		}
	}
}

func TestContractManyCalls(t *testing.T) { perDialect(t, contractManyCalls) }

func contractManyCalls(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	for range 1500 {
		r.JoinRoom(account, "sales", voicesim.JoinOptions{From: "+15555550100"})
	}
	r.Inject(voicesim.Fault{Operation: voicesim.OpListCalls, Row: &voicesim.RowFault{SIDs: []string{bob}, Set: map[string]any{"from": 15555550100}}})
	r.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Header: map[string][]string{"Date": {"soon"}}})
	seen, unreadable := map[string]bool{}, []string{}
	c := r.client(dialect, token)
	for page, err := range c.CallPages(t.Context(), voice.CallFilter{Status: voice.CallInProgress}) {
		if err != nil || !page.Date.Equal(r.clock.Now()) {
			t.Fatalf("of %s: %v", page.Date, err)
		}
		for _, call := range page.Items {
			seen[call.SID] = true
		}
		unreadable = append(unreadable, page.Unreadable...)
		r.clock.advance(time.Second)
	}
	if pages := r.Counts()[voicesim.OpListCalls]; len(seen) != 1502 || pages != 2 || len(unreadable) != 1 || unreadable[0] != bob {
		t.Errorf("%d calls on %d pages, and %q", len(seen), pages, unreadable)
	}
	for page, err := range c.ParticipantPages(t.Context(), r.sid) {
		if err != nil || !page.Date.IsZero() {
			t.Errorf("a date that can't be read is %s, %v", page.Date, err)
		}
	}
}
