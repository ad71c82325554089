package voice

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// sent is what a server saw of a request.
type sent struct {
	method, path, query, body string
	header                    http.Header
}

// record serves like a handler and hands on what it saw.
func record(t *testing.T, handler http.HandlerFunc) (http.HandlerFunc, <-chan sent) {
	seen := make(chan sent, 1000)
	return func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			t.Errorf("parse the form: %v", err)
		}
		seen <- sent{r.Method, r.URL.EscapedPath(), r.URL.Query().Encode(), r.PostForm.Encode(), r.Header.Clone()}
		handler(w, r)
	}, seen
}

func TestOperationsOnTheWire(t *testing.T) {
	want := map[Operation]sent{
		OpListConferences:   {method: "GET", path: accountPath + "/Conferences", query: "FriendlyName=a+room&PageSize=20&Status=in-progress"},
		OpGetConference:     {method: "GET", path: conferencePath},
		OpListParticipants:  {method: "GET", path: conferencePath + "/Participants", query: "PageSize=1000"},
		OpGetParticipant:    {method: "GET", path: participantPath},
		OpUpdateParticipant: {method: "POST", path: participantPath, body: "Hold=false&Muted=true"},
		OpRemoveParticipant: {method: "DELETE", path: participantPath},
		OpUpdateConference:  {method: "POST", path: conferencePath, body: "AnnounceMethod=POST&AnnounceUrl=https%3A%2F%2Fa.example%2F"},
		OpListCalls:         {method: "GET", path: accountPath + "/Calls", query: "PageSize=1000&ParentCallSid=" + coachee + "&Status=in-progress"},
		OpGetCall:           {method: "GET", path: callPath},
	}
	for _, operation := range operations() {
		t.Run(string(operation.name), func(t *testing.T) {
			handler, seen := record(t, healthy)
			if err := operation.call(t.Context(), serve(t, handler)); err != nil {
				t.Fatal(err)
			}
			got, want := <-seen, want[operation.name]
			if got.method != want.method || got.path != want.path || got.query != want.query || got.body != want.body {
				t.Errorf("got %+v, want %+v", got, want)
			}
			wantHeaders(t, got.header, want.body != "")
			if len(seen) != 0 {
				t.Errorf("%d more requests, the first: %+v", len(seen), <-seen)
			}
		})
	}
}

func wantHeaders(t *testing.T, header http.Header, form bool) {
	t.Helper()
	contentType := ""
	if form {
		contentType = "application/x-www-form-urlencoded"
	}
	for name, want := range map[string]string{"Accept": "application/json", "User-Agent": "operator/1.2.3", "Content-Type": contentType} {
		if got := header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	user, password, _ := (&http.Request{Header: header}).BasicAuth()
	if user != account || password != canary {
		t.Errorf("the credentials are %q and %q", user, password)
	}
}

func TestUpdateForm(t *testing.T) {
	const music = "https://music.example.com/hold.xml?a=1&b=ü"
	cases := []struct {
		name   string
		update Update
		want   url.Values
	}{
		{"nothing", Update{}, url.Values{}},
		{"muted", Update{Muted: new(true)}, url.Values{"Muted": {"true"}}},
		{"unmuted", Update{Muted: new(false)}, url.Values{"Muted": {"false"}}},
		{"hold", Update{Hold: new(true)}, url.Values{"Hold": {"true"}}},
		{"music, method left out", Update{Hold: new(true), HoldURL: music},
			url.Values{"Hold": {"true"}, "HoldUrl": {music}, "HoldMethod": {"POST"}}},
		{"music by GET", Update{HoldURL: music, HoldMethod: "GET"}, url.Values{"HoldUrl": {music}, "HoldMethod": {"GET"}}},
		{"an announcement", Update{AnnounceURL: music}, url.Values{"AnnounceUrl": {music}, "AnnounceMethod": {"POST"}}},
		{"an announcement by GET, and a beep", Update{AnnounceURL: music, AnnounceMethod: "GET", Beep: new(false)},
			url.Values{"AnnounceUrl": {music}, "AnnounceMethod": {"GET"}, "Beep": {"false"}}},
		{"a method for no music", Update{HoldMethod: "GET"}, url.Values{}},
		{"coaching", Update{Coaching: new(true), CallSIDToCoach: coachee},
			url.Values{"Coaching": {"true"}, "CallSidToCoach": {coachee}}},
		{"no coaching", Update{Coaching: new(false)}, url.Values{"Coaching": {"false"}}},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			handler, seen := record(t, healthy)
			if _, err := serve(t, handler).UpdateParticipant(t.Context(), conference, callSID, test.update); err != nil {
				t.Fatal(err)
			}
			if got := (<-seen).body; got != test.want.Encode() || got != test.update.Form().Encode() {
				t.Errorf("sent %q, want %q", got, test.want.Encode())
			}
			if got := test.update.IsZero(); got != (len(test.want) == 0) {
				t.Errorf("IsZero is %v", got)
			}
		})
	}
}

func TestAnEmptyFilterAsksForTheLargestPages(t *testing.T) {
	handler, seen := record(t, healthy)
	if err := drain(serve(t, handler).ConferencePages(t.Context(), ConferenceFilter{})); err != nil {
		t.Fatal(err)
	}
	if got := (<-seen).query; got != "PageSize=1000" {
		t.Errorf("the query is %q", got)
	}
}

// Whatever an id is made of, it is one segment of the path, or there is no request.
func TestSegmentsNeverChangeThePath(t *testing.T) {
	cases := []struct{ segment, escaped string }{
		{"", ""}, {".", ""}, {"..", ""},
		{"a/b", "a%2Fb"}, {"../..", "..%2F.."}, {"a?b", "a%3Fb"}, {"a#b", "a%23b"}, {"a%2Fb", "a%252Fb"}, {"%2e%2e", "%252e%252e"},
		{"a\r\nb", "a%0D%0Ab"}, {"a b", "a%20b"}, {"a;b", "a%3Bb"}, {"a\\b", "a%5Cb"}, {"é", "%C3%A9"}, {"v3:9X2v-_", "v3:9X2v-_"},
	}
	for _, test := range cases {
		t.Run(test.segment, func(t *testing.T) {
			handler, seen := record(t, reply(http.StatusNotFound, ""))
			client := serve(t, handler)
			for _, call := range segmentCalls(client, test.segment) {
				err := call.send(t.Context())
				if test.escaped == "" {
					if wantClass(t, failure(t, err), ClassNotExecuted); len(seen) != 0 {
						t.Errorf("%d requests", len(seen))
					}
					continue
				}
				wantClass(t, err, ClassGone)
				if got, want := (<-seen).path, strings.ReplaceAll(call.path, "*", test.escaped); got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}
		})
	}
}

type segmentCall struct {
	path string
	send func(context.Context) error
}

// segmentCalls puts a segment wherever an id can be.
func segmentCalls(c *Client, segment string) []segmentCall {
	ignore := func(_ any, err error) error { return err }
	return []segmentCall{
		{accountPath + "/Conferences/*", func(ctx context.Context) error { return ignore(c.GetConference(ctx, segment)) }},
		{accountPath + "/Conferences/*", func(ctx context.Context) error {
			return ignore(c.UpdateConference(ctx, segment, ConferenceUpdate{Complete: true}))
		}},
		{accountPath + "/Calls/*", func(ctx context.Context) error { return ignore(c.GetCall(ctx, segment)) }},
		{accountPath + "/Conferences/*/Participants", func(ctx context.Context) error { return drain(c.ParticipantPages(ctx, segment)) }},
		{accountPath + "/Conferences/*/Participants/" + callSID, func(ctx context.Context) error {
			return ignore(c.GetParticipant(ctx, segment, callSID))
		}},
		{conferencePath + "/Participants/*", func(ctx context.Context) error {
			return ignore(c.UpdateParticipant(ctx, conference, segment, Update{Muted: new(true)}))
		}},
		{conferencePath + "/Participants/*", func(ctx context.Context) error { return c.RemoveParticipant(ctx, conference, segment) }},
	}
}

func TestNewRefuses(t *testing.T) {
	cases := []struct{ name, baseURL, accountSID string }{
		{"nothing", "", account},
		{"a host without a scheme", "acme.signalwire.com", account},
		{"a scheme without a host", "https://", account},
		{"a port without a host", "https://:443", account},
		{"another scheme", "ftp://acme.signalwire.com", account},
		{"no hierarchy", "https:acme.signalwire.com", account},
		{"a path", "https://acme.signalwire.com/api", account},
		{"a query", "https://acme.signalwire.com?a=b", account},
		{"a fragment", "https://acme.signalwire.com#a", account},
		{"a user", "https://" + "user@acme.signalwire.com", account},
		{"a password and a bad port", "https://" + "user:hunter2@acme.signalwire.com:port", account},
		{"a bad escape", "https://acme%zz", account},
		{"a control character", "https://acme.signalwire.com\n", account},
		{"no account", "https://acme.signalwire.com", ""},
		{"an account that leads upwards", "https://acme.signalwire.com", ".."},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			client, err := New(Config{Dialect: SignalWire(), BaseURL: test.baseURL, AccountSID: test.accountSID, Token: canary})
			if err == nil || client != nil {
				t.Fatalf("got %v, %v", client, err)
			}
			if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), canary) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

func TestNewAcceptsSchemeAndHost(t *testing.T) {
	for _, baseURL := range []string{"https://acme.signalwire.com", "https://acme.signalwire.com/", "http://127.0.0.1:8080", "https://[::1]:8443"} {
		if _, err := New(Config{Dialect: SignalWire(), BaseURL: baseURL, AccountSID: account}); err != nil {
			t.Errorf("%s: %v", baseURL, err)
		}
	}
}

func TestUserAgentByDefault(t *testing.T) {
	handler, seen := record(t, healthy)
	client := serve(t, handler, func(c *Config) { c.UserAgent = "" })
	if err := client.VerifyToken(t.Context()); err != nil {
		t.Fatal(err)
	}
	got := <-seen
	if agent := got.header.Get("User-Agent"); agent != "conference-operator" {
		t.Errorf("the user agent is %q", agent)
	}
	if got.path != accountPath+"/Conferences" || got.query != "PageSize=1" {
		t.Errorf("the token is verified by %s?%s", got.path, got.query)
	}
}

// sender is a key of a context.
type sender struct{}

func TestObserverIsToldOncePerRequest(t *testing.T) {
	for status, want := range map[int]Class{http.StatusOK: ClassOK, http.StatusNotFound: ClassGone, http.StatusTooManyRequests: ClassNotExecuted} {
		for _, operation := range operations() {
			var told, reads atomic.Int32
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if status != http.StatusOK {
					reply(status, "")(w, r)
					return
				}
				healthy(w, r)
			}, func(c *Config) {
				// The clock moves a second with each look.
				c.Now = func() time.Time { return epoch.Add(time.Duration(reads.Add(1)) * time.Second) }
				c.Observe = func(ctx context.Context, got Outcome) {
					if told.Add(1); got.Operation != operation.name || got.Class != want || got.Took <= 0 || got.HTTPStatus/100 != status/100 {
						t.Errorf("%s: told of %+v; want %s", operation.name, got, want)
					}
					if ctx.Value(sender{}) != "this test" {
						t.Errorf("%s: told with another context than the sender's", operation.name)
					}
				}
			})
			wantClass(t, operation.call(context.WithValue(t.Context(), sender{}, "this test"), client), want)
			if told.Load() != 1 {
				t.Errorf("%s: told %d times", operation.name, told.Load())
			}
		}
	}
}
