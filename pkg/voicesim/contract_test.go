package voicesim_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// The tests in this file run the operator's client against the simulator, in each
// dialect that the simulator speaks. Client and simulator were written from the
// documents alone, so what they agree on is the contract.

// perDialect runs a test for each dialect that the simulator speaks.
func perDialect(t *testing.T, test func(t *testing.T, dialect voice.Dialect)) {
	t.Helper()
	for _, dialect := range []voice.Dialect{voice.SignalWire()} {
		t.Run(dialect.Name, func(t *testing.T) { test(t, dialect) })
	}
}

// client returns the operator's client of the room.
func (r *room) client(dialect voice.Dialect, token string) *voice.Client {
	r.t.Helper()
	server := httptest.NewServer(r.Handler())
	r.t.Cleanup(server.Close)
	c, err := voice.New(voice.Config{
		Dialect: dialect, BaseURL: server.URL, AccountSID: account, Token: voice.Secret(token), AllowPrivate: true, Now: r.clock.Now,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

func TestContractFields(t *testing.T) { perDialect(t, contractFields) }

func contractFields(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	c := r.client(dialect, token)
	r.clock.advance(time.Minute)
	got, err := c.UpdateParticipant(t.Context(), r.sid, alice, voice.Update{
		Muted: new(true), Hold: new(true), HoldURL: "https://a.example/h.xml", HoldMethod: "GET",
		Coaching: new(true), CallSIDToCoach: bob,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got.StartConferenceOnEnter == nil || !*got.StartConferenceOnEnter || got.EndConferenceOnExit == nil || *got.EndConferenceOnExit {
		t.Errorf("start %v, end %v", got.StartConferenceOnEnter, got.EndConferenceOnExit)
	}
	want := voice.Participant{
		AccountSID: account, ConferenceSID: r.sid, CallSID: alice, CallSIDToCoach: bob, Coaching: true, Muted: true, Hold: true,
		Status: "in-progress", URI: r.member(alice) + ".json",
		DateCreated: "Mon, 07 Sep 2026 10:15:42 +0000", DateUpdated: "Mon, 07 Sep 2026 10:16:42 +0000",
		StartConferenceOnEnter: got.StartConferenceOnEnter, EndConferenceOnExit: got.EndConferenceOnExit,
	}
	if got != want {
		t.Errorf("update\ngot  %+v\nwant %+v", got, want)
	}
	read, err := c.GetParticipant(t.Context(), r.sid, alice)
	read.StartConferenceOnEnter, read.EndConferenceOnExit = want.StartConferenceOnEnter, want.EndConferenceOnExit
	if err != nil || read != want {
		t.Errorf("read\ngot  %+v, %v\nwant %+v", read, err, want)
	}
	if p := r.is(alice); p.HoldURL != "https://a.example/h.xml" || p.HoldMethod != "GET" {
		t.Errorf("on hold with %s %s", p.HoldMethod, p.HoldURL)
	}
	if got, err = c.UpdateParticipant(t.Context(), r.sid, alice, voice.Update{Coaching: new(false)}); err != nil || got.Coaching || got.CallSIDToCoach != "" {
		t.Errorf("ended coaching: %+v, %v", got, err)
	}
}

func TestContractConferences(t *testing.T) { perDialect(t, contractConferences) }

func contractConferences(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{OddDates: true})
	c := r.client(dialect, token)
	for range 4 {
		r.EndConference(r.OpenConference(account, "sales"))
	}
	listed := 0
	for page, err := range c.ConferencePages(t.Context(), voice.ConferenceFilter{FriendlyName: "sales", Status: "completed", PageSize: 3}) {
		if err != nil {
			t.Fatal(err)
		}
		listed += len(page.Items)
	}
	if pages := r.Counts()[voicesim.OpListConferences]; listed != 4 || pages != 2 {
		t.Errorf("%d conferences on %d pages", listed, pages)
	}
	got, err := c.GetConference(t.Context(), r.sid)
	want := voice.Conference{
		SID: r.sid, AccountSID: account, FriendlyName: "support", Status: "in-progress", URI: r.path + ".json",
		DateCreated: "Mon, 7 Sept 2026 10:15:42 +0000", DateUpdated: "Mon, 7 Sept 2026 10:15:42 +0000", Region: "us1", APIVersion: "2010-04-01",
	}
	if err != nil || got != want {
		t.Errorf("got  %+v, %v\nwant %+v", got, err, want)
	}
}

func TestContractPages(t *testing.T) { perDialect(t, contractPages) }

func contractPages(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	for range 1500 {
		r.Join(r.sid, voicesim.JoinOptions{})
	}
	seen := map[string]bool{}
	for page, err := range r.client(dialect, token).ParticipantPages(t.Context(), r.sid) {
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page.Participants {
			seen[p.CallSID] = true
		}
		r.Leave(r.sid, page.Participants[0].CallSID)
	}
	if got := r.Counts()[voicesim.OpListParticipants]; len(seen) != 1503 || got != 2 {
		t.Errorf("%d participants on %d pages", len(seen), got)
	}
}

func TestContractRemove(t *testing.T) { perDialect(t, contractRemove) }

func contractRemove(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	c := r.client(dialect, token)
	for _, want := range []voice.Class{voice.ClassOK, voice.ClassGone} {
		if err := c.RemoveParticipant(t.Context(), r.sid, bob); voice.ClassOf(err) != want {
			t.Errorf("class %s, want %s: %v", voice.ClassOf(err), want, err)
		}
	}
	if _, ok := r.Participant(r.sid, bob); ok {
		t.Error("Bob is still there")
	}
}

func TestContractVerifyToken(t *testing.T) { perDialect(t, contractVerifyToken) }

func contractVerifyToken(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	for token, want := range map[string]voice.Class{token: voice.ClassOK, "PTwrong": voice.ClassUnauthorized} {
		if err := r.client(dialect, token).VerifyToken(t.Context()); voice.ClassOf(err) != want {
			t.Errorf("class %s, want %s: %v", voice.ClassOf(err), want, err)
		}
	}
	r.Inject(voicesim.Fault{Shape: voicesim.ShapeWrongObject})
	if got := voice.ClassOf(r.client(dialect, token).VerifyToken(t.Context())); got != voice.ClassUnknownOutcome {
		t.Errorf("class %s for a wrong object", got)
	}
}

func TestContractGivesUp(t *testing.T) { perDialect(t, contractGivesUp) }

func contractGivesUp(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	r.Inject(voicesim.Fault{Delay: time.Hour})
	c := r.client(dialect, token)
	ctx, giveUp := context.WithCancel(t.Context())
	go func() {
		r.await(arrived)
		giveUp()
	}()
	_, err := c.UpdateParticipant(ctx, r.sid, alice, voice.Update{Muted: new(true)})
	if got := voice.ClassOf(err); got != voice.ClassUnknownOutcome || !r.is(alice).Muted {
		t.Errorf("class %s: %v", got, err)
	}
	r.await(done)
}

func TestContractRetryAfter(t *testing.T) { perDialect(t, contractRetryAfter) }

func contractRetryAfter(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{RateLimit: 1})
	c := r.client(dialect, token)
	update := func() time.Duration {
		_, err := c.UpdateParticipant(t.Context(), r.sid, alice, voice.Update{Muted: new(true)})
		refusal, _ := errors.AsType[*voice.Error](err)
		if refusal == nil {
			return 0
		}
		return refusal.RetryAfter
	}
	if got := update(); got != 0 {
		t.Errorf("the first update is to wait %s", got)
	}
	// 10:15:42 is eight seconds before the end of the window.
	if got := update(); got != 8*time.Second {
		t.Errorf("to wait %s for the next window", got)
	}
	r.Inject(voicesim.Fault{Status: 429, Header: http.Header{"Retry-After": {"3"}}})
	if got := update(); got != 3*time.Second {
		t.Errorf("to wait %s after Retry-After", got)
	}
}

func TestContractSIDs(t *testing.T) { perDialect(t, contractSIDs) }

func contractSIDs(t *testing.T, dialect voice.Dialect) {
	r := newRoom(t, voicesim.Settings{})
	joined := r.Join(r.sid, voicesim.JoinOptions{})
	for sid, form := range map[string]string{
		account: dialect.SIDs.Account, r.sid: dialect.SIDs.Conference, joined: dialect.SIDs.Call,
	} {
		if !regexp.MustCompile(form).MatchString(sid) {
			t.Errorf("%s does not match %s", sid, form)
		}
	}
}
