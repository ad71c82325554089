package voice

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

const (
	account    = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	conference = "0d6a0a7e-3b0a-4a41-8f0f-5c7d2a9b7e21"
	callSID    = "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	coachee    = "2c7e4b18-5a0f-4d39-8d66-7b1e0c9f3a52"
	canary     = "PT+canary/7d1e&song"

	accountPath     = "/api/laml/2010-04-01/Accounts/" + account
	conferencePath  = accountPath + "/Conferences/" + conference
	participantPath = conferencePath + "/Participants/" + callSID
	callPath        = accountPath + "/Calls/" + callSID
	jsonType        = "application/json; charset=utf-8"
)

// epoch is what the clock of every client shows.
var epoch = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// fields is a JSON object; what is absent in it is left out.
type fields map[string]any

type absent struct{}

func (f fields) json(changes fields) string {
	all := maps.Clone(f)
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == absent{} })
	body, err := json.Marshal(all)
	if err != nil {
		panic(err)
	}
	return string(body)
}

// participant is a response about callSID, with some fields changed.
func participant(changes fields) string {
	return fields{
		"account_sid": account, "call_sid": callSID, "call_sid_to_coach": nil, "coaching": false,
		"conference_sid": conference, "date_created": "Mon, 23 Nov 2026 10:15:42 +0000",
		"date_updated": "Mon, 23 Nov 2026 10:16:05 +0000", "end_conference_on_exit": false, "hold": false,
		"muted": true, "start_conference_on_enter": true, "status": "in-progress", "uri": participantPath + ".json",
	}.json(changes)
}

// caller is the number of a call.
const caller = "+15555550100"

// call is a response about callSID, with some fields changed.
func call(changes fields) string {
	return fields{
		"sid": callSID, "account_sid": account, "from": caller, "to": "sip:room@pbx.example.com", "direction": "inbound",
		"parent_call_sid": nil, "status": "in-progress", "duration": nil,
	}.json(changes)
}

// pageOf is a page of a list of participants.
func pageOf(next any, participants ...string) string {
	items := make([]json.RawMessage, len(participants))
	for i, item := range participants {
		items[i] = json.RawMessage(item)
	}
	return fields{
		"uri": conferencePath + "/Participants", "previous_page_uri": nil, "page": 0, "page_size": "50",
		"start": 0, "end": len(items), "participants": items,
	}.json(fields{"next_page_uri": next})
}

const conferences = `{"conferences":[{"sid":"` + conference + `","friendly_name":"room","status":"in-progress"}],"next_page_uri":null}`

// reply is a handler with the same response each time; header is name, value, name, value.
func reply(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		w.Header()["Date"] = nil // the server's would be by the real clock
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// healthy serves every operation as a provider does if nothing is wrong.
func healthy(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodDelete:
		reply(http.StatusNoContent, "")(w, r)
	case r.URL.Path == participantPath:
		reply(http.StatusOK, participant(nil))(w, r)
	case r.URL.Path == conferencePath+"/Participants":
		reply(http.StatusOK, pageOf(nil, participant(nil)))(w, r)
	case r.URL.Path == conferencePath:
		reply(http.StatusOK, fields{"sid": conference}.json(nil))(w, r)
	case r.URL.Path == callPath:
		reply(http.StatusOK, call(nil))(w, r)
	case r.URL.Path == accountPath+"/Calls":
		reply(http.StatusOK, `{"calls":[`+call(nil)+`]}`)(w, r)
	default:
		reply(http.StatusOK, conferences)(w, r)
	}
}

// serve starts a server, and a client of it.
func serve(t *testing.T, handler http.HandlerFunc, options ...func(*Config)) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return newClient(t, server.URL, options...)
}

func newClient(t *testing.T, baseURL string, options ...func(*Config)) *Client {
	t.Helper()
	config := Config{
		Dialect: SignalWire(), BaseURL: baseURL, AccountSID: account, Token: canary, UserAgent: "operator/1.2.3",
		AllowPrivate: true, Now: func() time.Time { return epoch },
	}
	for _, option := range options {
		option(&config)
	}
	client, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

// listen starts a listener. Each connection is handed to a function, one after
// the other, and closed.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			serve(connection)
			_ = connection.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return listener.Addr().String()
}

// operation is one way to send each kind of request.
type operation struct {
	name Operation
	call func(context.Context, *Client) error
}

func operations() []operation {
	return []operation{
		{OpListConferences, func(ctx context.Context, c *Client) error {
			return drain(c.ConferencePages(ctx, ConferenceFilter{FriendlyName: "a room", Status: "in-progress", PageSize: 20}))
		}},
		{OpGetConference, func(ctx context.Context, c *Client) error {
			_, err := c.GetConference(ctx, conference)
			return err
		}},
		{OpListParticipants, func(ctx context.Context, c *Client) error { return drain(c.ParticipantPages(ctx, conference)) }},
		{OpGetParticipant, func(ctx context.Context, c *Client) error {
			_, err := c.GetParticipant(ctx, conference, callSID)
			return err
		}},
		{OpUpdateConference, func(ctx context.Context, c *Client) error {
			_, err := c.UpdateConference(ctx, conference, ConferenceUpdate{AnnounceURL: "https://a.example/"})
			return err
		}},
		{OpListCalls, func(ctx context.Context, c *Client) error {
			return drain(c.CallPages(ctx, CallFilter{Status: CallInProgress, ParentCallSID: coachee}))
		}},
		{OpGetCall, func(ctx context.Context, c *Client) error {
			_, err := c.GetCall(ctx, callSID)
			return err
		}},
		{OpUpdateParticipant, update},
		{OpRemoveParticipant, func(ctx context.Context, c *Client) error { return c.RemoveParticipant(ctx, conference, callSID) }},
	}
}

func update(ctx context.Context, c *Client) error {
	_, err := c.UpdateParticipant(ctx, conference, callSID, Update{Muted: new(true), Hold: new(false)})
	return err
}

// drain reads a list to its end, or its first error.
func drain[P any](pages iter.Seq2[P, error]) error {
	for _, err := range pages {
		if err != nil {
			return err
		}
	}
	return nil
}

// failure is the *Error that a request must have ended in.
func failure(t *testing.T, err error) *Error {
	t.Helper()
	failed, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("got %v, want an *Error", err)
	}
	return failed
}

func wantClass(t *testing.T, err error, want Class) {
	t.Helper()
	if got := ClassOf(err); got != want {
		t.Errorf("got %s (%v), want %s", got, err, want)
	}
}

// spy is a server that must not be connected to; it counts the connections.
func spy(t *testing.T) (baseURL string, visits func() int32) {
	t.Helper()
	var count atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(healthy))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			count.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, count.Load
}
