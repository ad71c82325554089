package voicesim_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// control asks the control API and decodes the response into value, unless that is
// nil.
func (r *room) control(method, path, body string, status int, value any) string {
	r.t.Helper()
	w := httptest.NewRecorder()
	r.ControlHandler().ServeHTTP(w, httptest.NewRequest(method, "/control"+path, strings.NewReader(body)))
	if w.Code != status {
		r.t.Errorf("%s %s responds %d, want %d: %s", method, path, w.Code, status, w.Body)
	}
	if value != nil {
		if err := json.Unmarshal(w.Body.Bytes(), value); err != nil {
			r.t.Fatalf("%s %s responds %q: %v", method, path, w.Body, err)
		}
	}
	return w.Body.String()
}

func TestControlAccounts(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	var added struct{ SID, Token string }
	r.control("POST", "/accounts", "", 200, &added)
	path := strings.Replace(root, account, added.SID, 1)
	try := func(token string, status int) {
		t.Helper()
		if got := r.as(added.SID, token, "GET", path, "").status; got != status {
			t.Errorf("token %s: %d, want %d", token, got, status)
		}
	}
	if !isUUID(added.SID) || len(added.Token) != 50 {
		t.Errorf("added %+v", added)
	}
	try(added.Token, 200)
	r.SetSettings(voicesim.Settings{MissingScopeStatus: 403})
	r.control("PUT", "/accounts/"+added.SID+"/tokens", `{"tokens": ["PT1", "PT2"], "withoutVoice": ["PT3"]}`, 204, nil)
	try(added.Token, 401)
	try("PT1", 200)
	try("PT2", 200)
	try("PT3", 403)
	r.control("POST", "/accounts/"+added.SID+"/revoke", "", 204, nil)
	try("PT1", 401)
	try("PT3", 401)
	r.control("POST", "/accounts", `{"sid": "`+added.SID+`", "token": "PT4"}`, 200, nil)
	try("PT4", 200)
}

func TestControlConference(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	var c voicesim.Conference
	r.control("POST", "/conferences", `{"friendlyName": "sales"}`, 200, &c)
	if c.Status != "init" || c.AccountSID != account || c.FriendlyName != "sales" || len(c.Participants) != 0 {
		t.Fatalf("opened %+v", c)
	}
	path := "/conferences/" + c.SID
	var p voicesim.Participant
	r.control("POST", path+"/participants", "", 200, nil)
	r.control("POST", path+"/participants", `{"callSID": "x", "muted": true, "endConferenceOnExit": true, "status": "ringing"}`, 200, &p)
	if p.Status != "ringing" || p.CallSID != "x" || !p.Muted || !p.EndConferenceOnExit || !p.StartConferenceOnEnter {
		t.Errorf("joined as %+v", p)
	}
	r.control("PATCH", path+"/participants/x", `{"muted": false, "hold": true, "coaching": true, "callSIDToCoach": "y",
		"startConferenceOnEnter": false, "endConferenceOnExit": false, "status": "complete"}`, 200, nil)
	r.control("PATCH", path+"/participants/x", `{"hold": false}`, 200, nil)
	r.control("GET", path+"/participants/x", "", 200, &p)
	if p.Muted || p.Hold || !p.Coaching || p.CallSIDToCoach != "y" || p.StartConferenceOnEnter || p.EndConferenceOnExit || p.Status != "complete" {
		t.Errorf("drifted to %+v", p)
	}
	if r.control("GET", path, "", 200, &c); c.Status != "in-progress" || len(c.Participants) != 2 {
		t.Errorf("going on as %+v", c)
	}
	r.control("DELETE", path+"/participants/x", "", 204, nil)
	r.control("POST", "/calls/"+c.Participants[0]+"/hangup", "", 204, nil)
	if r.control("GET", path, "", 200, &c); c.Status != "completed" || len(c.Participants) != 0 {
		t.Errorf("ended as %+v", c)
	}
	if r.control("POST", "/conferences/"+r.sid+"/end", "", 200, &c); c.Status != "completed" {
		t.Errorf("made to end: %+v", c)
	}
}

func TestControlFaultsAndJournal(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	var injected struct{ ID int }
	r.control("POST", "/faults", `{"operation": "update_participant", "times": 1, "status": 429, "header": {"Retry-After": ["2"]},
		"delay": "1us", "revertAfter": "2s", "staleReads": "3s"}`, 200, &injected)
	if a := r.update(alice, "Muted=true", 429, 20429); a.header.Get("Retry-After") != "2" {
		t.Error("no Retry-After")
	}
	r.update(alice, "Muted=true", 200, 0)
	r.get(root)
	var journal struct{ Requests []voicesim.Request }
	r.control("GET", "/journal?since=1&operation=update_participant", "", 200, &journal)
	if got := journal.Requests; len(got) != 1 || got[0].Seq != 2 || got[0].Status != 200 || got[0].Form.Get("Muted") != "true" {
		t.Errorf("journal %+v", got)
	}
	r.control("GET", "/journal", "", 200, &journal)
	if got := journal.Requests; len(got) != 3 || got[0].Fault != injected.ID {
		t.Errorf("journal %+v", got)
	}
	var counts map[string]int
	if r.control("GET", "/counts", "", 200, &counts); counts[voicesim.OpUpdateParticipant] != 2 {
		t.Errorf("counted %v", counts)
	}
	r.control("DELETE", "/journal", "", 204, nil)
	if got := r.control("GET", "/journal", "", 200, nil); got != `{"requests":[]}`+"\n" {
		t.Errorf("journal %s", got)
	}
	for _, path := range []string{"/faults", "/faults/3"} {
		r.control("POST", "/faults", `{"status": 500}`, 200, nil)
		r.expect(r.get(root), 500, 20504)
		r.control("DELETE", path, "", 204, nil)
		r.expect(r.get(root), 200, 0)
	}
}

func TestControlFaultDurations(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.control("POST", "/faults", `{"revertAfter": "2s", "staleReads": "1s"}`, 200, nil)
	r.update(alice, "Muted=true", 200, 0)
	for _, want := range []string{"", "m", ""} {
		if got := r.state(); got != want {
			t.Errorf("reads show %q, want %q", got, want)
		}
		r.clock.advance(1_000_000_000)
	}
}

func TestControlSettings(t *testing.T) {
	r := newRoom(t, voicesim.Settings{StrictFields: true})
	const put = `{"absentCoachingResets": true, "visibleAfter": "1.5s", "completedConference": "422-10000", "listLag": "2s"}`
	returned := r.control("PUT", "/settings", put, 200, nil)
	got := r.Settings()
	if !got.AbsentCoachingResets || got.StrictFields || got.VisibleAfter.Seconds() != 1.5 || got.ListLag.Seconds() != 2 || got.CoacheeLeaves != "reset" {
		t.Errorf("settings %+v", got)
	}
	for _, want := range []string{`"visibleAfter":"1.5s"`, `"listLag":"2s"`, `"completedConference":"422-10000"`, `"missingScopeStatus":401`} {
		if !strings.Contains(returned, want) || r.control("GET", "/settings", "", 200, nil) != returned {
			t.Errorf("no %s in %s", want, returned)
		}
	}
}

func TestControlRefuses(t *testing.T) {
	for _, tt := range []struct {
		method, path, body string
		status             int
		text               string
	}{
		{"PUT", "/accounts/x/tokens", `{}`, 404, "no such account"},
		{"POST", "/accounts/x/revoke", "", 404, "no such account"},
		{"POST", "/accounts", `{"sid": 1}`, 400, "reading the body"},
		{"PUT", "/accounts/x/tokens", `{`, 400, "reading the body"},
		{"POST", "/conferences", `{"name": "x"}`, 400, "unknown field"},
		{"POST", "/conferences", "", 400, "friendlyName"},
		{"POST", "/conferences", `{"friendlyName": "` + strings.Repeat("x", 65) + `"}`, 400, "friendlyName"},
		{"POST", "/conferences", `{"friendlyName": "x", "accountSID": "y"}`, 404, "no such account"},
		{"GET", "/conferences/x", "", 404, "no such conference"},
		{"POST", "/conferences/x/end", "", 404, "no such conference"},
		{"POST", "/conferences/x/participants", "", 404, "no such conference"},
		{"POST", "/conferences/x/participants", `[]`, 400, "reading the body"},
		{"GET", "/conferences/x/participants/y", "", 404, "no such participant"},
		{"PATCH", "/conferences/x/participants/y", `{"muted": true}`, 404, "no such participant"},
		{"PATCH", "/conferences/x/participants/y", `{"mute": true}`, 400, "unknown field"},
		{"DELETE", "/conferences/x/participants/y", "", 404, "no such participant"},
		{"GET", "/calls/x", "", 404, "no such call"},
		{"POST", "/calls/x/hangup", "", 404, "no such call"},
		{"GET", "/rooms", "", 400, "friendlyName"},
		{"GET", "/rooms?friendlyName=x", "", 404, "no such room"},
		{"POST", "/rooms/join", `{"friendlyName": "x", "mute": true}`, 400, "unknown field"},
		{"POST", "/rooms/join", "", 400, "friendlyName"},
		{"POST", "/rooms/join", `{"friendlyName": "x", "accountSID": "y"}`, 404, "no such account"},
		{"POST", "/rooms/end", `{"friendlyName": "x"}`, 404, "no such room"},
		{"POST", "/rooms/end", `{`, 400, "reading the body"},
		{"POST", "/faults", `{"shape": "round"}`, 400, "shape"},
		{"POST", "/faults", `{"delay": "soon"}`, 400, "a duration is written like 1.5s"},
		{"POST", "/faults", `{"delay": 5}`, 400, "reading the body"},
		{"DELETE", "/faults/1", "", 404, "no such fault"},
		{"DELETE", "/faults/x", "", 404, "no such fault"},
		{"PUT", "/settings", `{"coacheeLeaves": "stays"}`, 400, "coacheeLeaves"},
		{"PUT", "/settings", `{"x": 1}`, 400, "unknown field"},
		{"GET", "/journal?since=x", "", 400, "since"},
		{"PATCH", "/settings", "", 405, ""},
		{"GET", "/other", "", 404, ""},
	} {
		r := newRoom(t, voicesim.Settings{})
		got := r.control(tt.method, tt.path, tt.body, tt.status, nil)
		if tt.text != "" && (!strings.HasPrefix(got, `{"error":"`) || !strings.Contains(got, tt.text)) {
			t.Errorf("%s %s responds %s, want %q in it", tt.method, tt.path, got, tt.text)
		}
	}
}

func TestControlNeedsTheAccountIfThereAreTwo(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.AddAccount(bob, "PTbob")
	r.control("POST", "/conferences", `{"friendlyName": "x"}`, 404, nil)
	var c voicesim.Conference
	if r.control("POST", "/conferences", `{"friendlyName": "x", "accountSID": "`+bob+`"}`, 200, &c); c.AccountSID != bob {
		t.Errorf("opened %+v", c)
	}
}
