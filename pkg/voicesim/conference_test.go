package voicesim_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func (r *room) status(sid string) string {
	r.t.Helper()
	c, ok := r.Conference(sid)
	if !ok {
		r.t.Fatalf("no conference %s", sid)
	}
	return c.Status
}

func TestConferenceBeginsAndEnds(t *testing.T) {
	join := func(call string, start, end bool) func(*room, string) {
		return func(r *room, sid string) {
			r.Join(sid, voicesim.JoinOptions{CallSID: call, StartConferenceOnEnter: &start, EndConferenceOnExit: end})
		}
	}
	leave := func(call string) func(*room, string) { return func(r *room, sid string) { r.Leave(sid, call) } }
	hangUp := func(r *room, _ string) { r.HangUp("x") }
	end := func(r *room, sid string) { r.EndConference(sid) }
	for _, tt := range []struct {
		name  string
		steps []func(*room, string)
		want  string
	}{
		{"empty", nil, "init"},
		{"one waits", []func(*room, string){join("x", true, false)}, "init"},
		{"two, one starts it", []func(*room, string){join("x", true, false), join("y", false, false)}, "in-progress"},
		{"two, none starts it", []func(*room, string){join("x", false, false), join("y", false, false)}, "init"},
		{
			"third starts it",
			[]func(*room, string){join("x", false, false), join("y", false, false), join("z", true, false)}, "in-progress",
		},
		{
			"one of two leaves",
			[]func(*room, string){join("x", true, false), join("y", true, false), leave("x")}, "in-progress",
		},
		{"last one hangs up", []func(*room, string){join("x", true, false), hangUp}, "completed"},
		{
			"leaver ends it",
			[]func(*room, string){join("x", true, true), join("y", true, false), leave("x")}, "completed",
		},
		{"ended", []func(*room, string){join("x", true, false), end}, "completed"},
		{"never opens again", []func(*room, string){join("x", true, false), end, join("y", true, false), end}, "completed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			sid := r.OpenConference(account, "other")
			for _, step := range tt.steps {
				step(r, sid)
			}
			if got := r.status(sid); got != tt.want {
				t.Errorf("status %q, want %q", got, tt.want)
			}
			a := r.get(root + "/" + sid)
			if a.body.Status != tt.want {
				t.Errorf("the API says %v, want %q", a.body.Status, tt.want)
			}
		})
	}
}

func TestCallsAndNames(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	if got := r.OpenConference(account, "support"); got != r.sid {
		t.Error("a name that is in use opened another conference")
	}
	other := r.OpenConference(account, "other")
	r.Join(other, voicesim.JoinOptions{CallSID: alice})
	if _, ok := r.Participant(r.sid, alice); ok {
		t.Error("Alice is in two conferences")
	}
	r.update(bob, "Muted=true", 200, 0)
	if r.Join(r.sid, voicesim.JoinOptions{CallSID: bob}); !r.is(bob).Muted {
		t.Error("joining twice changed Bob")
	}
	if generated := r.Join(r.sid, voicesim.JoinOptions{}); !isUUID(generated) || !isUUID(r.sid) {
		t.Errorf("call %q or conference %q is no UUID", generated, r.sid)
	}
	r.EndConference(r.sid)
	if r.Join(r.sid, voicesim.JoinOptions{}) != "" || r.Join("none", voicesim.JoinOptions{}) != "" {
		t.Error("joined a conference that is over, or none")
	}
	if got := r.OpenConference(account, "support"); got == r.sid || r.status(r.sid) != "completed" {
		t.Error("a conference that is over opened again")
	}
	if r.OpenConference("none", "x") != "" {
		t.Error("opened a conference without account")
	}
	for what, was := range map[string]bool{
		"leave": r.Leave(r.sid, bob), "leave another": r.Leave(r.sid, alice), "hang up": r.HangUp(bob),
		"end none": r.EndConference("none"), "drift": r.Drift(r.sid, bob, func(*voicesim.Participant) {}),
	} {
		if was {
			t.Errorf("%s reports something after the end", what)
		}
	}
}

func TestUpdateConference(t *testing.T) {
	for _, tt := range []struct {
		form, becomes   string
		announced       int
		returned, wants int
	}{
		{"Status=completed", "completed", 0, 200, 0},
		{"Status=in-progress", "in-progress", 0, 422, 21475},
		{"Status=", "in-progress", 0, 422, 21475},
		{"", "in-progress", 0, 200, 0},
		{"AnnounceUrl=https://a.example/x.xml&AnnounceMethod=GET", "in-progress", 1, 200, 0},
		{"AnnounceUrl=x", "in-progress", 0, 422, 21402},
		{"AnnounceUrl=https://a.example/x.xml&AnnounceMethod=PUT", "in-progress", 0, 422, 13221},
	} {
		t.Run(tt.form, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			r.clock.advance(time.Minute)
			r.expect(r.do("POST", r.path, tt.form), tt.returned, tt.wants)
			c, _ := r.Conference(r.sid)
			if c.Status != tt.becomes || c.Announced != tt.announced {
				t.Errorf("status %q, %d announcements", c.Status, c.Announced)
			}
			if moved := c.DateUpdated.After(c.DateCreated); moved != (tt.becomes == "completed") {
				t.Errorf("updated at %s", c.DateUpdated)
			}
			if over := tt.becomes == "completed"; over != (len(c.Participants) == 0) {
				t.Errorf("participants: %v", c.Participants)
			}
		})
	}
}

func TestAfterTheEnd(t *testing.T) {
	for _, tt := range []struct {
		settings           voicesim.Settings
		one, oneCode, list int
	}{
		{voicesim.Settings{}, 404, 20404, 200},
		{voicesim.Settings{CompletedList: voicesim.CompletedListNotFound}, 404, 20404, 404},
		{voicesim.Settings{CompletedConference: voicesim.CompletedBadRequest}, 400, 10000, 200},
		{voicesim.Settings{CompletedConference: voicesim.CompletedUnprocessable}, 422, 10000, 200},
	} {
		r := newRoom(t, tt.settings)
		r.EndConference(r.sid)
		for _, method := range []string{"GET", "POST", "DELETE"} {
			r.expect(r.do(method, r.member(alice), ""), tt.one, tt.oneCode)
		}
		r.expect(r.do("POST", r.path, "Status=completed"), tt.one, tt.oneCode)
		if a := r.get(r.path + "/Participants"); a.status != tt.list || a.calls() != "" {
			t.Errorf("%+v: the list responds %d: %s", tt.settings, a.status, a.text)
		}
	}
}

func TestRemove(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	a := r.do("DELETE", r.member(bob), "")
	if a.status != 204 || a.text != "" || a.header.Get("Content-Type") != "" {
		t.Errorf("removing responds %d %q", a.status, a.text)
	}
	for _, method := range []string{"GET", "POST", "DELETE"} {
		r.expect(r.do(method, r.member(bob), "Muted=true"), 404, 20404)
	}
	if got := r.get(r.path + "/Participants").calls(); got != "AC" {
		t.Errorf("participants %s, want AC", got)
	}
	applied := []bool{}
	for _, request := range r.Journal() {
		applied = append(applied, request.Applied)
	}
	if !applied[0] || applied[2] || applied[3] {
		t.Errorf("applied: %v", applied)
	}
	r.Join(r.sid, voicesim.JoinOptions{CallSID: bob})
	r.expect(r.get(r.member(bob)), 200, 0)
}

func TestConferenceFilters(t *testing.T) {
	r := newRoom(t, voicesim.Settings{}) // on 7 September
	r.clock.advance(24 * time.Hour)
	sales := r.OpenConference(account, "sales")
	r.EndConference(sales)
	names := map[string]string{r.sid: "support ", sales: "sales "}
	for query, want := range map[string]string{
		"":                                "support sales ",
		"FriendlyName=sales":              "sales ",
		"FriendlyName=sal":                "",
		"Status=in-progress":              "support ",
		"Status=completed":                "sales ",
		"Status=completed&FriendlyName=x": "",
		"DateCreated=2026-09-07":          "support ",
		"DateCreated%3C=2026-09-07":       "support ",
		"DateCreated%3E=2026-09-08":       "sales ",
		"DateUpdated%3E=2026-09-09":       "",
		"DateUpdated=2026-09-08":          "sales ",
		url.QueryEscape("DateUpdated<") + "=2026-09-08": "support sales ",
	} {
		got := ""
		for _, c := range r.get(root + "?" + query).body.Conferences {
			got += names[c.SID]
		}
		if got != want {
			t.Errorf("%q lists %q, want %q", query, got, want)
		}
	}
	r.expect(r.get(root+"?DateCreated=yesterday"), 400, 10000)
}
