package voicesim_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voiceops/conference-operator/pkg/voicesim"
)

func TestJournalEntry(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.update(alice, "Muted=true&AnnounceUrl=https://a.example/x", 200, 0)
	r.get(r.path + "/Participants?PageSize=1")
	r.do("POST", r.member(bob)+"?Muted=true", "")
	journal := r.Journal()
	now := r.clock.Now()
	got := journal[0]
	want := voicesim.Request{
		Seq: 1, Time: now, Done: now, Operation: voicesim.OpUpdateParticipant, Method: "POST", Path: r.member(alice),
		AccountSID: account, ConferenceSID: r.sid, CallSID: alice, UserAgent: "test/1", Applied: true, Status: 200,
		Form: got.Form,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if got.Form.Encode() != "AnnounceUrl=https%3A%2F%2Fa.example%2Fx&Muted=true" {
		t.Errorf("form %s", got.Form.Encode())
	}
	if q := journal[1].Form.Encode(); q != "PageSize=1" || journal[1].Applied {
		t.Errorf("the list has form %s, applied %t", q, journal[1].Applied)
	}
	if len(journal[2].Form) != 0 || r.is(bob).Muted {
		t.Error("the query of a POST counts")
	}
}

func TestJournalHoldsNoCredentials(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.get(root)
	r.as(account, "PTwrong", "GET", root, "")
	text, err := json.Marshal(r.Journal())
	if err != nil || strings.Contains(string(text), "PT") || strings.Contains(string(text), "Basic") {
		t.Errorf("%v: %s", err, text)
	}
}

func TestJournalIsBounded(t *testing.T) {
	for _, tt := range []struct {
		requests, since int
		reset           int // after so many requests
		want            string
	}{
		{requests: 2, want: "[1 2]"},
		{requests: 3, want: "[1 2 3]"},
		{requests: 8, want: "[6 7 8]"},
		{requests: 8, since: 7, want: "[8]"},
		{requests: 8, since: 1, want: "[6 7 8]"},
		{requests: 8, since: 8, want: "[]"},
		{requests: 5, reset: 5, want: "[]"},
		{requests: 6, reset: 4, want: "[5 6]"},
		{requests: 9, reset: 4, want: "[7 8 9]"},
	} {
		s := voicesim.New(voicesim.Config{JournalLimit: 3})
		for n := 1; n <= tt.requests; n++ {
			s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", root, nil))
			if n == tt.reset {
				s.ResetJournal()
			}
		}
		seqs := []int{}
		for _, request := range s.JournalSince(tt.since) {
			seqs = append(seqs, request.Seq)
			if request.Status != http.StatusUnauthorized {
				t.Errorf("%+v: request %d has status %d", tt, request.Seq, request.Status)
			}
		}
		if got := fmt.Sprint(seqs); got != tt.want {
			t.Errorf("%+v: kept %s", tt, got)
		}
		if got := s.Counts()[voicesim.OpListConferences]; got != tt.requests-tt.reset {
			t.Errorf("%+v: counted %d", tt, got)
		}
	}
}

func TestRequestOutlivesItsEntry(t *testing.T) {
	reset := func(r *room) { r.ResetJournal() }
	for _, tt := range []struct {
		limit int
		drop  func(*room)
	}{{9, reset}, {2, reset}, {2, func(r *room) { r.get(r.path) }}} {
		r := newRoomOf(t, voicesim.Config{JournalLimit: tt.limit})
		release := make(chan struct{})
		r.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, Release: release, BeforeApply: true})
		delayed := make(chan response)
		go func() { delayed <- r.do("POST", r.member(alice), "Muted=true") }()
		r.await(arrived)
		tt.drop(r)
		r.get(r.path)
		r.get(r.path)
		close(release)
		<-delayed
		for _, got := range r.Journal() {
			if got.Seq == 1 || got.Operation != voicesim.OpGetConference || got.Applied {
				t.Errorf("limit %d: journal has %+v", tt.limit, got)
			}
		}
	}
}

func TestCounts(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	r.get(root)
	r.get(root)
	r.get(root + "/a/b")
	r.update(alice, "", 200, 0)
	want := map[string]int{voicesim.OpListConferences: 2, voicesim.OpUpdateParticipant: 1, "": 1}
	if got := r.Counts(); !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}

// Without a clock of its own the simulator follows the bubble's.
func TestDelayFollowsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := voicesim.New(voicesim.Config{})
		s.Inject(voicesim.Fault{Delay: time.Hour})
		s.Handler().ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", root, nil))
		if got := s.Journal()[0]; got.Done.Sub(got.Time) != time.Hour {
			t.Errorf("took %s", got.Done.Sub(got.Time))
		}
	})
}

func TestConcurrentUse(t *testing.T) {
	r := newRoom(t, voicesim.Settings{})
	const workers, rounds = 8, 20
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range rounds {
				call := r.Join(r.sid, voicesim.JoinOptions{})
				r.update(call, "Muted=true&CallSidToCoach="+alice, 200, 0)
				r.get(r.path + "/Participants")
				r.Drift(r.sid, call, func(p *voicesim.Participant) { p.Muted = false })
				r.HangUp(call)
			}
		})
	}
	group.Wait()
	if got := len(r.Journal()); got != 2*workers*rounds {
		t.Errorf("%d requests", got)
	}
	if c, _ := r.Conference(r.sid); len(c.Participants) != 3 {
		t.Errorf("%d participants are left", len(c.Participants))
	}
}
