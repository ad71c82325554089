package voicesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// lists returns what the three lists show: the conferences in progress, the muted
// participants and the others, and the calls in progress.
func (r *room) lists() string {
	r.t.Helper()
	count := len(r.get(root + "?Status=in-progress").body.Conferences)
	return strings.Join([]string{
		strings.Repeat("*", count), r.get(r.path + "/Participants?Muted=true").calls(), r.get(r.path + "/Participants?Muted=false").calls(),
		r.callsOf("?Status=in-progress"),
	}, "|")
}

func TestListsLag(t *testing.T) {
	const three, two = "A:in-progress B:in-progress C:in-progress", "A:in-progress B:in-progress"
	for name, lag := range map[string]func(r *room){
		"by the settings": func(r *room) { r.SetSettings(voicesim.Settings{ListLag: 3 * time.Second}) },
		"by a fault":      func(r *room) { r.Inject(voicesim.Fault{ListLag: 3 * time.Second}) },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom(t, voicesim.Settings{})
			lag(r)
			r.clock.advance(10 * time.Second)
			for i, step := range []struct {
				act  func()
				want string
			}{
				{func() {}, "*||ABC|" + three},
				{func() { r.update(alice, "Muted=true", 200, 0); r.HangUp(carol) }, "*||ABC|" + three},
				{func() { r.joinSales("x", voicesim.JoinOptions{}); r.joinSales("y", voicesim.JoinOptions{}) }, "*||ABC|" + three},
				{func() {}, "*||ABC|" + three},
				{func() { r.EndConference(r.sid) }, "*|A|B|" + two},
				{func() {}, "**|A|B|" + two + " :in-progress :in-progress"},
				{func() {}, "**|A|B|" + two + " :in-progress :in-progress"},
				{func() {}, "*|||:in-progress :in-progress"},
			} {
				step.act()
				if got := r.lists(); got != step.want {
					t.Errorf("step %d: got %s, want %s", i, got, step.want)
				}
				r.clock.advance(time.Second)
			}
		})
	}
}

// Other reads show what is, and so do lists that a fault is not about.
func TestOnlyListsLag(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.Inject(voicesim.Fault{Operation: voicesim.OpListConferences, ListLag: time.Minute})
	r.update(alice, "Muted=true", 200, 0)
	r.HangUp(bob)
	r.clock.advance(time.Second)
	if got := r.lists(); got != "|A|C|A:in-progress C:in-progress" {
		t.Errorf("got %s", got)
	}
	r.ClearFaults()
	r.SetSettings(voicesim.Settings{ListLag: time.Minute})
	if got := r.get(r.member(alice)); !got.body.Muted {
		t.Errorf("reads %s", got.text)
	}
	r.expect(r.get(r.member(bob)), 404, 20404)
	r.expect(r.get(r.path), 200, 0)
	r.expect(r.get(r.path+"/Participants"), 404, 20404)
}

// A list of participants that lags lacks a call that has just joined, and has none of
// another room.
func TestAListThatLagsIsOfItsRoom(t *testing.T) {
	r := newRoom(t, voicesim.Settings{ListLag: time.Second})
	r.joinSales("x", voicesim.JoinOptions{})
	r.clock.advance(10 * time.Second)
	r.HangUp("x")
	r.Join(r.sid, voicesim.JoinOptions{})
	for _, want := range []string{"ABC", "ABC?"} {
		if got := r.get(r.path + "/Participants").calls(); got != want {
			t.Errorf("lists %s, want %s", got, want)
		}
		r.clock.advance(time.Second)
	}
}
