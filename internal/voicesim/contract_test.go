package voicesim_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

// The tests in this file run the operator's client against the simulator: each
// was written from the documents alone, so what they agree on is the contract.

// client returns the operator's client of the room.
func (r *room) client(token string) *voice.Client {
	r.t.Helper()
	server := httptest.NewServer(r.Handler())
	r.t.Cleanup(server.Close)
	c, err := voice.New(voice.Config{
		BaseURL: server.URL, AccountSID: account, Token: voice.Secret(token), AllowPrivate: true, Now: r.clock.Now,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(c.Close)
	return c
}

func TestContractFields(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	c := r.client(token)
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
		t.Errorf("held with %s %s", p.HoldMethod, p.HoldURL)
	}
	if got, err = c.UpdateParticipant(t.Context(), r.sid, alice, voice.Update{Coaching: new(false)}); err != nil || got.Coaching || got.CallSIDToCoach != "" {
		t.Errorf("ended coaching: %+v, %v", got, err)
	}
}

func TestContractConferences(t *testing.T) {
	r := newRoom(t, voicesim.Settings{OddDates: true})
	c := r.client(token)
	for range 4 {
		r.EndConference(r.OpenConference(account, "sales"))
	}
	listed := 0
	for page, err := range c.ConferencePages(t.Context(), voice.ConferenceFilter{FriendlyName: "sales", Status: "completed", PageSize: 3}) {
		if err != nil {
			t.Fatal(err)
		}
		listed += len(page)
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

func TestContractPages(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	for range 1500 {
		r.Join(r.sid, voicesim.JoinOptions{})
	}
	seen := map[string]bool{}
	for page, err := range r.client(token).ParticipantPages(t.Context(), r.sid) {
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page {
			seen[p.CallSID] = true
		}
		r.Leave(r.sid, page[0].CallSID)
	}
	if got := r.Counts()[voicesim.OpListParticipants]; len(seen) != 1503 || got != 2 {
		t.Errorf("%d participants on %d pages", len(seen), got)
	}
}

// Each case is a reason for an update of Alice to fail, but the first.
func TestContractClasses(t *testing.T) {
	over := func(setting string) func(*room) {
		return func(r *room) {
			r.SetSettings(voicesim.Settings{CompletedConference: setting})
			r.EndConference(r.sid)
		}
	}
	fault := func(f voicesim.Fault) func(*room) { return func(r *room) { r.Inject(f) } }
	mute := voice.Update{Muted: new(true)}
	for _, tt := range []struct {
		name    string
		prepare func(*room)
		update  voice.Update
		token   string
		want    voice.Class
	}{
		{name: "fine", update: mute, want: voice.ClassOK},
		{name: "wrong token", update: mute, token: "PTwrong", want: voice.ClassUnauthorized},
		{name: "revoked", prepare: func(r *room) { r.RevokeTokens(account) }, update: mute, want: voice.ClassUnauthorized},
		{name: "no scope", prepare: func(r *room) {
			r.SetTokens(account)
			r.SetTokensWithoutVoice(account, token)
			r.SetSettings(voicesim.Settings{MissingScopeStatus: 403})
		}, update: mute, want: voice.ClassUnauthorized},
		{name: "left", prepare: func(r *room) { r.HangUp(alice) }, update: mute, want: voice.ClassGone},
		{name: "over, 404", prepare: over(voicesim.CompletedNotFound), update: mute, want: voice.ClassGone},
		{name: "over, 400", prepare: over(voicesim.CompletedBadRequest), update: mute, want: voice.ClassGone},
		{name: "over, 422", prepare: over(voicesim.CompletedUnprocessable), update: mute, want: voice.ClassGone},
		{name: "nobody to coach", update: voice.Update{Coaching: new(true), CallSIDToCoach: account}, want: voice.ClassCoacheeMissing},
		{name: "bad URL", update: voice.Update{Hold: new(true), HoldURL: "x"}, want: voice.ClassRefused},
		{name: "bad method", update: voice.Update{Hold: new(true), HoldURL: "https://a.example/", HoldMethod: "PUT"}, want: voice.ClassRefused},
		{name: "string code", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeStringCode}), update: voice.Update{CallSIDToCoach: account, Coaching: new(true)}, want: voice.ClassCoacheeMissing},
		{name: "too many", prepare: fault(voicesim.Fault{Status: 429}), update: mute, want: voice.ClassNotExecuted},
		{name: "unavailable", prepare: fault(voicesim.Fault{Status: 503}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "proxy", prepare: fault(voicesim.Fault{Status: 502, Shape: voicesim.ShapeHTML}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "redirect", prepare: fault(voicesim.Fault{Status: 302, Header: http.Header{"Location": {"/"}}}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "page", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeHTML}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "empty", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeEmpty}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "truncated", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeTruncated}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "endless", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeEndless}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "wrong object", prepare: fault(voicesim.Fault{Shape: voicesim.ShapeWrongObject}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "reset before", prepare: fault(voicesim.Fault{Reset: voicesim.ResetBefore}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "reset after", prepare: fault(voicesim.Fault{Reset: voicesim.ResetAfter}), update: mute, want: voice.ClassUnknownOutcome},
		{name: "error objects", prepare: fault(voicesim.Fault{Status: 422, Code: 21402, Shape: voicesim.ShapeErrorsObjects}), update: mute, want: voice.ClassRefused},
		{name: "error strings", prepare: fault(voicesim.Fault{Status: 422, Shape: voicesim.ShapeErrorsStrings}), update: mute, want: voice.ClassRefused},
		{name: "status mismatch", prepare: fault(voicesim.Fault{Status: 404, Shape: voicesim.ShapeStatusMismatch}), update: mute, want: voice.ClassGone},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			if tt.prepare != nil {
				tt.prepare(r)
			}
			if tt.token == "" {
				tt.token = token
			}
			_, err := r.client(tt.token).UpdateParticipant(t.Context(), r.sid, alice, tt.update)
			if got := voice.ClassOf(err); got != tt.want {
				t.Errorf("class %s, want %s: %v", got, tt.want, err)
			}
			if err != nil && strings.Contains(err.Error(), tt.token) {
				t.Errorf("the error has the token: %v", err)
			}
			if got := r.Counts()[voicesim.OpUpdateParticipant]; got != 1 {
				t.Errorf("%d requests", got)
			}
		})
	}
}

func TestContractRemove(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	c := r.client(token)
	for _, want := range []voice.Class{voice.ClassOK, voice.ClassGone} {
		if err := c.RemoveParticipant(t.Context(), r.sid, bob); voice.ClassOf(err) != want {
			t.Errorf("class %s, want %s: %v", voice.ClassOf(err), want, err)
		}
	}
	if _, ok := r.Participant(r.sid, bob); ok {
		t.Error("Bob is still there")
	}
}

func TestContractVerifyToken(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	for token, want := range map[string]voice.Class{token: voice.ClassOK, "PTwrong": voice.ClassUnauthorized} {
		if err := r.client(token).VerifyToken(t.Context()); voice.ClassOf(err) != want {
			t.Errorf("class %s, want %s: %v", voice.ClassOf(err), want, err)
		}
	}
	r.Inject(voicesim.Fault{Shape: voicesim.ShapeWrongObject})
	if got := voice.ClassOf(r.client(token).VerifyToken(t.Context())); got != voice.ClassUnknownOutcome {
		t.Errorf("class %s for a wrong object", got)
	}
}

func TestContractGivesUp(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.Inject(voicesim.Fault{Delay: time.Hour})
	c := r.client(token)
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

func TestContractRetryAfter(t *testing.T) {
	r := newRoom(t, voicesim.Settings{RateLimit: 1})
	c := r.client(token)
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
