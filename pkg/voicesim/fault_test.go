package voicesim_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func TestFaultMatches(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault voicesim.Fault
		// want has the responses to six requests: mute Alice, read Alice, mute Bob,
		// list; then mute Alice and read Alice again.
		want string
	}{
		{"everything", voicesim.Fault{}, "xxxxxx"},
		{"operation", voicesim.Fault{Operation: voicesim.OpUpdateParticipant}, "x.x.x."},
		{"call", voicesim.Fault{CallSID: alice}, "xx..xx"},
		{"both", voicesim.Fault{CallSID: alice, Operation: voicesim.OpGetParticipant}, ".x...x"},
		{"account", voicesim.Fault{AccountSID: bob}, "......"},
		{"conference", voicesim.Fault{ConferenceSID: bob}, "......"},
		{"times", voicesim.Fault{CallSID: alice, Times: 2}, "xx...."},
		{"skip", voicesim.Fault{CallSID: alice, Skip: 1}, ".x..xx"},
		{"skip and times", voicesim.Fault{Skip: 1, Times: 2}, ".xx..."},
		{"every", voicesim.Fault{Every: 2}, ".x.x.x"},
		{"skip, times and every", voicesim.Fault{Skip: 1, Times: 2, Every: 2}, "..x.x."},
		{"function", voicesim.Fault{Match: func(r voicesim.Request) bool { return r.Form.Has("Muted") }}, "x.x.x."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			tt.fault.Status = 503
			id := r.Inject(tt.fault)
			mute, read := func(call string) { r.do("POST", r.member(call), "Muted=true") }, func() { r.get(r.member(alice)) }
			mute(alice)
			read()
			mute(bob)
			r.get(r.path + "/Participants")
			mute(alice)
			read()
			got := ""
			for _, request := range r.Journal() {
				hit := map[bool]string{true: "x", false: "."}[request.Status == 503]
				if (hit == "x") != (request.Fault == id) {
					t.Errorf("request %d names fault %d", request.Seq, request.Fault)
				}
				got += hit
			}
			if got != tt.want {
				t.Errorf("hit %s, want %s", got, tt.want)
			}
		})
	}
}

func TestFaultsTakeTurnsAndAreCleared(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.Inject(voicesim.Fault{Status: 500, Times: 1})
	second := r.Inject(voicesim.Fault{Status: 502})
	r.Inject(voicesim.Fault{Status: 504})
	for _, want := range []int{500, 502, 502} {
		if got := r.get(r.path).status; got != want {
			t.Errorf("status %d, want %d", got, want)
		}
	}
	if !r.ClearFault(second) || r.ClearFault(second) {
		t.Error("clearing a fault twice reports the same")
	}
	r.expect(r.get(r.path), 504, 20504)
	r.ClearFaults()
	r.expect(r.get(r.path), 200, 0)
}

func TestFaultResponses(t *testing.T) {
	const known = "https://developer.signalwire.com/compatibility-api/reference/error-codes"
	for _, tt := range []struct {
		name    string
		fault   voicesim.Fault
		form    string
		status  int
		applied bool
		// text is in the body; "=" before it means that it is all of it.
		text string
	}{
		{"flat", voicesim.Fault{Status: 429}, "", 429, false,
			`={"code":20429,"message":"Too many requests.","more_info":"` + known + `","status":429}` + "\n"},
		{"code", voicesim.Fault{Status: 400, Code: 10001}, "", 400, false, `"code":10001,"message":"An error has occurred."`},
		{"unauthorized", voicesim.Fault{Status: 403}, "", 403, false, `"code":20003`},
		{"not allowed", voicesim.Fault{Status: 405}, "", 405, false, `"code":20004`},
		{"other", voicesim.Fault{Status: 409}, "", 409, false, `"code":20001`},
		{"applied all the same", voicesim.Fault{Status: 502, Apply: true}, "", 502, true, `"code":20504`},
		{"string code", voicesim.Fault{Status: 404, Shape: "string-code"}, "", 404, false, `{"code":"20404"`},
		{"mismatch", voicesim.Fault{Status: 422, Shape: "status-mismatch"}, "", 422, false, `"status":400}`},
		{"mismatch at 400", voicesim.Fault{Status: 400, Shape: "status-mismatch"}, "", 400, false, `"status":422}`},
		{"objects", voicesim.Fault{Status: 400, Shape: "errors-objects"}, "", 400, false, `{"errors":[{"code":"20001","message":"An`},
		{"strings", voicesim.Fault{Status: 422, Shape: "errors-strings"}, "", 422, false, `={"errors":["An error has occurred."]}` + "\n"},
		{"html", voicesim.Fault{Status: 502, Shape: "html"}, "", 502, false, `<h1>Bad Gateway</h1>`},
		{"html at 200", voicesim.Fault{Shape: "html"}, "", 200, true, `<h1>Bad Gateway</h1>`},
		{"empty", voicesim.Fault{Shape: "empty"}, "", 200, true, "="},
		{"wrong object", voicesim.Fault{Shape: "wrong-object"}, "", 200, true, `={"service":"voice","version":"2010-04-01","healthy":true}`},
		{"own body", voicesim.Fault{Status: 500, Body: "boom", Shape: "html"}, "", 500, false, "=boom"},
		{"natural failure", voicesim.Fault{Shape: "string-code"}, "HoldUrl=x", 422, false, `{"code":"21402"`},
		{"natural success", voicesim.Fault{Shape: "string-code"}, "", 200, true, `"muted":true`},
		{"no content", voicesim.Fault{Status: 204}, "", 204, false, "="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			tt.fault.Header = http.Header{"retry-after": {"7"}}
			r.Inject(tt.fault)
			a := r.do("POST", r.member(alice), "Muted=true&"+tt.form)
			if want, all := strings.CutPrefix(tt.text, "="); a.status != tt.status || !strings.Contains(a.text, want) || all && a.text != want {
				t.Errorf("response %d %q, want %d %q", a.status, a.text, tt.status, tt.text)
			}
			if got := r.is(alice).Muted; got != tt.applied || r.Journal()[0].Applied != tt.applied {
				t.Errorf("applied: %t, want %t", got, tt.applied)
			}
			if a.header.Get("Retry-After") != "7" || !isUUID(a.header.Get("X-Request-Id")) {
				t.Errorf("header %v", a.header)
			}
			html := tt.fault.Shape == "html" && tt.fault.Body == ""
			if got := strings.HasPrefix(a.header.Get("Content-Type"), "text/html"); got != html {
				t.Errorf("Content-Type %q", a.header.Get("Content-Type"))
			}
		})
	}
}

func TestTruncatedAndEndless(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	whole := r.get(r.member(alice)).text
	id := r.Inject(voicesim.Fault{Shape: voicesim.ShapeTruncated})
	if got := r.get(r.member(alice)).text; got != whole[:len(whole)/2] {
		t.Errorf("truncated to %q", got)
	}
	r.ClearFault(id)
	r.Inject(voicesim.Fault{Shape: voicesim.ShapeEndless})
	a, err := r.served()(t.Context())
	if err != nil || len(a.text) != 1<<20 || !r.is(alice).Muted {
		t.Errorf("read %d bytes of an endless body: %v", len(a.text), err)
	}
}

func TestReset(t *testing.T) {
	for reset, applied := range map[string]bool{voicesim.ResetBefore: false, voicesim.ResetAfter: true} {
		r := newRoom(t, voicesim.Settings{})
		r.Inject(voicesim.Fault{Reset: reset, Times: 1})
		post := r.served()
		if a, err := post(t.Context()); err == nil {
			t.Errorf("%s: no reset but %d", reset, a.status)
		}
		got := r.await(done)
		if got.Status != 0 || got.Applied != applied || r.is(alice).Muted != applied {
			t.Errorf("%s: journal has %+v", reset, got)
		}
		if a, err := post(t.Context()); err != nil || a.status != 200 {
			t.Errorf("%s: the next request: %d, %v", reset, a.status, err)
		}
	}
}

func TestSlowResponses(t *testing.T) {
	const forever = time.Hour
	never := make(chan struct{})
	for _, tt := range []struct {
		name    string
		fault   voicesim.Fault
		applied bool
	}{
		{"delay", voicesim.Fault{Delay: forever}, true},
		{"delay before", voicesim.Fault{Delay: forever, BeforeApply: true}, false},
		{"release", voicesim.Fault{Release: never}, true},
		{"release before", voicesim.Fault{Release: never, BeforeApply: true}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			r.Inject(tt.fault)
			ctx, goAway := context.WithCancel(t.Context())
			go func() {
				r.await(arrived)
				goAway()
			}()
			if a, err := r.served()(ctx); err == nil {
				t.Errorf("status %d instead of no response", a.status)
			}
			got := r.await(done)
			if got.Status != 0 || got.Applied != tt.applied || r.is(alice).Muted != tt.applied {
				t.Errorf("the journal has %+v", got)
			}
		})
	}
}

func TestListDelayedAcrossAnUpdate(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	release := make(chan struct{})
	r.Inject(voicesim.Fault{Operation: voicesim.OpListParticipants, Release: release, Delay: time.Microsecond})
	delayed := make(chan response)
	go func() { delayed <- r.get(r.path + "/Participants?Muted=true") }()
	r.await(arrived)
	r.update(alice, "Muted=true", 200, 0)
	if got := r.Journal()[0]; got.Status != 0 || done(got) {
		t.Errorf("a delayed request has %+v", got)
	}
	close(release)
	if a := <-delayed; a.calls() != "" {
		t.Errorf("the delayed list shows %q, which changed later", a.calls())
	}
	if got := r.get(r.path + "/Participants?Muted=true").calls(); got != "A" {
		t.Errorf("the next list shows %q", got)
	}
}

func TestDelayedBeforeApplying(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	release := make(chan struct{})
	r.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Release: release, BeforeApply: true})
	delayed := make(chan response)
	go func() { delayed <- r.do("POST", r.member(alice), "Muted=true") }()
	if got := r.await(arrived); got.Applied || r.is(alice).Muted {
		t.Error("applied too early")
	}
	close(release)
	if a := <-delayed; a.status != 200 || !r.is(alice).Muted || !r.Journal()[0].Applied {
		t.Errorf("response %d; not applied", a.status)
	}
}
