package roster

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/voice"
)

// waiting is an interest in the call leg "mine".
func waiting(presence Presence, demand Demand) (Subscriber, Interest) {
	return Subscriber{Kind: "Agent", Name: types.NamespacedName{Name: "agent"}}, Interest{CallSID: "mine", Presence: presence, Demand: demand}
}

func TestC10AConferenceIsReadWhereAListCannotTell(t *testing.T) {
	gone := call("gone", false)
	gone.Status = "completed"
	gone.Phase = voice.PhaseEnded
	for _, c := range []struct {
		name     string
		presence Presence
		demand   Demand
		listed   []voice.Participant
		due, now bool
	}{
		{"never seen, in an empty conference", Unseen, DemandRegular, nil, true, true},
		{"never seen, among others", Unseen, DemandRegular, []voice.Participant{call("other", false)}, true, true},
		{"never seen, among calls that have ended", Unseen, DemandRegular, []voice.Participant{gone}, true, true},
		{"seen now", Unseen, DemandRegular, []voice.Participant{call("mine", false)}, false, false},
		{"gone with all the others", Live, DemandRegular, nil, true, true},
		{"gone, the others are there", Live, DemandRegular, []voice.Participant{call("other", false)}, false, false},
		{"left long ago", Left, DemandRegular, nil, false, false},
		{"not expected any more: after a list only", Unseen, DemandRare, nil, true, false},
		{"of no interest", Unseen, DemandNone, nil, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			clock, r := newClock(), newRoster()
			r.subscribe(waiting(c.presence, c.demand))
			if r.ConferenceDue(clock.now) || r.Next(0, clock.now).Conference {
				t.Error("it is read before there is a list")
			}
			merge(r, clock, c.listed...)
			clock.advance(listGap)
			if due, now := r.ConferenceDue(clock.now), r.Next(0, clock.now).Conference; due != c.due || now != c.now {
				t.Errorf("due after the list %v, by itself %v; want %v, %v", due, now, c.due, c.now)
			}
		})
	}
}

func TestC10WhatReadsOfAConferenceShow(t *testing.T) {
	completed, open := voice.Conference{Status: "completed"}, voice.Conference{Status: "init"}
	type read struct {
		after   time.Duration
		found   bool
		read    voice.Conference
		want    ConferenceStatus
		changed bool
		next    time.Duration
	}
	const s = time.Second
	for name, reads := range map[string][]read{
		"over":            {{0, true, completed, ConferenceOver, true, 0}},
		"not known":       {{0, false, voice.Conference{}, ConferenceUnknown, false, 30 * s}, {30 * s, false, voice.Conference{}, ConferenceMissing, true, 10 * s}},
		"too early":       {{0, false, voice.Conference{}, ConferenceUnknown, false, 30 * s}, {9 * s, false, voice.Conference{}, ConferenceUnknown, false, 21 * s}},
		"known meanwhile": {{0, false, voice.Conference{}, ConferenceUnknown, false, 30 * s}, {30 * s, true, open, ConferenceOpen, false, 10 * s}},
		"forgotten":       {{0, true, open, ConferenceOpen, false, 5 * s}, {5 * s, false, voice.Conference{}, ConferenceUnknown, false, 30 * s}},
		"goes on":         {{0, true, open, ConferenceOpen, false, 5 * s}, {5 * s, true, open, ConferenceOpen, false, 10 * s}},
		"undocumented":    {{0, true, voice.Conference{Status: "?"}, ConferenceUnknown, false, 5 * s}},
	} {
		t.Run(name, func(t *testing.T) {
			clock, r := newClock(), newRoster()
			r.subscribe(waiting(Unseen, DemandRegular))
			merge(r, clock)
			for i, step := range reads {
				clock.advance(step.after)
				changed := r.RecordConference(step.read, step.found, clock.times(0, 0))
				if got := r.Observation("mine").Conference; got != step.want || changed != step.changed {
					t.Errorf("read %d: %v, changed %v; want %v, %v", i, got, changed, step.want, step.changed)
				}
				if at := r.Next(0, clock.now).At; step.next > 0 && !at.Equal(clock.in(step.next)) {
					t.Errorf("read %d: the next one is due in %s, want %s", i, at.Sub(clock.now), step.next)
				}
			}
		})
	}
}

func TestC10AListRefutesTheEndOfAConference(t *testing.T) {
	clock, r := newClock(), newRoster()
	r.subscribe(waiting(Unseen, DemandRegular))
	merge(r, clock)
	r.RecordConference(voice.Conference{Status: "completed"}, true, clock.times(0, 0))
	clock.advance(time.Minute)
	merge(r, clock, call("other", false))
	if got := r.Observation("mine").Conference; got != ConferenceUnknown || !r.ConferenceDue(clock.now) {
		t.Errorf("%v, to be read %v", got, r.ConferenceDue(clock.now))
	}
}

func TestC11ARareListIsDueAtAnyTimeAfterAStart(t *testing.T) {
	clock := newClock()
	early := 0
	for range 200 {
		r := newRoster()
		r.subscribe(waiting(Unseen, DemandRare))
		poll := r.Next(time.Hour, clock.now)
		if poll.HasWork() {
			early++
		}
		if again := r.Next(time.Hour, clock.now); again.At != poll.At {
			t.Fatalf("due at %s, then at %s", poll.At, again.At)
		}
	}
	if early > 30 {
		t.Errorf("%d of 200 conferences are listed at once", early)
	}
}
