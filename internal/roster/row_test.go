package roster

import (
	"fmt"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// mergeOdd writes a list down that has rows which can't be read.
func mergeOdd(r *Roster, c *clock, early bool, unreadable []string, participants ...voice.Participant) (flawed bool) {
	page := voice.Page{Participants: participants}
	for _, callSID := range unreadable {
		page.Unreadable = append(page.Unreadable, voice.UnreadableRow{CallSID: callSID, Flaw: voice.FlawMuted})
	}
	listing := NewListing(c.now)
	listing.Add(page, c.times(0, time.Millisecond))
	if early {
		listing.EndEarly("")
	}
	return r.ApplyList(listing, false, c.now)
}

// TestR7WhatAListDoesNotSayIsNotKnown has a list show "b" in full and "a" not.
func TestR7WhatAListDoesNotSayIsNotKnown(t *testing.T) {
	for name, test := range map[string]struct {
		early      bool
		unreadable []string
	}{
		"an odd row": {false, []string{"a"}}, "a row without a SID": {false, []string{""}}, "the list ended early": {true, nil},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			r := newRoster()
			merge(r, c, call("a", true), call("b", true))
			before := r.Observation("a")
			c.advance(time.Minute)
			r.refresh(c, "a", 0)
			r.refresh(c, "b", 0)
			if flawed := mergeOdd(r, c, test.early, test.unreadable, call("b", false)); flawed == test.early {
				t.Errorf("flawed %v", flawed)
			}
			if got := r.Observation("a"); !got.Present || !got.ObservedAt.Equal(before.ObservedAt) || got.Flaw != "" {
				t.Errorf("got %+v", got)
			}
			if got := r.Observation("b"); got.Muted || !got.ObservedAt.Equal(c.now) {
				t.Errorf("got %+v", got)
			}
			if never := r.Observation("never"); never.ObservedAt.Equal(c.now) != (name == "an odd row") {
				t.Errorf("an absence counts from %s", never.ObservedAt)
			}
			if got := names(r.CompleteList(c.now, c.now)); fmt.Sprint(got) != "[b]" {
				t.Errorf("%q are served", got)
			}
			if poll := r.Next(0, c.now); poll.List || fmt.Sprint(poll.Rows) != "[a]" {
				t.Errorf("poll %+v, want a read of the row", poll)
			}
			c.advance(time.Millisecond)
			r.RecordRead("a", call("a", false), true, c.times(0, 0))
			if got := names(r.CompleteRow("a", c.now, c.now)); fmt.Sprint(got) != "[a]" || !r.Next(0, c.now).Empty() {
				t.Errorf("%q are served", got)
			}
		})
	}
}

// TestR7AnUnreadableCallLegIsReadMoreAndMoreSlowly, once for each list at most.
func TestR7AnUnreadableCallLegIsReadMoreAndMoreSlowly(t *testing.T) {
	c := newClock()
	r := newRoster()
	interest := Interest{CallSID: "a", Presence: Live, Reported: &State{}}
	r.subscribe(subscriber("a"), interest)
	merge(r, c, call("a", false))
	reads := 0
	for range 360 {
		c.advance(10 * time.Second)
		mergeOdd(r, c, false, []string{"a"})
		if poll := r.Next(0, c.now); len(poll.Rows) > 0 {
			reads++
			r.RecordUnreadable("a", voice.FlawHold, c.times(0, 0))
		}
	}
	if reads < 55 || reads > 80 {
		t.Errorf("%d reads in an hour", reads)
	}
	if got := r.Observation("a"); got.Flaw != voice.FlawHold || !got.Present || len(r.Affected(c.now)) != 1 {
		t.Errorf("got %+v", got)
	}
	interest.Unreadable = true
	r.subscribe(subscriber("a"), interest)
	if len(r.Affected(c.now)) != 0 {
		t.Error("told again of what it reports")
	}
	merge(r, c, call("a", false))
	if got := r.Observation("a"); got.Flaw != "" || len(r.Affected(c.now)) != 1 {
		t.Errorf("got %+v", got)
	}
}

// TestR7AReadAloneIsSlowEvidence where the lists conclude nothing.
func TestR7AReadAloneIsSlowEvidence(t *testing.T) {
	c := newClock()
	r := newRoster()
	merge(r, c, call("a", false), call("b", false))
	c.advance(time.Second)
	mergeOdd(r, c, false, []string{""}, call("b", false))
	c.advance(time.Second)
	if !r.RecordRead("a", voice.Participant{}, false, c.times(0, 0)) {
		t.Error("not conclusive")
	}
	got := r.Observation("a")
	if departed, readAt := got.Absence.Departed(c.now); got.Present || departed || !readAt.Equal(c.in(confirmSlowly)) {
		t.Errorf("got %+v, to be read at %s", got, readAt)
	}
	if r.RecordRead("b", voice.Participant{}, false, c.times(0, 0)) || !r.Observation("b").Present {
		t.Error("a participant that the list shows is missing by the word of one read")
	}
}

// TestManyOddRowsAreReadInTurns so that they hold nothing up.
func TestManyOddRowsAreReadInTurns(t *testing.T) {
	c := newClock()
	r := newRoster()
	var all []string
	for i := range 10 * rowsAtOnce {
		name := fmt.Sprint(i)
		r.subscribe(subscriber(name), Interest{CallSID: name})
		all = append(all, name)
	}
	mergeOdd(r, c, false, append(all, "stranger"))
	if poll := r.Next(0, c.now); len(poll.Rows) != rowsAtOnce {
		t.Errorf("%d rows at once", len(poll.Rows))
	}
	for _, name := range all {
		r.unsubscribe(subscriber(name), name)
	}
	if r.odd != nil {
		t.Errorf("%d oddities are left of nobody", len(r.odd))
	}
}
