package voicesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func TestParticipantBody(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.update(alice, "CallSidToCoach="+bob+"&HoldUrl=https://a.example/h.xml&HoldMethod=GET&Beep=true"+
		"&WaitUrl=https://a.example/w.xml&WaitMethod=POST&AnnounceUrl=https://a.example/a.xml&AnnounceMethod=GET", 200, 0)
	want := `{"account_sid":"` + account + `","call_sid":"` + alice + `","call_sid_to_coach":"` + bob +
		`","coaching":true,"conference_sid":"` + r.sid + `","date_created":"Mon, 07 Sep 2026 10:15:42 +0000"` +
		`,"status":"in-progress","date_updated":"Mon, 07 Sep 2026 10:15:42 +0000","end_conference_on_exit":false` +
		`,"muted":false,"hold":false,"start_conference_on_enter":true,"uri":"` + r.member(alice) + `.json"}` + "\n"
	if a := r.get(r.member(alice)); a.text != want {
		t.Errorf("got  %s\nwant %s", a.text, want)
	}
	fresh := `"call_sid_to_coach":null,"coaching":false`
	if a := r.get(r.member(carol)); !strings.Contains(a.text, fresh) {
		t.Errorf("no %s in %s", fresh, a.text)
	}
	p := r.is(alice)
	if p.HoldURL != "https://a.example/h.xml" || p.HoldMethod != "GET" || p.AnnounceURL != "https://a.example/a.xml" || p.Announced != 1 {
		t.Errorf("kept %+v", p)
	}
}

// brief returns the compared fields of a participant: m, h and c for muted, on
// hold and coaching, and the initial of the coachee.
func brief(p voicesim.Participant) string {
	s := ""
	for _, field := range []struct {
		name string
		on   bool
	}{{"m", p.Muted}, {"h", p.Hold}, {"c", p.Coaching}} {
		if field.on {
			s += field.name
		}
	}
	names := map[string]string{"": "", alice: "A", bob: "B", carol: "C"}
	return s + names[p.CallSIDToCoach]
}

func TestUpdate(t *testing.T) {
	coachesBob := "Coaching=true&CallSidToCoach=" + bob
	strict := voicesim.Settings{StrictBooleans: true, StrictFields: true}
	resets := voicesim.Settings{AbsentCoachingResets: true}
	onHold := voicesim.Settings{IgnoreChangesOnHold: true}
	tooLong := "https://a.example/" + strings.Repeat("x", 2048)
	for _, tt := range []struct {
		name         string
		settings     voicesim.Settings
		before, form string
		status, code int
		becomes      string
	}{
		{name: "nothing", before: "Muted=true&Hold=true", form: "", status: 200, becomes: "mh"},
		{name: "mute", form: "Muted=true", status: 200, becomes: "m"},
		{name: "absent fields stay", before: "Muted=true&" + coachesBob, form: "Hold=true", status: 200, becomes: "mhcB"},
		{name: "unmute", before: "Muted=true", form: "Muted=false", status: 200, becomes: ""},
		{name: "odd boolean is false", before: "Muted=true", form: "Muted=yes", status: 200, becomes: ""},
		{name: "capital boolean", form: "Muted=True", status: 200, becomes: "m"},
		{name: "odd boolean, strict", settings: strict, form: "Muted=yes", status: 422, code: 10000},
		{name: "odd beep, strict", settings: strict, form: "Beep=1", status: 422, code: 10000},
		{name: "unknown field", form: "Mute=true", status: 200, becomes: ""},
		{name: "unknown field, strict", settings: strict, form: "Mute=true", status: 422, code: 10000},
		{name: "known fields, strict", settings: strict, form: "Beep=true&WaitMethod=GET&" + coachesBob, status: 200, becomes: "cB"},

		{name: "coach", form: coachesBob, status: 200, becomes: "cB"},
		{name: "target alone", form: "CallSidToCoach=" + bob, status: 200, becomes: "cB"},
		{name: "no target", form: "Coaching=true", status: 422, code: 10000},
		{name: "no target, coaching already", before: coachesBob, form: "Coaching=true", status: 422, code: 10000, becomes: "cB"},
		{name: "blank target", form: "CallSidToCoach=", status: 422, code: 10000},
		{name: "unknown target", form: "CallSidToCoach=" + account, status: 422, code: 16002},
		{name: "own target", form: "CallSidToCoach=" + alice, status: 422, code: 16002},
		{name: "target changes", before: coachesBob, form: "CallSidToCoach=" + carol, status: 200, becomes: "cC"},
		{name: "end nulls target", before: coachesBob, form: "Coaching=false", status: 200, becomes: ""},
		{name: "end beside a target", before: coachesBob, form: "Coaching=false&CallSidToCoach=" + carol, status: 200, becomes: ""},
		{name: "whole or not at all", form: "Muted=true&CallSidToCoach=" + account, status: 422, code: 16002, becomes: ""},
		{name: "absent stays", before: coachesBob, form: "Muted=true", status: 200, becomes: "mcB"},
		{name: "absent resets", settings: resets, before: coachesBob, form: "Muted=true", status: 200, becomes: "m"},
		{name: "present does not reset", settings: resets, before: coachesBob, form: "Muted=true&" + coachesBob, status: 200, becomes: "mcB"},
		{name: "target does not reset", settings: resets, form: "CallSidToCoach=" + bob, status: 200, becomes: "cB"},

		{name: "hold URL", form: "Hold=true&HoldUrl=http://a.example/", status: 200, becomes: "h"},
		{name: "hold URL, no host", form: "Muted=true&HoldUrl=music", status: 422, code: 21402},
		{name: "hold URL, scheme", form: "HoldUrl=ftp://a.example/x", status: 422, code: 21402},
		{name: "hold URL, blank", form: "HoldUrl=", status: 422, code: 21402},
		{name: "hold URL, long", form: "HoldUrl=" + tooLong, status: 422, code: 21402},
		{name: "announce URL", form: "AnnounceUrl=x", status: 422, code: 21402},
		{name: "wait URL", form: "WaitUrl=x", status: 422, code: 21402},
		{name: "hold method", form: "HoldMethod=PUT", status: 422, code: 13221},
		{name: "announce method", form: "AnnounceMethod=get", status: 422, code: 13221},
		{name: "wait method", form: "WaitMethod=", status: 422, code: 13221},
		{name: "first failure", form: "HoldUrl=x&HoldMethod=x", status: 422, code: 21402},

		{name: "delayed ignores", settings: onHold, before: "Hold=true", form: "Muted=true&Hold=true", status: 200, becomes: "h"},
		{name: "delayed resumes", settings: onHold, before: "Hold=true", form: "Muted=true&Hold=false", status: 200, becomes: "m"},
		{name: "not delayed", settings: onHold, form: "Muted=true&Hold=true", status: 200, becomes: "mh"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t, tt.settings)
			r.update(alice, tt.before, 200, 0)
			a := r.update(alice, tt.form, tt.status, tt.code)
			p := r.is(alice)
			if got := brief(p); got != tt.becomes {
				t.Errorf("became %q, want %q", got, tt.becomes)
			}
			if r.Journal()[1].Applied != (tt.status == 200) {
				t.Error("the journal is wrong about whether it was applied")
			}
			if tt.status != 200 {
				return
			}
			echo := voicesim.Participant{Muted: a.body.Muted, Hold: a.body.Hold, Coaching: a.body.Coaching}
			if a.body.CallSIDToCoach != nil {
				echo.CallSIDToCoach = *a.body.CallSIDToCoach
			}
			if got := brief(echo); got != tt.becomes {
				t.Errorf("returned %q, want %q", got, tt.becomes)
			}
		})
	}
}

func TestCoacheeOnHold(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.update(bob, "Hold=true", 200, 0)
	r.update(alice, "CallSidToCoach="+bob, 422, 16002)
	r.update(bob, "Hold=false", 200, 0)
	r.update(alice, "CallSidToCoach="+bob, 200, 0)
}

func TestCoacheeLeaves(t *testing.T) {
	for setting, want := range map[string]string{"": "", voicesim.CoacheeLeavesKeep: "cB"} {
		r := newRoom(t, voicesim.Settings{CoacheeLeaves: setting})
		r.update(alice, "CallSidToCoach="+bob, 200, 0)
		r.update(carol, "CallSidToCoach="+alice, 200, 0)
		r.clock.advance(time.Minute)
		r.Leave(r.sid, bob)
		p := r.is(alice)
		if got := brief(p); got != want {
			t.Errorf("%q: the coach became %q, want %q", setting, got, want)
		}
		if moved := p.DateUpdated.Equal(r.clock.Now()); moved != (want == "") {
			t.Errorf("%q: updated at %s", setting, p.DateUpdated)
		}
		if got := brief(r.is(carol)); got != "cA" {
			t.Errorf("%q: another coach became %q", setting, got)
		}
	}
}

func TestDateUpdatedMovesWithRealChangesOnly(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	for _, tt := range []struct {
		form  string
		moves bool
	}{
		{"Muted=true", true}, {"Muted=true", false}, {"", false}, {"Beep=true", false},
		{"AnnounceUrl=https://a.example/a.xml", false}, {"HoldUrl=https://a.example/h.xml", true},
		{"HoldUrl=https://a.example/h.xml", false}, {"Muted=false&Hold=true", true},
	} {
		r.clock.advance(time.Minute)
		r.update(alice, tt.form, 200, 0)
		if got := r.is(alice).DateUpdated.Equal(r.clock.Now()); got != tt.moves {
			t.Errorf("%q moves the date: %t", tt.form, got)
		}
	}
	if got := r.is(alice).Announced; got != 1 {
		t.Errorf("%d announcements", got)
	}
}

func TestOddDates(t *testing.T) {
	r := newRoom(t, voicesim.Settings{OddDates: true})
	const want = "Mon, 7 Sept 2026 10:15:42 +0000"
	if a := r.get(r.member(alice)); a.body.DateCreated != want || a.body.DateUpdated != want {
		t.Errorf("dates %q and %q", a.body.DateCreated, a.body.DateUpdated)
	}
	if a := r.get(r.path); a.body.DateCreated != want {
		t.Errorf("date of the conference %q", a.body.DateCreated)
	}
}

func TestDrift(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.clock.advance(time.Minute)
	r.Drift(r.sid, alice, func(p *voicesim.Participant) {
		p.Muted, p.Status, p.CallSID, p.DateCreated = true, "complete", bob, r.clock.now
	})
	p := r.is(alice)
	if !p.Muted || p.CallSID != alice || p.DateCreated.Equal(r.clock.Now()) || !p.DateUpdated.Equal(r.clock.Now()) {
		t.Errorf("drifted to %+v", p)
	}
	if got := len(r.Journal()); got != 0 {
		t.Errorf("%d requests in the journal", got)
	}
	if a := r.get(r.member(alice)); !a.body.Muted || a.body.Status != "complete" {
		t.Errorf("the API shows %s", a.text)
	}
}

func TestJoinOptions(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	call := r.Join(r.sid, voicesim.JoinOptions{
		Muted: true, Hold: true, CallSIDToCoach: bob, EndConferenceOnExit: true, StartConferenceOnEnter: new(false),
	})
	p := r.is(call)
	if brief(p) != "mhcB" || !p.EndConferenceOnExit || p.StartConferenceOnEnter || !r.is(bob).StartConferenceOnEnter {
		t.Errorf("joined as %+v", p)
	}
}
