package voicesim_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	account = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	token   = "PTsecret"
	root    = "/api/laml/2010-04-01/Accounts/" + account + "/Conferences"

	alice = "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	bob   = "2c7e4b18-5a0f-4d39-8d66-7b1e0c9f3a52"
	carol = "5a3c1d90-41b7-4f0e-8f43-0c1d2e3f4a5b"
)

// clock stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// room is a simulator with a conference of Alice, Bob and Carol.
type room struct {
	*voicesim.Simulator
	t     *testing.T
	clock *clock
	sid   string
	// path is that of the conference.
	path string
}

func newRoom(t *testing.T, settings voicesim.Settings) *room {
	t.Helper()
	return newRoomOf(t, voicesim.Config{Settings: settings})
}

func newRoomOf(t *testing.T, config voicesim.Config) *room {
	t.Helper()
	c := &clock{now: time.Date(2026, time.September, 7, 10, 15, 42, 0, time.UTC)}
	config.Now = c.Now
	s := voicesim.New(config)
	s.AddAccount(account, token)
	r := &room{Simulator: s, t: t, clock: c, sid: s.OpenConference(account, "support")}
	r.path = root + "/" + r.sid
	for _, call := range []string{alice, bob, carol} {
		if got := s.Join(r.sid, voicesim.JoinOptions{CallSID: call}); got != call {
			t.Fatalf("Join(%s) = %q", call, got)
		}
	}
	return r
}

func (r *room) member(call string) string { return r.path + "/Participants/" + call }

// response is a response, with its body decoded as far as possible.
type response struct {
	status int
	header http.Header
	text   string
	body   struct {
		Code           any
		Message        string
		Status         any
		Muted, Hold    bool
		Coaching       bool
		CallSIDToCoach *string `json:"call_sid_to_coach"`
		DateCreated    string  `json:"date_created"`
		DateUpdated    string  `json:"date_updated"`
		Next           *string `json:"next_page_uri"`
		Previous       *string `json:"previous_page_uri"`
		First          string  `json:"first_page_uri"`
		Page           int
		Size           int `json:"page_size"`
		Conferences    []struct{ SID string }
		Participants   []struct {
			CallSID string `json:"call_sid"`
		}
	}
}

// calls returns the participants of a page in short.
func (a response) calls() string {
	names := map[string]string{alice: "A", bob: "B", carol: "C"}
	var b strings.Builder
	for _, p := range a.body.Participants {
		if names[p.CallSID] == "" {
			b.WriteString("?")
		}
		b.WriteString(names[p.CallSID])
	}
	return b.String()
}

func newResponse(status int, header http.Header, text []byte) response {
	a := response{status: status, header: header, text: string(text)}
	// Not every body is JSON; those that are not leave the fields empty.
	_ = json.Unmarshal(text, &a.body)
	return a
}

// do asks the provider's API as its account.
func (r *room) do(method, path, form string) response {
	r.t.Helper()
	return r.as(account, token, method, path, form)
}

func (r *room) as(user, password, method, path, form string) response {
	r.t.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(form))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("User-Agent", "test/1")
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	w := httptest.NewRecorder()
	r.Handler().ServeHTTP(w, req)
	return newResponse(w.Code, w.Header(), w.Body.Bytes())
}

func (r *room) get(path string) response { r.t.Helper(); return r.do(http.MethodGet, path, "") }

// update changes a participant and expects a status and an error code, 0 if
// there is none.
func (r *room) update(call, form string, status, code int) response {
	r.t.Helper()
	a := r.do(http.MethodPost, r.member(call), form)
	r.expect(a, status, code)
	return a
}

func (r *room) expect(a response, status, code int) {
	r.t.Helper()
	got, _ := a.body.Code.(float64)
	if a.status != status || int(got) != code {
		r.t.Errorf("response %d, code %v, want %d and %d: %s", a.status, a.body.Code, status, code, a.text)
	}
}

// is returns the state of a participant.
func (r *room) is(call string) voicesim.Participant {
	r.t.Helper()
	p, ok := r.Participant(r.sid, call)
	if !ok {
		r.t.Fatalf("%s is not in the conference", call)
	}
	return p
}

// served serves the room over TCP, and returns a function that posts a change of
// Alice to it.
func (r *room) served() (post func(ctx context.Context) (response, error)) {
	server := httptest.NewServer(r.Handler())
	r.t.Cleanup(server.Close)
	return func(ctx context.Context) (response, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+r.member(alice),
			strings.NewReader(url.Values{"Muted": {"true"}}.Encode()))
		if err != nil {
			return response{}, err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(account, token)
		resp, err := server.Client().Do(req)
		if err != nil {
			return response{}, err
		}
		defer func() { _ = resp.Body.Close() }()
		text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
		return newResponse(resp.StatusCode, resp.Header, text), err
	}
}

// await waits until the first request in the journal is as wanted.
func (r *room) await(wanted func(voicesim.Request) bool) voicesim.Request {
	r.t.Helper()
	for {
		changed := r.Changed()
		if journal := r.Journal(); len(journal) > 0 && wanted(journal[0]) {
			return journal[0]
		}
		select {
		case <-changed:
		case <-r.t.Context().Done():
			r.t.Error("the journal never was as wanted")
			return voicesim.Request{}
		}
	}
}

func arrived(voicesim.Request) bool { return true }

func done(request voicesim.Request) bool { return !request.Done.IsZero() }
