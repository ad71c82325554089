package directory

import (
	"strings"
	"testing"
	"time"
)

// TestR25AListIsAwaited has a Conference be told of the first complete list that was sent
// since it asked, although that shows nothing new.
func TestR25AListIsAwaited(t *testing.T) {
	w := newWorld(t)
	w.Await(acme, conf("c"), w.now)
	if !w.ListedAt(acme).IsZero() || len(w.accounts) != 0 {
		t.Fatal("a list is awaited without a subscription")
	}
	w.Subscribe(acme, conf("c"), everything)
	w.apply(w.list("all/x"))
	w.now = w.now.Add(s)
	began := w.list("all/x")
	w.now = w.now.Add(s / 10)
	since, woken := w.now, w.woken
	w.Await(acme, conf("c"), since)
	w.Await(acme, conf("c"), since)
	if w.woken != woken+1 {
		t.Errorf("the directory was enqueued %d times, want once", w.woken-woken)
	}
	if told := w.apply(began); len(told) != 0 || !w.ListedAt(acme).Before(since) {
		t.Errorf("told %v of a list that was under way", told)
	}
	early := w.list("all/x")
	early.EndEarly()
	w.now = w.now.Add(s)
	if told := w.apply(early); len(told) != 0 {
		t.Errorf("told %v of a list that is not complete", told)
	}
	if !w.Next(acme, 0, w.now).List {
		t.Fatal("no other list is due")
	}
	if told := w.apply(w.list("all/x")); !strings.Contains(told, "c") || w.ListedAt(acme).Before(since) {
		t.Errorf("told %v of the list that was awaited", told)
	}
	w.now = w.now.Add(s)
	if told := w.apply(w.list("all/x")); len(told) != 0 {
		t.Errorf("told %v once more", told)
	}
}

// TestR25TwoRequestsNearEachOtherAreBothServed awaits a list a moment after one was
// requested, so that the list for the first comes too early for the second.
func TestR25TwoRequestsNearEachOtherAreBothServed(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	w.apply(w.list())
	w.now = w.now.Add(s)
	w.Request(acme, w.now)
	began := w.list()
	w.now = w.now.Add(listGap / 2)
	w.Await(acme, conf("c"), w.now)
	w.apply(began)
	if poll := w.Next(acme, 0, w.now.Add(listGap)); !poll.List {
		t.Error("the list for the earlier request has served the later one")
	}
	w.Unsubscribe(acme, conf("c"))
	w.Subscribe(acme, conf("d"), everything)
	w.now = w.now.Add(time.Minute)
	if told := w.apply(w.list()); strings.Contains(told, "c") {
		t.Error("a Conference without a subscription is told")
	}
}
