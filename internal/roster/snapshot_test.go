package roster

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// list takes over a list of a room, with the provider's clock an hour ahead.
func list(r *Roster, c *clock, there ...voice.Participant) {
	listing := NewListing(c.now)
	listing.Add(voice.Page{Participants: there, Date: c.in(time.Hour)}, c.times(0, 0))
	r.ApplyList(listing, false, c.now)
}

// leg is one call leg of a snapshot.
func leg(t *testing.T, r *Roster, callSID string) Leg {
	t.Helper()
	for _, found := range r.Snapshot().Legs {
		if found.CallSID == callSID {
			return found
		}
	}
	t.Fatalf("there is no call leg %s", callSID)
	return Leg{}
}

func TestR26WhenACallLegWasFirstSeen(t *testing.T) {
	c := newClock()
	_, r := roomStore(c, as(func(*voice.Participant) {}))
	first := leg(t, r, "a")
	if !first.Before || first.Joined.Format(time.RFC1123Z) != joinedFirst {
		t.Errorf("in the first look: %+v", first)
	}
	list(r, c, as(func(*voice.Participant) {}), call("b", false))
	if got := leg(t, r, "a"); !got.FirstSeen.Equal(first.FirstSeen) || !got.Before || !got.FirstDate.Equal(c.in(time.Hour)) {
		t.Errorf("seen again: %+v", got)
	}
	if got := leg(t, r, "b"); got.Before || !got.FirstSeen.Equal(c.now) || !got.FirstDate.Equal(c.in(time.Hour)) || !got.Joined.IsZero() {
		t.Errorf("a joiner: %+v", got)
	}
	seen := c.now
	c.advance(5 * time.Second)
	list(r, c, as(func(p *voice.Participant) { p.DateCreated = joinedLater }), call("b", false))
	if got := leg(t, r, "a"); got.Before || !got.FirstSeen.Equal(c.now) || got.Joined.Format(time.RFC1123Z) != joinedLater {
		t.Errorf("joined anew: %+v", got)
	}
	if got := leg(t, r, "b"); !got.FirstSeen.Equal(seen) || !got.FirstDate.Equal(seen.Add(time.Hour)) {
		t.Errorf("a joiner that is seen again: %+v", got)
	}
	c.advance(5 * time.Second)
	for _, date := range []string{joinedFirst, "", "?"} {
		list(r, c, as(func(p *voice.Participant) { p.DateCreated = date }))
		if got := leg(t, r, "a"); got.FirstSeen.Equal(c.now) || got.Joined.Format(time.RFC1123Z) != joinedLater {
			t.Errorf("a join at %q: %+v", date, got)
		}
	}
	if got := r.Snapshot(); !got.Date.Equal(c.in(time.Hour)) {
		t.Errorf("the provider's clock says %s", got.Date)
	}
}

func TestR21TheFirstLookAtARoom(t *testing.T) {
	rings := call("rings", false)
	rings.Phase = voice.PhaseRinging
	c, r := newClock(), newRoster()
	early := NewListing(c.now)
	early.Add(voice.Page{Participants: []voice.Participant{call("early", false)}}, c.times(0, 0))
	early.EndEarly("")
	r.ApplyList(early, false, c.now)
	c.advance(time.Second)
	odd := NewListing(c.now)
	odd.Add(voice.Page{Participants: []voice.Participant{call("early", false), call("listed", false), rings}, Unreadable: []voice.UnreadableRow{{CallSID: "odd"}}}, c.times(0, 0))
	r.ApplyList(odd, false, c.now)
	if !leg(t, r, "rings").Rings() {
		t.Error("one that rings is not marked")
	}
	c.advance(time.Second)
	merge(r, c, call("early", false), call("listed", false), call("odd", false), call("rings", false), call("joins", false))
	for callSID, want := range map[string]bool{"early": true, "listed": true, "odd": true, "rings": false, "joins": false} {
		if got := leg(t, r, callSID).Before; got != want {
			t.Errorf("%s was there before: %v", callSID, got)
		}
	}
	if got := leg(t, r, "rings").FirstSeen; !got.Equal(c.now) {
		t.Errorf("one that rang was there at %s", got)
	}
}

func TestR20AFlagKeepsItsLastValue(t *testing.T) {
	c := newClock()
	_, r := roomStore(c, as(func(p *voice.Participant) { p.EndConferenceOnExit, p.StartConferenceOnEnter = new(true), new(false) }))
	list(r, c, as(func(*voice.Participant) {}), call("b", false))
	got := leg(t, r, "a")
	if got.EndsRoom == nil || !*got.EndsRoom || got.StartsRoom == nil || *got.StartsRoom || len(r.TakeNews(c.now)) != 1 {
		t.Errorf("%+v", got)
	}
	list(r, c, as(func(p *voice.Participant) { p.EndConferenceOnExit = new(false) }), call("b", false))
	if got := leg(t, r, "a"); *got.EndsRoom {
		t.Error("what was said last does not count")
	}
	if got := leg(t, r, "b"); got.EndsRoom != nil || got.StartsRoom != nil {
		t.Errorf("a flag that was never said: %+v", got)
	}
}

func TestR27GoneIsGoneByTwoReads(t *testing.T) {
	c := newClock()
	s, r := roomStore(c, call("a", false), call("b", false), call("c", false))
	list(r, c, call("b", false), call("c", false))
	if got := leg(t, r, "a"); got.Present || len(r.TakeNews(c.now)) != 1 {
		t.Fatalf("%+v", got)
	}
	departed, readAt := leg(t, r, "a").Departed(c.now)
	for try, want := range []bool{false, true} {
		if departed || readAt.IsZero() {
			t.Fatalf("departed before read %d", try+1)
		}
		c.now = readAt.Add(listGap)
		s.RequestRefresh(roomKey, RefreshRequest{Subscriber: governor, CallSID: "a", At: readAt, Read: true})
		s.RequestRefresh(roomKey, RefreshRequest{Subscriber: governor, CallSID: "other", At: readAt, Read: true})
		if reads := s.Roster(roomKey).Next(0, c.now).Reads; len(reads) != 2 {
			t.Fatalf("%d reads are due, want one a call leg", len(reads))
		}
		for _, request := range s.Roster(roomKey).Next(0, c.now).Reads {
			r.RecordRead(request.CallSID, voice.Participant{}, false, c.times(0, 0))
			r.CompleteRead(request)
		}
		if told := len(r.TakeNews(c.now)) == 1; told != want {
			t.Errorf("after read %d the room is told: %v", try+1, told)
		}
		departed, readAt = leg(t, r, "a").Departed(c.now)
	}
	if !departed {
		t.Error("it has not departed")
	}
	c.advance(departedFor + time.Second)
	list(r, c, call("b", false), call("c", false))
	for _, found := range r.Snapshot().Legs {
		if found.CallSID == "a" || found.CallSID == "other" {
			t.Errorf("%s is kept for ever", found.CallSID)
		}
	}
}

func TestR27WhatIsMissingIsKeptUntilItIsKnownToHaveLeft(t *testing.T) {
	c := newClock()
	_, r := roomStore(c, call("a", false), call("b", false))
	for range 100 {
		list(r, c, call("b", false))
		c.advance(5 * time.Second)
	}
	if got := leg(t, r, "a"); got.Present {
		t.Errorf("%+v", got)
	}
	list(r, c, call("a", false), call("b", false))
	if got := leg(t, r, "a"); !got.Present || !got.Before {
		t.Errorf("one that is back without a later join: %+v", got)
	}
	ended := call("a", false)
	ended.Phase = voice.PhaseEnded
	list(r, c, ended, call("b", false))
	if departed, _ := leg(t, r, "a").Departed(c.now); !departed {
		t.Error("one that has ended is there")
	}
}
