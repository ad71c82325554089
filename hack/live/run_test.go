package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// quiet fails the test if a secret, a number or a name was printed.
func quiet(t *testing.T, printed string) {
	t.Helper()
	for _, secret := range []string{"canary", number, strings.TrimPrefix(number, "+")} {
		if strings.Contains(printed, secret) {
			t.Errorf("%q is printed:\n%s", secret, printed)
		}
	}
}

func TestEverythingIsFound(t *testing.T) {
	s := newStage(t, voicesim.Settings{}, caller, trainee)
	p, out := s.probe(t, "yes", "no", "remove", "end")
	if code := p.run(t.Context(), out); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
	printed := out.String()
	quiet(t, printed)
	for _, want := range []string{
		"found   absent-coaching: Does an update without Coaching end the coaching? No.\n            simulator: absentCoachingResets: false",
		"found   hold-hears: Does a call on hold hear the conference? No.", "found   completed-list: ", "found   left-read: ",
		"Broken clauses of the contract: 0. Open questions: 3.", `"completedConference":"404"`,
	} {
		if !strings.Contains(printed, want) {
			t.Errorf("%q is not printed", want)
		}
	}
	// What needs another moment, or another conference.
	for _, id := range []string{"start-alone", "waiting-listed", "join-date"} {
		if !strings.Contains(printed, "open    "+id) {
			t.Errorf("%s is not open", id)
		}
	}
	if t.Failed() {
		t.Log(printed)
	}
}

// Without a yes nothing is changed, and with the first one no more than the call.
func TestNobodyIsTouchedWithoutAYes(t *testing.T) {
	for _, lines := range [][]string{nil, {"no", "no", "no"}, {"y"}, {"", "yes"}} {
		s := newStage(t, voicesim.Settings{}, caller, trainee)
		p, out := s.probe(t, lines...)
		if code := p.run(t.Context(), out); code != 0 || s.writes() != 0 {
			t.Errorf("after %q the exit code is %d and there were %d changes", lines, code, s.writes())
		}
		if !strings.Contains(out.String(), "open    completed-list: What is the list of participants after the end? (not permitted)") {
			t.Errorf("after %q\n%s", lines, out)
		}
	}
	s := newStage(t, voicesim.Settings{}, caller, trainee)
	p, out := s.probe(t, "yes", "no", "yes", "yes")
	p.run(t.Context(), out)
	counts := s.Counts()
	if s.writes() == 0 || counts[voicesim.OpRemoveParticipant] != 0 || counts[voicesim.OpUpdateConference] != 0 {
		t.Errorf("got %v", counts)
	}
	for _, request := range s.Journal() {
		if request.Method == "POST" && request.CallSID != caller {
			t.Errorf("call %s is changed", request.CallSID)
		}
	}
}

// Each clause that is broken is said, and has an exit code.
func TestABrokenContract(t *testing.T) {
	for want, fault := range map[string]voicesim.Fault{
		"BROKEN  The token is accepted.":           {Operation: voicesim.OpListConferences, Status: 401},
		"BROKEN  A wrong token":                    {Operation: voicesim.OpListConferences, Status: 200, Body: `{"conferences": []}`},
		"BROKEN  The conference is read":           {Operation: voicesim.OpGetConference, Status: 500},
		"BROKEN  So is the participant.":           {Operation: voicesim.OpGetParticipant, Row: &voicesim.RowFault{Omit: []string{"end_conference_on_exit"}}},
		"BROKEN  The lists":                        {Operation: voicesim.OpListParticipants, Row: &voicesim.RowFault{Set: map[string]any{"call_sid": trainee}}},
		"BROKEN  A call that is not there":         {Operation: voicesim.OpGetParticipant, CallSID: noCall, Status: 422},
		"BROKEN  An update returns":                {Operation: voicesim.OpUpdateParticipant, Ignore: true},
		"BROKEN  Hold music that is no URL":        {Operation: voicesim.OpUpdateParticipant, Match: has("HoldUrl"), Status: 500},
		"BROKEN  A coachee that is not there":      {Operation: voicesim.OpUpdateParticipant, Match: has("CallSidToCoach"), Status: 422, Code: 99999},
		"the call could not be put back as it was": {Operation: voicesim.OpUpdateParticipant, Match: has("Hold"), Status: 503},
	} {
		s := newStage(t, voicesim.Settings{}, caller, trainee)
		s.Inject(fault)
		p, out := s.probe(t, "yes")
		if code := p.run(t.Context(), out); code != exitBroken || !strings.Contains(out.String(), want) {
			t.Errorf("the exit code is %d, and %q is not printed:\n%s", code, want, out)
		}
		quiet(t, out.String())
	}
}

func has(field string) func(voicesim.Request) bool {
	return func(r voicesim.Request) bool { return r.Form.Has(field) }
}

// Where there is no provider, that is said without the address of the request.
func TestNoProvider(t *testing.T) {
	s := newStage(t, voicesim.Settings{}, caller, trainee)
	s.settings.baseURL = "http://127.0.0.1:1"
	p, out := s.probe(t, "yes")
	if code := p.run(t.Context(), out); code != exitBroken || !strings.Contains(out.String(), "connection refused") {
		t.Errorf("the exit code is %d:\n%s", code, out)
	}
	quiet(t, out.String())
}

// What is missing, or has another form, is named; its value is not.
func TestTheEnvironment(t *testing.T) {
	full := map[string]string{
		"LIVE_BASE_URL": "https://acme.signalwire.com", "LIVE_ACCOUNT_SID": account, "LIVE_TOKEN": token,
		"LIVE_CONFERENCE": trainee, "LIVE_CALL": caller,
	}
	for name, value := range map[string]string{
		"LIVE_BASE_URL": "", "LIVE_TOKEN": "", "LIVE_CONFERENCE": roomName, "LIVE_CALL": number, "LIVE_SECOND_CALL": number, "LIVE_ACCOUNT_SID": "canary",
	} {
		out := &bytes.Buffer{}
		getenv := func(asked string) string {
			if asked == name {
				return value
			}
			return full[asked]
		}
		if code := run(context.Background(), getenv, strings.NewReader(""), out); code != exitUsage || !strings.Contains(out.String(), name) {
			t.Errorf("%s: the exit code is %d: %s", name, code, out)
		}
		quiet(t, out.String())
	}
}
