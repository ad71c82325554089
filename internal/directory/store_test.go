package directory

import (
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

func TestR18OnlyConferencesThatSelectAChangedRoomAreTold(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("all"), Selector{Name: "all-hands"})
	w.Subscribe(acme, conf("cases"), Selector{Prefix: "case-"})
	w.Subscribe(acme, conf("none"), Selector{Name: "none"})
	for _, step := range []struct {
		name  string
		rooms []string
		told  string
	}{
		{"the first complete list, for all", []string{"case-1/a"}, "all cases none"},
		{"nothing new", []string{"case-1/a"}, ""},
		{"a room that none selects", []string{"case-1/a", "lunch/l"}, ""},
		{"a room that waits", []string{"case-1/a", "all-hands/h?"}, "all"},
		{"it still waits", []string{"case-1/a", "all-hands/h?"}, ""},
		{"it starts", []string{"case-1/a", "all-hands/h"}, "all"},
		{"another of the same name", []string{"case-1/a", "all-hands/h", "all-hands/i"}, "all"},
		{"names are compared byte by byte", []string{"case-1/a", "all-hands/h", "all-hands/i", "All-hands/j", "Case-/k"}, ""},
		{"one is missing, which may be an accident", []string{"case-1/a", "all-hands/i"}, ""},
	} {
		w.now = w.now.Add(s)
		if told := w.apply(w.list(step.rooms...)); told != step.told {
			t.Errorf("%s: %q are told, want %q", step.name, told, step.told)
		}
	}
	if got := w.sids(Selector{Name: "all-hands"}); got != "h i" {
		t.Errorf("the rooms are %q", got)
	}
}

func TestR18WhatIsKnownOfARoom(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	if _, known := w.Rooms(acme, everything); known {
		t.Error("something is known before there is a list")
	}
	first, early := w.now, w.list("all/early")
	early.EndEarly()
	if told := w.apply(early); told != "" {
		t.Errorf("%q is told of a list that is not complete", told)
	}
	if _, known := w.Rooms(acme, everything); known {
		t.Error("a list that is not complete counts")
	}
	w.now = w.now.Add(s)
	second := w.now
	w.apply(w.list("all/early", "all/found", "all/waits?"))
	w.now = w.now.Add(s)
	began := w.now
	w.apply(w.list("all/early", "all/found", "all/waits", "all/new"))
	created := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, want := range []Room{
		{SID: "early", Name: "all", Created: created, Since: first, Listed: true, Found: true},
		{SID: "found", Name: "all", Created: created, Since: second, Listed: true, Found: true},
		{SID: "waits", Name: "all", Created: created, Since: second, Listed: true, Started: began, StartedDate: began.Add(time.Hour)},
		{SID: "new", Name: "all", Created: created, Since: began},
	} {
		if got := w.room(want.SID); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestR18TheOldestRoomComesFirst(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	listing := w.list("all/b")
	listing.Add(voice.ConferencePage{Items: []voice.Conference{
		{SID: "c", FriendlyName: "all", Status: voice.ConferenceInProgress, DateCreated: "Mon, 23 Nov 2026 08:59:59 +0000"},
		{SID: "a", FriendlyName: "all", Status: voice.ConferenceInProgress, DateCreated: "Mon, 23 Nov 2026 09:00:00 +0000"},
	}}, voice.Times{Sent: w.now})
	w.apply(listing)
	if got := w.sids(everything); got != "c a b" {
		t.Errorf("the rooms are %q", got)
	}
}

func TestR18AnAccountAtTheProviderHasItsOwnRooms(t *testing.T) {
	w := newWorld(t)
	w.SetProvider(acme, "p")
	w.Subscribe(acme, conf("c"), everything)
	w.apply(w.list("all/x"))
	w.SetProvider(acme, "p")
	w.ForgetAccount(acme)
	w.SetProvider(acme, "p")
	if w.sids(everything) != "x" {
		t.Error("the rooms of the same account are forgotten")
	}
	w.SetProvider(acme, "q")
	if _, known := w.Rooms(acme, everything); known || w.sids(everything) != "" {
		t.Error("the rooms of another account are kept")
	}
	if told := w.apply(w.list("all/y")); told != "c" {
		t.Errorf("%q is told of the first list", told)
	}
	w.Unsubscribe(acme, conf("c"))
	w.ForgetAccount(acme)
	if len(w.accounts) != 0 {
		t.Error("an account that is gone is kept")
	}
}

func TestR18SubscriptionsWakeTheAccountOnce(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.Subscribe(acme, conf("c"), everything)
	}
	w.Unsubscribe(acme, conf("unknown"))
	w.Unsubscribe(types.NamespacedName{Name: "unknown"}, conf("c"))
	if w.woken != 1 {
		t.Errorf("woken %d times", w.woken)
	}
	if got := joined(w.Subscribers(acme)); got != "c" {
		t.Errorf("subscribed are %q", got)
	}
	w.Unsubscribe(acme, conf("c"))
	if poll := w.Next(acme, 5*s, w.now); poll.HasWork() || !poll.At.IsZero() {
		t.Errorf("%+v is to be asked for no Conference", poll)
	}
}

func TestR18AListThatIsRefusedForGoodIsTold(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	w.apply(w.list("all/x"))
	refused := &voice.Error{Class: voice.ClassRefused, HTTPStatus: 400}
	for try, want := range []string{"", "", "c", ""} {
		w.now = w.now.Add(10 * time.Minute)
		if told := joined(w.RecordRefusal(acme, refused, w.now)); told != want || w.Refusal(acme).Tries != try+1 {
			t.Errorf("refusal %d: %q is told", w.Refusal(acme).Tries, told)
		}
	}
	if w.Next(acme, 5*s, w.now).List {
		t.Error("it is asked again at once")
	}
	w.Forgive(acme)
	if !w.Next(acme, 5*s, w.now).List {
		t.Error("other credentials have to wait")
	}
	w.RecordRefusal(acme, refused, w.now)
	w.RecordRefusal(acme, refused, w.now)
	w.RecordRefusal(acme, refused, w.now)
	if told := w.apply(w.list("all/x")); told != "c" || w.Refusal(acme) != (roster.Refusal{}) {
		t.Errorf("%q is told that lists are possible again", told)
	}
}

func TestWhetherListsFail(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	if joined(w.Unlisted(acme)) != "c" || w.Failing(acme) {
		t.Errorf("before the first list %v wait, failing %v", w.Unlisted(acme), w.Failing(acme))
	}
	w.RecordFailure(acme, w.now)
	if w.Failing(acme) {
		t.Error("one failure may be an accident")
	}
	w.RecordFailure(acme, w.now)
	if !w.Failing(acme) {
		t.Error("two failures in a row are none")
	}
	w.apply(w.list("all/x"))
	if w.Unlisted(acme) != nil || w.Failing(acme) {
		t.Errorf("after a list %v wait, failing %v", w.Unlisted(acme), w.Failing(acme))
	}
}
