package directory

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

func TestR18TheEndOfARoom(t *testing.T) {
	type step struct {
		after time.Duration
		// what is "list", "early", "odd row", "row without SID", or the status of a read:
		// "completed", "in-progress", "404", "error".
		what  string
		rooms []string
		over  bool
	}
	gone, there := []string(nil), []string{"all/x"}
	for _, c := range []struct {
		name    string
		emptied bool
		steps   []step
	}{
		{"it reads completed", false, []step{{5 * s, "list", gone, false}, {0, "completed", nil, true}}},
		{"one list and nothing else", true, []step{{5 * s, "list", gone, false}}},
		{"two lists, five seconds apart, and nobody in it", true, []step{{5 * s, "list", gone, false}, {0, "404", nil, false}, {5 * s, "list", gone, true}}},
		{"two lists, with people in it", false, []step{{5 * s, "list", gone, false}, {5 * s, "list", gone, false}}},
		{"two lists that are too close", true, []step{{5 * s, "list", gone, false}, {5*s - 1, "list", gone, false}, {1, "list", gone, true}}},
		{"it is back meanwhile", true, []step{{5 * s, "list", gone, false}, {5 * s, "list", there, false}, {5 * s, "list", gone, false}}},
		{"a list that ends early", true, []step{{5 * s, "list", gone, false}, {5 * s, "early", gone, false}, {5 * s, "list", gone, true}}},
		{"its row can't be read", true, []step{{5 * s, "list", gone, false}, {5 * s, "odd row", gone, false}}},
		{"a row can't be read, whichever", true, []step{{5 * s, "list", gone, false}, {5 * s, "row without SID", gone, false}}},
		{"it reads in progress", true, []step{{5 * s, "list", gone, false}, {0, "in-progress", nil, false}, {5 * s, "list", gone, false}, {5 * s, "list", gone, true}}},
		{"it can't be read", false, []step{{5 * s, "list", gone, false}, {0, "error", nil, false}, {5 * s, "list", gone, false}}},
		{"the provider does not know it", false, []step{{5 * s, "list", gone, false}, {0, "404", nil, false}, {time.Minute, "404", nil, false}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.Subscribe(acme, conf("c"), everything)
			w.apply(w.list(there...))
			w.emptied["x"] = c.emptied
			for i, step := range c.steps {
				w.now = w.now.Add(step.after)
				listing := w.list(step.rooms...)
				told := ""
				switch step.what {
				case "early":
					listing.EndEarly()
					told = w.apply(listing)
				case "odd row":
					listing.Add(voice.ConferencePage{Unreadable: []string{"x"}}, voice.Times{})
					told = w.apply(listing)
				case "row without SID":
					listing.Add(voice.ConferencePage{Unreadable: []string{""}}, voice.Times{})
					told = w.apply(listing)
				case "list":
					told = w.apply(listing)
				case "404":
					told = w.read("x", "")
				case "error":
					w.RecordReadFailure(acme, "x", w.now)
				default:
					told = w.read("x", step.what)
				}
				if over := w.sids(everything) == ""; over != step.over || (told == "c") != step.over {
					t.Fatalf("step %d, %s: over %v, %q is told; want %v", i+1, step.what, over, told, step.over)
				}
			}
		})
	}
}

func TestR18ACompletedRoomIsNotFoundAgain(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	w.apply(w.list("all/x"))
	if told := joined(w.End(acme, "x", w.now)); told != "c" {
		t.Errorf("%q is told of the end", told)
	}
	w.now = w.now.Add(5 * s)
	if told := w.apply(w.list("all/x")); told != "" || w.sids(everything) != "" {
		t.Errorf("a list that lags brings it back, and %q is told", told)
	}
	if told := w.apply(w.list("all/x", "all/y")); told != "c" || w.sids(everything) != "y" {
		t.Errorf("another room of the name: %q is told", told)
	}
	if room := w.room("y"); room.Found || room.Listed {
		t.Errorf("it is said to be from before: %+v", room)
	}
}

func TestR18ARoomThatListsHaveEndedComesBackAsItWas(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	w.apply(w.list("all/x"))
	w.emptied["x"] = true
	for range 2 {
		w.now = w.now.Add(5 * s)
		w.apply(w.list())
	}
	if w.sids(everything) != "" {
		t.Fatal("it is not over")
	}
	if told := w.apply(w.list("all/x")); told != "c" || !w.room("x").Found {
		t.Errorf("%q is told, found %v", told, w.room("x").Found)
	}
}

func TestR18WhatIsOverIsForgotten(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	w.apply(w.list("all/x", "other/y"))
	w.End(acme, "x", w.now)
	for range 130 {
		w.now = w.now.Add(5 * s)
		w.apply(w.list())
	}
	if kept := w.accounts[acme]; len(kept.ended) != 0 || len(kept.bySID) != 0 {
		t.Errorf("%d rooms are kept that are over, and %d that none selects", len(kept.ended), len(kept.bySID))
	}
}
