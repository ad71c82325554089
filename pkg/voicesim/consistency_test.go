package voicesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// state is what the API shows of Alice.
func (r *room) state() string {
	r.t.Helper()
	a := r.get(r.member(alice))
	return brief(voicesim.Participant{Muted: a.body.Muted, Hold: a.body.Hold, Coaching: a.body.Coaching})
}

func TestIgnoredUpdate(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.Inject(voicesim.Fault{Ignore: true, Times: 1})
	if a := r.update(alice, "Muted=true", 200, 0); !a.body.Muted {
		t.Error("the response does not show the requested value")
	}
	if r.state() != "" || r.Journal()[0].Applied {
		t.Error("the update was applied")
	}
	r.update(alice, "Muted=true", 200, 0)
	if r.state() != "m" {
		t.Error("the next update was not applied")
	}
}

func TestRevertedUpdate(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.update(alice, "Hold=true", 200, 0)
	r.Inject(voicesim.Fault{RevertAfter: 5 * time.Second, Times: 1})
	r.update(alice, "Muted=true&Hold=false&Coaching=true&CallSidToCoach="+bob, 200, 0)
	r.clock.advance(5*time.Second - 1)
	if got := r.state(); got != "mc" {
		t.Errorf("%q before its time", got)
	}
	due := r.clock.Now().Add(1)
	r.update(alice, "Coaching=false", 200, 0)
	r.clock.advance(time.Minute)
	if got := r.state(); got != "h" || !r.is(alice).DateUpdated.Equal(due) {
		t.Errorf("%q at %s after it was undone", got, r.is(alice).DateUpdated)
	}
	r.update(alice, "Muted=true", 200, 0)
	r.clock.advance(time.Minute)
	if got := r.state(); got != "mh" {
		t.Errorf("%q: undone twice", got)
	}
}

func TestUndoLeavesOtherChangesAlone(t *testing.T) {
	for name, tt := range map[string]struct{ reverted, meanwhile, want string }{
		"another field":   {"Muted=true", "Hold=true", "h"},
		"the same field":  {"HoldUrl=https://a.example/1&Muted=true", "HoldUrl=https://a.example/2", "2"},
		"another coachee": {"CallSidToCoach=" + bob, "CallSidToCoach=" + carol, "cC"},
		"nothing":         {"HoldUrl=https://a.example/1&HoldMethod=GET&Muted=true", "", ""},
	} {
		r := newRoom(t, voicesim.Settings{})
		r.Inject(voicesim.Fault{RevertAfter: time.Second, Times: 1})
		r.update(alice, tt.reverted, 200, 0)
		r.update(alice, tt.meanwhile, 200, 0)
		r.clock.advance(time.Second)
		p := r.is(alice)
		if got := brief(p) + strings.TrimPrefix(p.HoldURL, "https://a.example/") + p.HoldMethod; got != tt.want {
			t.Errorf("%s: left %q, want %q", name, got, tt.want)
		}
	}
}

func TestUndoIsSeenByOthers(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.update(alice, "CallSidToCoach="+carol, 200, 0)
	r.Inject(voicesim.Fault{RevertAfter: time.Second, Times: 2})
	r.update(alice, "CallSidToCoach="+bob, 200, 0)
	r.update(bob, "Hold=true", 200, 0)
	r.clock.advance(time.Second)
	r.update(carol, "CallSidToCoach="+bob, 200, 0)
	r.Leave(r.sid, bob)
	if got := brief(r.is(alice)); got != "cC" {
		t.Errorf("Alice became %q when a participant left that she no longer coached", got)
	}
}

func TestStaleReads(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, StaleReads: 2 * time.Second})
	if a := r.update(alice, "Muted=true", 200, 0); !a.body.Muted {
		t.Error("the update's response is stale")
	}
	muted := func() string { return r.get(r.path + "/Participants?Muted=true").calls() }
	if r.state() != "" || muted() != "" || !r.is(alice).Muted {
		t.Error("reads are not stale, or the state is")
	}
	r.clock.advance(time.Second)
	r.update(alice, "Hold=true", 200, 0)
	r.clock.advance(time.Second)
	if got := r.state(); got != "" {
		t.Errorf("%q while stale", got)
	}
	r.clock.advance(time.Second)
	if r.state() != "mh" || muted() != "A" {
		t.Errorf("%q afterwards", r.state())
	}
}

func TestVisibleAfter(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.SetSettings(voicesim.Settings{VisibleAfter: time.Second})
	r.Join(r.sid, voicesim.JoinOptions{CallSID: account})
	sid := r.OpenConference(account, "new")
	check := func(status int, calls string, conferences int) {
		t.Helper()
		for _, path := range []string{r.member(account), root + "/" + sid, root + "/" + sid + "/Participants"} {
			if got := r.get(path).status; got != status {
				t.Errorf("GET %s responds %d, want %d", path, got, status)
			}
		}
		if got := r.do("POST", r.member(account), "Hold=true").status; got != status {
			t.Errorf("the update responds %d, want %d", got, status)
		}
		if got := r.get(r.path + "/Participants").calls(); got != calls {
			t.Errorf("listed %s, want %s", got, calls)
		}
		if got := len(r.get(root).body.Conferences); got != conferences {
			t.Errorf("%d conferences, want %d", got, conferences)
		}
	}
	check(404, "ABC", 1)
	if r.is(account).Hold {
		t.Error("a hidden participant was updated")
	}
	r.clock.advance(time.Second)
	check(200, "ABC?", 2)
}
