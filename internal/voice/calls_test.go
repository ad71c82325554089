package voice

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestGetCall(t *testing.T) {
	want := Call{SID: callSID, From: caller, To: "sip:room@pbx.example.com", Direction: Inbound, Status: "in-progress"}
	with := func(change func(*Call)) Call {
		changed := want
		change(&changed)
		return changed
	}
	long := strings.Repeat("1", 1025)
	for _, test := range []struct {
		name string
		body string
		// want is the zero Call if it can't be read.
		want Call
	}{
		{"as documented", call(nil), want},
		{"a parent", call(fields{"parent_call_sid": coachee}), with(func(c *Call) { c.ParentCallSID = coachee })},
		{"a parent that is no text", call(fields{"parent_call_sid": 7}), want},
		{"withheld", call(fields{"from": ""}), with(func(c *Call) { c.From = "" })},
		{"null", call(fields{"from": nil}), with(func(c *Call) { c.From = "" })},
		{"absent", call(fields{"from": absent{}, "to": absent{}}), with(func(c *Call) { c.From, c.To = "", "" })},
		{"an escape", strings.Replace(call(nil), caller, `\u002b15555550100`, 1), want},
		{"no direction", call(fields{"direction": absent{}}), with(func(c *Call) { c.Direction = DirectionUnknown })},
		{"another direction", call(fields{"direction": "trunking"}), with(func(c *Call) { c.Direction = DirectionUnknown })},
		{"ended", call(fields{"status": "completed"}), with(func(c *Call) { c.Status, c.Phase = "completed", PhaseEnded })},
		{"rings", call(fields{"status": "ringing"}), with(func(c *Call) { c.Status, c.Phase = "ringing", PhaseRinging })},
		{"no SID", call(fields{"sid": absent{}}), Call{}},
		{"another SID", call(fields{"sid": coachee}), Call{}},
		{"from is a number", call(fields{"from": 15555550100}), Call{}},
		{"to is an object", call(fields{"to": fields{}}), Call{}},
		{"direction is a list", call(fields{"direction": []string{"inbound"}}), Call{}},
		{"status is a flag", call(fields{"status": true}), Call{}},
		{"long", call(fields{"to": long}), Call{}},
		{"a conference", fields{"sid": 7}.json(nil), Call{}},
		{"null", "null", Call{}}, {"a list", "[]", Call{}}, {"HTML", "<html/>", Call{}}, {"garbage after it", call(nil) + "x", Call{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := serve(t, reply(http.StatusOK, test.body)).GetCall(t.Context(), callSID)
			if got != test.want || (err == nil) != (test.want != Call{}) {
				t.Errorf("got %#v of %s, %v", got.From.Reveal(), got.SID, err)
			}
			if err != nil {
				wantUnreadable(t, err)
			}
		})
	}
}

// Time is virtual here, and the connection a pipe.
func TestR21ACallThatIsAnsweredAfterFiveSecondsIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newClient(t, "http://acme.signalwire.com")
		answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", len(call(nil)), call(nil))
		client.connections.current.Load().DialContext = func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() {
				_, _ = theirs.Read(make([]byte, 4096))
				time.Sleep(5*time.Second + time.Millisecond)
				_, _ = theirs.Write([]byte(answer))
				_ = theirs.Close()
			}()
			return ours, nil
		}
		if got, err := client.GetCall(t.Context(), callSID); err != nil || got.SID != callSID {
			t.Errorf("got %s, %v", got.SID, err)
		}
	})
}

// A call that can't be read says nothing about the provider as a whole.
func TestAFlawedCallHasAFlaw(t *testing.T) {
	_, err := serve(t, reply(http.StatusOK, call(fields{"from": 7}))).GetCall(t.Context(), callSID)
	if failed := failure(t, err); failed.Flaw != "call" || failed.Flaw.Explain() != "is not a call that can be read" {
		t.Errorf("got %+v", failed)
	}
}

func TestOddRowsOfCallsDoNotStopTheList(t *testing.T) {
	rows := []string{
		call(fields{"sid": "a"}), call(fields{"sid": "b", "from": 7}), "null", "7", `"x"`, "[]", "{}", call(fields{"sid": 7}),
		call(fields{"sid": strings.Repeat("x", 1025)}), call(fields{"sid": "c", "direction": "outbound-dial"}),
	}
	var sids []string
	var unreadable []string
	for page, err := range serve(t, reply(http.StatusOK, `{"calls":[`+strings.Join(rows, ",")+`]}`)).CallPages(t.Context(), CallFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			sids = append(sids, fmt.Sprint(item.SID, item.Direction))
		}
		unreadable = page.Unreadable
	}
	if fmt.Sprint(sids) != "[a1 c2]" || !reflect.DeepEqual(unreadable, []string{"b", "", "", "", "", "", "", ""}) {
		t.Errorf("got %s and %q", sids, unreadable)
	}
}

func TestListsThatAreNone(t *testing.T) {
	for _, body := range []string{`{}`, `{"calls":null}`, `{"calls":{}}`, conferences, "null", "[]", "", "<html/>"} {
		client := serve(t, reply(http.StatusOK, body))
		wantUnreadable(t, drain(client.CallPages(t.Context(), CallFilter{})))
		if body != conferences {
			wantUnreadable(t, drain(client.ConferencePages(t.Context(), ConferenceFilter{})))
		}
	}
}

func TestANumberNeverShows(t *testing.T) {
	const digits = "5555550100"
	for name, value := range map[string]any{
		"number": Number(caller), "call": Call{SID: callSID, From: caller, To: caller}, "page": CallPage{Items: []Call{{From: caller}}},
		"numbers": []Number{caller}, "map": map[string]Number{"from": caller}, "pointer": &Call{To: caller},
	} {
		for how, text := range printed(value) {
			if strings.Contains(text, digits) || strings.Contains(text, fmt.Sprintf("%x", digits)) {
				t.Errorf("%s by %s: %s", name, how, text)
			}
		}
	}
	if text := fmt.Sprintf("%s|%d|%#v|%v", Number(caller), Number(caller), Number(caller), Number(caller).LogValue()); text != "[redacted]|[redacted]|[redacted]|[redacted]" {
		t.Errorf("got %s", text)
	}
	if Number(caller).Reveal() != caller {
		t.Error("it can't be compared")
	}
}

// An answer that can't be read keeps the numbers in it.
func TestErrorsOfCallsTellNoNumber(t *testing.T) {
	for _, body := range []string{
		call(fields{"sid": coachee}), call(fields{"status": 7}), call(nil)[:90], call(fields{"to": strings.Repeat(caller, 200)}),
	} {
		_, err := serve(t, reply(http.StatusOK, body)).GetCall(t.Context(), callSID)
		for how, text := range printed(failure(t, err)) {
			if strings.Contains(text, "5555550100") {
				t.Errorf("%s: %s", how, text)
			}
		}
	}
}

func dialectCalls(t *testing.T, p provider) {
	for want, words := range map[Direction][]string{Inbound: p.inbound, Outbound: p.outbound, DirectionUnknown: {"", "INBOUND", "never heard of"}} {
		for _, word := range words {
			client, _ := p.serve(t, reply(http.StatusOK, call(fields{"direction": word})))
			if got, err := client.GetCall(t.Context(), callSID); err != nil || got.Direction != want {
				t.Errorf("%s is %d, want %d: %v", word, got.Direction, want, err)
			}
		}
	}
	for want, statuses := range map[Phase][]string{PhaseEnded: p.ended, PhaseRinging: p.ringing, PhaseActive: p.active} {
		for _, status := range statuses {
			client, _ := p.serve(t, reply(http.StatusOK, call(fields{"status": status})))
			if got, err := client.GetCall(t.Context(), callSID); err != nil || got.Phase != want {
				t.Errorf("%s is %d, want %d: %v", status, got.Phase, want, err)
			}
		}
	}
	client, seen := p.serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := `{"calls":[` + call(nil) + `]}`
		if r.URL.Query().Get("Page") == "" {
			page = fmt.Sprintf(`{"calls":[%s],%q:"?Page=1"}`, call(fields{"sid": coachee}), p.dialect.Calls.NextKey)
		}
		reply(http.StatusOK, page)(w, r)
	})
	if err := drain(client.CallPages(t.Context(), CallFilter{})); err != nil {
		t.Error(err)
	}
	if first, second := <-seen, <-seen; first.query != p.callPages || second.query != "Page=1" || second.path != p.path("Calls") {
		t.Errorf("got %+v and %+v", first, second)
	}
}
