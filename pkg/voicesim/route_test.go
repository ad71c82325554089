package voicesim_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func TestRoutes(t *testing.T) {
	const accounts = "/api/laml/2010-04-01/Accounts/" + account
	for _, tt := range []struct {
		method, path, operation string
		status, code            int
	}{
		{"GET", root, voicesim.OpListConferences, 200, 0},
		{"GET", root + ".json", voicesim.OpListConferences, 200, 0},
		{"POST", root, "", 405, 20004},
		{"GET", "ROOM", voicesim.OpGetConference, 200, 0},
		{"POST", "ROOM.json", voicesim.OpUpdateConference, 200, 0},
		{"DELETE", "ROOM", "", 405, 20004},
		{"GET", "ROOM/Participants", voicesim.OpListParticipants, 200, 0},
		{"GET", "ROOM/Participants.json", voicesim.OpListParticipants, 200, 0},
		{"POST", "ROOM/Participants", "", 405, 20004},
		{"GET", "ROOM/Participants/" + alice + ".json", voicesim.OpGetParticipant, 200, 0},
		{"POST", "ROOM/Participants/" + alice, voicesim.OpUpdateParticipant, 200, 0},
		{"PUT", "ROOM/Participants/" + alice, "", 405, 20004},
		{"DELETE", "ROOM/Participants/" + alice, voicesim.OpRemoveParticipant, 204, 0},
		{"GET", "ROOM/Participants/" + alice + "/Other", "", 404, 20404},
		{"GET", "ROOM/Recordings", "", 404, 20404},
		{"GET", root + "/" + bob, voicesim.OpGetConference, 404, 20404},
		{"GET", root + "/" + bob + "/Participants", voicesim.OpListParticipants, 404, 20404},
		{"GET", "ROOM/Participants/" + account, voicesim.OpGetParticipant, 404, 20404},
		{"GET", accounts + "/Calls", voicesim.OpListCalls, 200, 0},
		{"GET", accounts + "/Calls.json", voicesim.OpListCalls, 200, 0},
		{"POST", accounts + "/Calls", "", 405, 20004},
		{"GET", accounts + "/Calls/" + alice, voicesim.OpGetCall, 200, 0},
		{"GET", accounts + "/Calls/" + alice + ".json", voicesim.OpGetCall, 200, 0},
		{"GET", accounts + "/Calls/" + account, voicesim.OpGetCall, 404, 20404},
		{"POST", accounts + "/Calls/" + alice, "", 405, 20004},
		{"GET", accounts + "/Calls/" + alice + "/Events", "", 404, 20404},
		{"GET", accounts + "/Recordings", "", 404, 20404},
		{"GET", "/", "", 404, 20404},
		{"GET", "/2010-04-01/Accounts/" + account + "/Conferences", voicesim.OpListConferences, 200, 0},
		{"GET", "/2010-04-01/Accounts/" + account + "/Conferences.json", voicesim.OpListConferences, 200, 0},
		{"POST", "VENDOR/Participants/" + alice + ".json", voicesim.OpUpdateParticipant, 200, 0},
		{"DELETE", "VENDOR/Participants/" + alice + ".json", voicesim.OpRemoveParticipant, 204, 0},
		{"GET", "/laml/2010-04-01/Accounts/" + account + "/Conferences", "", 404, 20404},
		{"GET", "/api/2010-04-01/Accounts/" + account + "/Conferences", "", 404, 20404},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			path := strings.NewReplacer("ROOM", r.path, "VENDOR", strings.TrimPrefix(r.path, "/api/laml")).Replace(tt.path)
			a := r.do(tt.method, path, "")
			r.expect(a, tt.status, tt.code)
			if got := r.Journal()[0].Operation; got != tt.operation {
				t.Errorf("operation %q, want %q", got, tt.operation)
			}
			if got := a.header.Get("Content-Type"); tt.status != 204 && got != "application/json; charset=utf-8" {
				t.Errorf("Content-Type %q", got)
			}
			if got := a.header.Get("X-Request-Id"); !isUUID(got) {
				t.Errorf("X-Request-Id %q is no UUID", got)
			}
		})
	}
}

func isUUID(s string) bool {
	return regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(s)
}

func TestCredentials(t *testing.T) {
	const stranger, strangers = "11111111-2222-4333-8444-555555555555", "PTother"
	unknown := strings.Replace(root, account, carol, 1)
	for _, tt := range []struct {
		name           string
		settings       voicesim.Settings
		user, password string
		path           string
		status, code   int
	}{
		{name: "right", user: account, password: token, path: root, status: 200},
		{name: "second token", user: account, password: "PTsecond", path: root, status: 200},
		{name: "none", path: root, status: 401, code: 20003},
		{name: "wrong token", user: account, password: "PT", path: root, status: 401, code: 20003},
		{name: "empty token", user: account, path: root, status: 401, code: 20003},
		{name: "token of another", user: account, password: strangers, path: root, status: 401, code: 20003},
		{name: "another account", user: stranger, password: strangers, path: root, status: 401, code: 20003},
		{name: "another user", user: stranger, password: token, path: root, status: 401, code: 20003},
		{name: "no scope", user: account, password: "PTfax", path: root, status: 401, code: 20003},
		{
			name: "no scope, 403", settings: voicesim.Settings{MissingScopeStatus: 403},
			user: account, password: "PTfax", path: root, status: 403, code: 20003,
		},
		{name: "unknown account", user: carol, password: token, path: unknown, status: 401, code: 20003},
		{
			name: "unknown account, 404", settings: voicesim.Settings{UnknownAccountStatus: 404},
			user: carol, password: token, path: unknown, status: 404, code: 20404,
		},
		{name: "wrong token on no route", user: account, password: "PT", path: root + "/a/b/c/d", status: 401, code: 20003},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t, tt.settings)
			r.AddAccount(stranger, strangers)
			r.SetTokens(account, token, "PTsecond")
			r.SetTokensWithoutVoice(account, "PTfax")
			r.expect(r.as(tt.user, tt.password, "GET", tt.path, ""), tt.status, tt.code)
		})
	}
}

func TestTokensRotateAndAreRevoked(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.AddAccount(account, "PTnew")
	r.expect(r.get(root), 401, 20003)
	r.expect(r.as(account, "PTnew", "GET", r.path, ""), 200, 0)
	r.RevokeTokens(account)
	r.expect(r.as(account, "PTnew", "GET", r.path, ""), 401, 20003)
}

func TestAccountsDoNotSeeEachOther(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.AddAccount(carol, "PTcarol")
	path := strings.Replace(r.path, account, carol, 1)
	r.expect(r.as(carol, "PTcarol", "GET", path, ""), 404, 20404)
	r.expect(r.as(carol, "PTcarol", "POST", path+"/Participants/"+alice, "Muted=true"), 404, 20404)
	if r.is(alice).Muted {
		t.Error("another account muted Alice")
	}
}

func TestRateLimit(t *testing.T) {
	r := newRoom(t, voicesim.Settings{RateLimit: 2})
	remaining := func(a response) string { return a.header.Get("X-Ratelimit-Remaining") }
	for _, want := range []string{"1", "0"} {
		if a := r.update(alice, "Muted=true", 200, 0); remaining(a) != want {
			t.Errorf("%q remaining, want %s", remaining(a), want)
		}
	}
	a := r.update(alice, "Muted=false", 429, 20429)
	if !r.is(alice).Muted || r.Journal()[2].Applied {
		t.Error("a request beyond the limit was applied")
	}
	// 2026-09-07 10:15:42 lies in the ten seconds that end at 10:15:50.
	if got := a.header.Get("X-Ratelimit-Reset"); got != "1788776150" || a.header.Get("X-Ratelimit-Limit") != "2" {
		t.Errorf("X-Ratelimit-Reset %s, X-Ratelimit-Limit %s", got, a.header.Get("X-Ratelimit-Limit"))
	}
	if a := r.get(r.member(alice)); a.status != http.StatusOK || remaining(a) != "0" {
		t.Errorf("a read responds %d with %q remaining", a.status, remaining(a))
	}
	r.clock.advance(8 * time.Second)
	if a := r.update(alice, "Muted=false", 200, 0); remaining(a) != "1" {
		t.Errorf("%q remaining in the next window", remaining(a))
	}
	if a := newRoom(t, voicesim.Settings{}).get(root); a.header.Get("X-Ratelimit-Limit") != "" {
		t.Error("rate-limit headers without a limit")
	}
}
