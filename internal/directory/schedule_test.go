package directory

import (
	"testing"
	"time"
)

func TestR18WhenConferencesAreListed(t *testing.T) {
	request := func(after time.Duration) func(*world) {
		return func(w *world) { w.Request(acme, start.Add(after)) }
	}
	none := func(*world) {}
	for _, c := range []struct {
		name     string
		do       func(*world)
		interval time.Duration
		from, to time.Duration
	}{
		{"every interval, with a tenth of jitter", none, 5 * s, 4500 * time.Millisecond, 5500 * time.Millisecond},
		{"an interval of 0", none, 0, 0, 0},
		{"at once, but not twice at the same time", request(0), 0, listGap, listGap},
		{"a request later", request(3 * s), time.Minute, 3 * s, 3 * s},
		{"the earlier of two", func(w *world) { request(3 * s)(w); request(s)(w) }, time.Minute, s, s},
		{"after a failure", func(w *world) { request(0)(w); w.RecordFailure(acme, start) }, time.Minute, 3 * s / 4, s},
		{"a room is missing", func(w *world) { w.now = start.Add(s); w.apply(w.list()) }, 0, 6 * s, 6 * s},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.Subscribe(acme, conf("c"), everything)
			if !w.Next(acme, c.interval, w.now).List {
				t.Fatal("the first list is not due at once")
			}
			w.apply(w.list("all/x"))
			c.do(w)
			poll := w.Next(acme, c.interval, w.now)
			at := poll.At.Sub(start)
			if poll.At.IsZero() {
				at = 0
			}
			if poll.List || at < c.from || at > c.to {
				t.Errorf("listed now %v, or %s later; want %s to %s", poll.List, at, c.from, c.to)
			}
		})
	}
}

func TestR18ARequestIsServedByAListSentAfterIt(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	w.apply(w.list())
	w.now = w.now.Add(s)
	began := w.list()
	w.now = w.now.Add(s)
	w.Request(acme, w.now)
	w.Request(acme, w.now.Add(3*s))
	w.apply(began)
	if !w.Next(acme, 0, w.now).List {
		t.Error("a list that was under way serves the request")
	}
	w.apply(w.list())
	if poll := w.Next(acme, 0, w.now); poll.List || !poll.At.Equal(w.now.Add(3*s)) {
		t.Errorf("%+v: the later request is not waited for", poll)
	}
	w.now = w.now.Add(4 * s)
	w.apply(w.list())
	if poll := w.Next(acme, 0, w.now); poll.HasWork() || !poll.At.IsZero() {
		t.Errorf("%+v: something is left", poll)
	}
	for range 1000 {
		w.Request(acme, w.now.Add(s))
	}
	if n := len(w.accounts[acme].requests); n != 1 {
		t.Errorf("%d requests are kept", n)
	}
}

func TestR18AFloodOfRequestsIsBounded(t *testing.T) {
	w := newWorld(t)
	w.Request(acme, w.now)
	if w.woken != 0 || len(w.accounts) != 0 {
		t.Error("a request is kept that no Conference has any use for")
	}
	w.Subscribe(acme, conf("c"), everything)
	for i := range 1000 {
		w.Request(acme, w.now.Add(time.Duration(i)*s))
	}
	kept := w.accounts[acme].requests
	if len(kept) != maxRequests || !kept[0].Equal(w.now) || !kept[maxRequests-1].Equal(w.now.Add(999*s)) {
		t.Errorf("kept are %d requests, from %s to %s", len(kept), kept[0], kept[len(kept)-1])
	}
}

func TestR18AMissingRoomIsRead(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	w.apply(w.list("all/x", "other/y"))
	w.now = w.now.Add(s)
	w.apply(w.list())
	poll := w.Next(acme, time.Minute, w.now)
	if len(poll.Reads) != 1 || poll.Reads[0] != "x" {
		t.Fatalf("read are %q, want the one that a Conference selects, at once", poll.Reads)
	}
	w.read("x", "")
	if poll := w.Next(acme, time.Minute, w.now); len(poll.Reads) != 0 || !poll.At.Equal(w.now.Add(4*s)) && !poll.At.Equal(w.now.Add(5*s)) {
		t.Errorf("read again at once, or at %s", poll.At.Sub(w.now))
	}
	w.now = w.now.Add(5 * s)
	if poll := w.Next(acme, time.Minute, w.now); len(poll.Reads) != 1 {
		t.Error("it is not read again")
	}
	w.apply(w.list("all/x"))
	if poll := w.Next(acme, time.Minute, w.now); len(poll.Reads) != 0 {
		t.Error("it is read although it is there")
	}
}

func TestR18ManyMissingRoomsAreReadInPortions(t *testing.T) {
	w := newWorld(t)
	w.Subscribe(acme, conf("c"), everything)
	var rooms []string
	for i := range 3 * readsAtOnce {
		rooms = append(rooms, "all/"+time.Duration(i).String())
	}
	w.apply(w.list(rooms...))
	w.now = w.now.Add(s)
	w.apply(w.list())
	if n := len(w.Next(acme, 0, w.now).Reads); n != readsAtOnce {
		t.Errorf("%d are read one after the other", n)
	}
}
