package roster

import (
	"fmt"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

func TestAPermanentConferenceStaysSmall(t *testing.T) {
	c := newClock()
	r := newRoster()
	stays := call("stays", false)
	largest := 0
	for i := range 200_000 {
		callSID := fmt.Sprint(i)
		merge(r, c, stays, call(callSID, false))
		if i%10 == 0 {
			// A single read that does not find a call leg is no reason to keep it, either.
			r.RecordRead(callSID+" was never there", voice.Participant{}, false, c.times(time.Millisecond, 0))
			r.RecordUpdate(call(callSID, true), c.times(time.Millisecond, 0))
		}
		largest = max(largest, len(r.entries))
		c.advance(time.Second)
	}
	if largest > 4 {
		t.Errorf("%d call legs are kept of a conference that never had more than 2", largest)
	}
}

func TestAPermanentConferenceWithAnOddRowStaysSmall(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.subscribe(subscriber("named"), Interest{CallSID: "named", Presence: Live})
	merge(r, c, call("named", false), inPhase("rings", voice.PhaseRinging))
	largest := 0
	for i := range 2_000 {
		// A row without a SID may be any call leg: nothing is concluded from the list.
		c.advance(10 * time.Second)
		listing := NewListing(c.now)
		listing.Add(voice.Page{
			Participants: []voice.Participant{call(fmt.Sprint(i), false)}, Unreadable: []voice.UnreadableRow{{Flaw: voice.FlawCallSID}},
		}, c.times(0, 0))
		r.ApplyList(listing, false, c.now)
		largest = max(largest, len(r.entries))
	}
	if largest > 400 {
		t.Errorf("%d call legs are kept, want those of an hour", largest)
	}
	if !r.Observation("named").Present || len(r.ringing) != 0 {
		t.Errorf("present %v, %d ring", r.Observation("named").Present, len(r.ringing))
	}
}

func TestAnAbsentCallLegIsKeptWhileItIsNamed(t *testing.T) {
	for name, test := range map[string]struct {
		interest *Interest
		request  *RefreshRequest
		kept     bool
	}{
		"by nothing":                                    {},
		"by an object that reports it there":            {interest: &Interest{CallSID: "gone", Presence: Live}, kept: true},
		"by an object that waits for it":                {interest: &Interest{CallSID: "gone"}, kept: true},
		"by an object that reports it gone":             {interest: &Interest{CallSID: "gone", Presence: Left}},
		"by an object that coaches it":                  {interest: &Interest{CallSID: "coach", CoacheeSID: "gone", Presence: Live}, kept: true},
		"by an object that coaches it, and left itself": {interest: &Interest{CallSID: "coach", CoacheeSID: "gone", Presence: Left}},
		"by a request":                                  {request: &RefreshRequest{CallSID: "gone"}, kept: true},
		"by a request for another":                      {request: &RefreshRequest{CallSID: "stays"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			r := newRoster()
			if test.interest != nil {
				r.subscribe(subscriber("a"), *test.interest)
			}
			if test.request != nil {
				test.request.Subscriber, test.request.At = subscriber("a"), c.in(time.Hour)
				r.requestRefresh(*test.request)
			}
			merge(r, c, call("gone", false), call("stays", false), call("too", false))
			c.advance(time.Second)
			merge(r, c, call("stays", false), call("too", false))
			c.advance(time.Second)
			r.RecordRead("gone", voice.Participant{}, false, c.times(0, 0))
			c.advance(time.Second)
			merge(r, c, call("stays", false), call("too", false))
			got := r.Observation("gone")
			if got.SeenBefore != test.kept || got.Absence.FirstRead.IsZero() == test.kept || (r.entries["gone"] != nil) != test.kept {
				t.Errorf("seen before %v, read %s; want what is known of it kept: %v", got.SeenBefore, got.Absence.FirstRead, test.kept)
			}
			if got.Present || !got.ObservedAt.Equal(c.now) {
				t.Errorf("present %v, observed at %s", got.Present, got.ObservedAt)
			}
		})
	}
}

func TestAnotherSubscribersEvidenceIsKept(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.subscribe(subscriber("coach"), Interest{CallSID: "coach", CoacheeSID: "gone", Presence: Live})
	r.subscribe(subscriber("coachee"), Interest{CallSID: "gone", Presence: Live})
	merge(r, c, call("gone", false), call("coach", false), call("too", false))
	c.advance(time.Second)
	merge(r, c, call("coach", false), call("too", false))
	r.unsubscribe(subscriber("coachee"), "gone")
	if !r.Observation("gone").SeenBefore {
		t.Error("what is known of a coachee went with the coachee's own object")
	}
	r.unsubscribe(subscriber("coach"), "coach")
	c.advance(time.Second)
	merge(r, c, call("too", false))
	if len(r.entries) != 1 {
		t.Errorf("%d call legs are kept, want 1", len(r.entries))
	}
}

func TestR7WhatIsForgottenCountsAmongTheVanished(t *testing.T) {
	c := newClock()
	r := newRoster()
	r.subscribe(subscriber("a"), Interest{CallSID: "a", Presence: Live})
	for _, step := range []struct {
		listed     []voice.Participant
		suspicious bool
	}{
		{[]voice.Participant{call("a", false), call("b", false), call("c", false)}, false},
		{[]voice.Participant{call("c", false)}, true},
	} {
		merge(r, c, step.listed...)
		if got := r.Observation("a").Absence.Suspicious; got != step.suspicious {
			t.Errorf("suspicious is %v, want %v", got, step.suspicious)
		}
		c.advance(time.Second)
	}
}
