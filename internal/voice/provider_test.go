package voice

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// provider is an API as a server sees and serves it. It repeats what a Dialect
// says, so that a Dialect can't be right about itself.
type provider struct {
	dialect                   Dialect
	account, authorization    string
	root, suffix              string
	pageSize                  string
	coachField, coachKey      string
	missing                   []string
	ended, ringing, active    []string
	coacheeMissing, completed int
	badURL                    int
	reset                     string
	lacking                   string
	inbound, outbound         []string
	// callPages is the size of a page of calls, as a query.
	callPages string
}

func providers() []provider {
	return []provider{{
		dialect: SignalWire(), account: account, authorization: basicAuthorization(account),
		root: "/api/laml/2010-04-01", pageSize: "PageSize=1000", coachField: "CallSidToCoach", coachKey: "call_sid_to_coach",
		ended:   []string{"completed", "complete", "failed", "busy", "no-answer", "canceled"},
		ringing: []string{"queued", "initiated", "ringing", "connecting"}, active: []string{"in-progress", "connected", "", "never heard of"},
		coacheeMissing: 16002, completed: 10000, badURL: 21402, reset: "X-Ratelimit-Reset",
		inbound: []string{"inbound"}, outbound: []string{"outbound", "outbound-api", "outbound-dial"}, callPages: "PageSize=1000",
	}, {
		dialect: invented(), account: inventedAccount, authorization: "Bearer " + canary,
		root: "/v7/voice", suffix: ".json", pageSize: "Limit=20", coachField: "CoachTarget", coachKey: "coaching_call_sid",
		missing: []string{"hold", "coaching", "coaching_call_sid", "start_conference_on_enter"},
		ended:   []string{"completed", "failed"}, ringing: []string{"dialling"},
		active:         []string{"queued", "connected", "in-progress", "complete", ""},
		coacheeMissing: 777, completed: 778, badURL: 779, reset: "X-Limit-Reset", lacking: "Beep",
		inbound: []string{"incoming"}, outbound: []string{"outgoing"}, callPages: "Limit=30",
	}}
}

func basicAuthorization(user string) string {
	request := &http.Request{Header: http.Header{}}
	request.SetBasicAuth(user, canary)
	return request.Header.Get("Authorization")
}

const inventedAccount = "AC0123456789abcdef0123456789abcdef"

// invented differs from SignalWire in everything that a dialect can express.
func invented() Dialect {
	fields := SignalWire().UpdateFields
	fields[FieldCallSIDToCoach] = "CoachTarget"
	fields[FieldAnnounceMethod] = ""
	delete(fields, FieldBeep)
	delete(fields, FieldStatus)
	paging := Paging{SizeParameter: "Limit", MaxSize: 20, NextKey: "following"}
	return Dialect{
		Name: "Invented", Root: "/v7/voice", Suffix: ".json",
		Authenticate: func(request *http.Request, _ string, token Secret) {
			request.Header.Set("Authorization", "Bearer "+string(token))
		},
		SIDs:            SIDForms{Account: `^AC[0-9a-f]{32}$`},
		UpdateFields:    fields,
		ParticipantKeys: map[string]string{"coaching_call_sid": "call_sid_to_coach"},
		OptionalKeys:    []string{"hold", "coaching"},
		EndStatuses:     []string{"completed", "failed"},
		RingingStatuses: []string{"dialling"},
		Codes: map[int]Code{
			777: {Meaning: "no such coachee", Class: ClassCoacheeMissing}, 778: {Class: ClassGone}, 779: {Meaning: "bad URL", Permanent: true},
		},
		Conferences: Paging{NextKey: "following"}, Participants: paging,
		Calls:          Paging{SizeParameter: "Limit", MaxSize: 30, NextKey: "next"},
		Directions:     map[string]Direction{"incoming": Inbound, "outgoing": Outbound},
		RateLimitReset: "X-Limit-Reset",
	}
}

// path is the path of a resource of the account.
func (p provider) path(segments ...string) string {
	return p.root + "/Accounts/" + p.account + "/" + strings.Join(segments, "/") + p.suffix
}

func (p provider) participantPath() string {
	return p.path("Conferences", conference, "Participants", callSID)
}

// participant is a participant in the provider's JSON, with standard keys.
func (p provider) participant(changes fields) string {
	var standard fields
	if err := json.Unmarshal([]byte(participant(changes)), &standard); err != nil {
		panic(err)
	}
	target := standard["call_sid_to_coach"]
	delete(standard, "call_sid_to_coach")
	standard[p.coachKey] = target
	return standard.json(nil)
}

// serve starts a server of the provider, and a client of it. The server refuses
// requests with other credentials.
func (p provider) serve(t *testing.T, handler http.HandlerFunc) (*Client, <-chan sent) {
	t.Helper()
	handler, seen := record(t, handler)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != p.authorization {
			t.Errorf("the credentials are %q, want %q", got, p.authorization)
		}
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return newClient(t, server.URL, func(c *Config) { c.Dialect, c.AccountSID = p.dialect, p.account }), seen
}

// respond is the error of an update to which the provider responds in some way.
func (p provider) respond(t *testing.T, status, code int, header ...string) *Error {
	t.Helper()
	client, _ := p.serve(t, reply(status, fmt.Sprintf(`{"code":%d,"message":"no"}`, code), header...))
	return failure(t, update(t.Context(), client))
}
