package voicesim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const callsRoot = "/api/laml/2010-04-01/Accounts/" + account + "/Calls"

// callsOf returns the calls of a list, in short.
func (r *room) callsOf(query string) string {
	r.t.Helper()
	got := r.get(callsRoot + query)
	var page struct {
		Calls []struct{ SID, Status string }
	}
	if err := json.Unmarshal([]byte(got.text), &page); err != nil || got.status != 200 {
		r.t.Fatalf("%s: %d, %s", query, got.status, got.text)
	}
	names := map[string]string{alice: "A", bob: "B", carol: "C"}
	var shown []string
	for _, call := range page.Calls {
		shown = append(shown, names[call.SID]+":"+call.Status)
	}
	return strings.Join(shown, " ")
}

func TestACallOnTheWire(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.HangUp(alice)
	r.clock.advance(time.Minute)
	r.Join(r.sid, voicesim.JoinOptions{CallSID: alice, From: "+15555550100", To: "sip:a@b.example", Direction: "outbound-api", ParentCallSID: bob, Status: "ringing"})
	want := `{"sid":"` + alice + `","account_sid":"` + account + `","parent_call_sid":"` + bob + `","from":"+15555550100","to":"sip:a@b.example",` +
		`"direction":"outbound-api","status":"ringing","api_version":"2010-04-01","date_created":"Mon, 07 Sep 2026 10:15:42 +0000",` +
		`"date_updated":"Mon, 07 Sep 2026 10:16:42 +0000","uri":"` + callsRoot + "/" + alice + `.json"}` + "\n"
	if got := r.get(callsRoot + "/" + alice).text; got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	if got := r.get(callsRoot + "/" + bob).text; !strings.Contains(got, `"parent_call_sid":null,"from":"","to":"","direction":"inbound"`) {
		t.Errorf("got %s", got)
	}
}

// Leaving a conference does not end a call; everything else that takes it out does.
func TestTheStatusOfACall(t *testing.T) {
	for name, test := range map[string]struct {
		act  func(r *room)
		want string
	}{
		"nothing":                 {func(*room) {}, "A:in-progress B:in-progress C:in-progress"},
		"it leaves":               {func(r *room) { r.Leave(r.sid, alice) }, "A:in-progress B:in-progress C:in-progress"},
		"it hangs up":             {func(r *room) { r.HangUp(alice) }, "A:completed B:in-progress C:in-progress"},
		"it leaves, and hangs up": {func(r *room) { r.Leave(r.sid, alice); r.HangUp(alice) }, "A:completed B:in-progress C:in-progress"},
		"it is removed":           {func(r *room) { r.do("DELETE", r.member(alice), "") }, "A:completed B:in-progress C:in-progress"},
		"the conference ends":     {func(r *room) { r.EndConference(r.sid) }, "A:completed B:completed C:completed"},
		"it moves":                {func(r *room) { r.JoinRoom(account, "ops", voicesim.JoinOptions{CallSID: alice}) }, "A:in-progress B:in-progress C:in-progress"},
		"its participant has ended": {func(r *room) {
			r.Drift(r.sid, alice, func(p *voicesim.Participant) { p.Status = "completed" })
		}, "A:completed B:in-progress C:in-progress"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			test.act(r)
			if got := r.callsOf(""); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestHangUpEndsACallOnce(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.Drift(r.sid, bob, func(p *voicesim.Participant) { p.Status = "completed" })
	for i, want := range []bool{true, false} {
		for _, call := range []string{alice, bob} {
			if got := r.HangUp(call); got != want {
				t.Errorf("%s hangs up, time %d: %v", call, i+1, got)
			}
		}
	}
	if _, there := r.Participant(r.sid, bob); there || r.HangUp("x") {
		t.Error("the participant is there, or a call that never was")
	}
}

func TestFiltersOfCalls(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.HangUp(alice)
	for call, options := range map[string]voicesim.JoinOptions{
		bob:   {From: "+15555550100", To: "+15555550199"},
		carol: {From: "+15555550101", To: "+15555550199", ParentCallSID: alice},
	} {
		options.CallSID = call
		r.JoinRoom(account, "ops", options)
	}
	for query, want := range map[string]string{
		"?Status=in-progress":               "B:in-progress C:in-progress",
		"?Status=completed":                 "A:completed",
		"?From=%2B15555550100":              "B:in-progress",
		"?To=%2B15555550199":                "B:in-progress C:in-progress",
		"?ParentCallSid=" + alice:           "C:in-progress",
		"?Status=ringing":                   "",
		"?To=%2B15555550199&Status=x":       "",
		"?From=%2B15555550101&PageSize=1":   "C:in-progress",
		"?Status=in-progress&PageSize=1000": "B:in-progress C:in-progress",
	} {
		if got := r.callsOf(query); got != want {
			t.Errorf("%s lists %s, want %s", query, got, want)
		}
	}
	r.expect(r.get(callsRoot+"?PageSize=1001"), 400, 54454)
}

func TestPagesOfCalls(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	var got []string
	for next := callsRoot + "?Status=in-progress&PageSize=2"; next != ""; {
		page := r.get(next)
		got = append(got, r.callsOf(next[len(callsRoot):]))
		if next = ""; page.body.Next != nil {
			next = *page.body.Next
		}
	}
	if want := "[A:in-progress B:in-progress C:in-progress]"; fmt.Sprint(got) != want || len(got) != 2 {
		t.Errorf("got %s", got)
	}
}

func TestCallsOfOthersAndYoungCallsAreHidden(t *testing.T) {
	r := newRoom(t, voicesim.Settings{VisibleAfter: time.Second})
	r.AddAccount(bob, "PTbob")
	r.JoinRoom(account, "sales", voicesim.JoinOptions{CallSID: "x"})
	r.JoinRoom(bob, "sales", voicesim.JoinOptions{CallSID: "x"})
	if call, _ := r.Call("x"); call.AccountSID != bob {
		t.Errorf("the call is of account %s", call.AccountSID)
	}
	r.HangUp("x")
	r.expect(r.get(callsRoot+"/"+alice), 404, 20404)
	if got := r.callsOf(""); got != "" {
		t.Errorf("lists %s", got)
	}
	r.clock.advance(time.Second)
	r.expect(r.get(callsRoot+"/x"), 404, 20404)
	r.expect(r.get(callsRoot+"/"+alice), 200, 0)
	if got := r.callsOf(""); got != "A:in-progress B:in-progress C:in-progress :in-progress" {
		t.Errorf("lists %s", got)
	}
}

func TestFaultsOfCalls(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.Inject(voicesim.Fault{Operation: voicesim.OpGetCall, CallSID: alice, Times: 3, Status: 404})
	for range 3 {
		r.expect(r.get(callsRoot+"/"+alice), 404, 20404)
		r.expect(r.get(callsRoot+"/"+bob), 200, 0)
		r.expect(r.get(r.member(alice)), 200, 0)
	}
	r.expect(r.get(callsRoot+"/"+alice), 200, 0)
	r.Inject(voicesim.Fault{Operation: voicesim.OpListCalls, Row: &voicesim.RowFault{SIDs: []string{bob}, Omit: []string{"status"}}})
	if got := r.callsOf(""); got != "A:in-progress B: C:in-progress" {
		t.Errorf("lists %s", got)
	}
}
