package voicesim_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func TestPages(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	list := r.path + "/Participants"
	first := r.get(list + "?PageSize=2")
	if first.calls() != "AB" || first.body.Page != 0 || first.body.Size != 2 || first.body.Previous != nil {
		t.Fatalf("first page: %s", first.text)
	}
	if want := list + "?Page=1&PageSize=2&PageToken=PA"; !strings.HasPrefix(*first.body.Next, want) {
		t.Errorf("next page at %s, want %s...", *first.body.Next, want)
	}
	second := r.get(*first.body.Next)
	if second.calls() != "C" || second.body.Page != 1 || second.body.Next != nil {
		t.Fatalf("second page: %s", second.text)
	}
	back := r.get(*second.body.Previous)
	if back.calls() != "AB" || back.body.Page != 0 || back.body.Previous != nil || back.body.Next == nil {
		t.Errorf("back at the first page: %s", back.text)
	}
	if again := r.get(second.body.First); again.calls() != "AB" {
		t.Errorf("first page again: %s", again.text)
	}
	if all := r.get(list); all.calls() != "ABC" || all.body.Size != 50 || all.body.Next != nil {
		t.Errorf("a page by default: %s", all.text)
	}
}

// The vendor's own client asks so, and takes the next page from the host's root.
func TestPagesFollowThePathThatWasAskedFor(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	sibling := r.OpenConference(account, "sales")
	for _, list := range []string{
		root, root + ".json", strings.TrimPrefix(root, "/api/laml"), strings.TrimPrefix(root, "/api/laml") + ".json",
		r.path + "/Participants.json", strings.TrimPrefix(r.path, "/api/laml") + "/Participants.json",
	} {
		first := r.get(list + "?PageSize=1")
		list := strings.TrimSuffix(list, ".json")
		if want := list + "?Page=1&PageSize=1&PageToken=PA"; first.body.Next == nil || !strings.HasPrefix(*first.body.Next, want) {
			t.Errorf("next page at %v, want %s...", first.body.Next, want)
			continue
		}
		second := r.get(*first.body.Next)
		if second.status != 200 || second.body.Page != 1 || !strings.HasPrefix(second.body.First, list+"?") || !strings.HasPrefix(*second.body.Previous, list+"?") {
			t.Errorf("%s: second page: %s", list, second.text)
		}
		// A token is that of the list, whatever way it is asked for.
		_, query, _ := strings.Cut(*first.body.Next, "?")
		for _, other := range []string{root, r.path + "/Participants"} {
			status := 400
			if strings.Contains(list, "Participants") == strings.Contains(other, "Participants") {
				status = 200
			}
			if a := r.get(other + "?" + query); a.status != status {
				t.Errorf("the token of %s on %s: %d, want %d", list, other, a.status, status)
			}
		}
	}
	if sibling == r.sid {
		t.Error("there is one conference only")
	}
}

func TestPagesAreStable(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	next := *r.get(r.path + "/Participants?PageSize=2").body.Next
	r.Leave(r.sid, alice)
	r.Leave(r.sid, bob)
	r.Join(r.sid, voicesim.JoinOptions{})
	if got := r.get(next).calls(); got != "C?" {
		t.Errorf("the second page holds %q, want C and the new one", got)
	}
	r.Leave(r.sid, carol)
	if a := r.get(next); a.calls() != "?" || a.body.Next != nil {
		t.Errorf("the second page without Carol: %s", a.text)
	}
}

func TestPageParameters(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	list := r.path + "/Participants"
	good := strings.SplitAfter(*r.get(list + "?PageSize=1").body.Next, "PageToken=")[1]
	foreign := strings.Replace(good, "PA", "PB", 1)
	for _, tt := range []struct {
		query        string
		status, code int
		calls        string
	}{
		{"PageSize=1000", 200, 0, "ABC"},
		{"PageSize=1", 200, 0, "A"},
		{"PageSize=0", 400, 54454, ""},
		{"PageSize=1001", 400, 54454, ""},
		{"PageSize=ten", 400, 54454, ""},
		{"Page=0", 200, 0, "ABC"},
		{"Page=1", 400, 54453, ""},
		{"Page=-1", 400, 54453, ""},
		{"Page=two&PageToken=" + good, 400, 54453, ""},
		{"Page=1&PageToken=" + good, 200, 0, "BC"},
		{"Page=1&PageToken=" + foreign, 400, 21481, ""},
		{"Page=1&PageToken=P", 400, 21481, ""},
		{"Page=1&PageToken=PA1234", 400, 21481, ""},
		{"Page=1&PageToken=PX" + good[2:], 400, 21481, ""},
		{"Page=1&PageToken=PA" + strings.Repeat("0", 32), 400, 21481, ""},
	} {
		a := r.get(list + "?" + tt.query)
		r.expect(a, tt.status, tt.code)
		if got := a.calls(); got != tt.calls {
			t.Errorf("%s lists %q, want %q", tt.query, got, tt.calls)
		}
	}
	r.expect(r.get(root+"?Page=1&PageToken="+good), 400, 21481)
	r.expect(r.get(root+"?PageSize=0"), 400, 54454)
}

func TestParticipantFilters(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.update(alice, "Muted=true", 200, 0)
	r.update(bob, "Muted=true&Hold=true", 200, 0)
	list := r.path + "/Participants?"
	for query, want := range map[string]string{
		"Muted=true": "AB", "Muted=false": "C", "Hold=true": "B", "Muted=true&Hold=false": "A", "Muted=odd": "C",
	} {
		if got := r.get(list + query).calls(); got != want {
			t.Errorf("%s lists %q, want %q", query, got, want)
		}
	}
	first := r.get(list + "Muted=true&PageSize=1")
	second := r.get(*first.body.Next)
	if second.calls() != "B" || second.body.Next != nil {
		t.Errorf("the second page of the filtered list: %s", second.text)
	}
	r.SetSettings(voicesim.Settings{StrictBooleans: true})
	r.expect(r.get(list+"Muted=odd"), 422, 10000)
}

func TestManyPages(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	sid := r.OpenConference(account, "town hall")
	const all = 2500
	for i := range all {
		r.Join(sid, voicesim.JoinOptions{CallSID: fmt.Sprint("call-", i)})
	}
	seen := 0
	for next := root + "/" + sid + "/Participants?PageSize=1000"; next != ""; {
		a := r.get(next)
		for _, p := range a.body.Participants {
			if want := fmt.Sprint("call-", seen); p.CallSID != want {
				t.Fatalf("%s at place %d", p.CallSID, seen)
			}
			seen++
		}
		next = ""
		if a.body.Next != nil {
			next = *a.body.Next
		}
	}
	if got := r.Counts()[voicesim.OpListParticipants]; seen != all || got != 3 {
		t.Errorf("%d participants on %d pages", seen, got)
	}
}
