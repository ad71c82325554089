package gateway

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// queue notes whose turn it is.
type queue struct {
	mu    sync.Mutex
	names []string
}

// turn is one in a conference of its own.
func (q *queue) turn(name string, update bool) Turn {
	return Turn{Key: name, Conference: name, Update: update, Wake: func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.names = append(q.names, name)
	}}
}

func (q *queue) woken() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.names)
}

func TestSlotsAreGivenInOrderWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		stile := newTurnstile(rate.NewLimiter(rate.Inf, 1), 1, time.Now)
		defer stile.close()
		release, admitted := stile.admit(q.turn("a", false))
		if !admitted {
			t.Fatal("a free slot is refused")
		}
		for _, name := range []string{"b", "c", "b"} {
			if _, admitted := stile.admit(q.turn(name, false)); admitted {
				t.Fatalf("%s gets a slot that is taken", name)
			}
		}
		release()
		release()
		if !slices.Equal(q.woken(), []string{"b"}) {
			t.Fatalf("%q are woken, want b alone", q.woken())
		}
		if _, admitted := stile.admit(q.turn("d", false)); admitted {
			t.Error("d jumps the line")
		}
		release, admitted = stile.admit(q.turn("b", false))
		if !admitted {
			t.Fatal("b was called and is refused")
		}
		release()
		if !slices.Equal(q.woken(), []string{"b", "c"}) {
			t.Errorf("%q are woken", q.woken())
		}
	})
}

func TestAnUnusedGrantExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		stile := newTurnstile(rate.NewLimiter(rate.Inf, 1), 1, time.Now)
		defer stile.close()
		release, _ := stile.admit(q.turn("a", false))
		stile.admit(q.turn("deleted", false))
		stile.admit(q.turn("b", false))
		release()
		time.Sleep(2*calledFor + time.Second)
		synctest.Wait()
		if !slices.Equal(q.woken(), []string{"deleted", "b"}) {
			t.Errorf("%q are woken, want b after the one who never came", q.woken())
		}
	})
}

func TestUpdatesWaitForTokensAndListsDoNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		stile := newTurnstile(rate.NewLimiter(10, 1), 8, time.Now)
		defer stile.close()
		if _, admitted := stile.admit(q.turn("a", true)); !admitted {
			t.Fatal("the burst is refused")
		}
		if _, admitted := stile.admit(q.turn("list", false)); !admitted {
			t.Error("a list needs a token")
		}
		stile.admit(q.turn("b", true))
		stile.admit(q.turn("c", true))
		began := time.Now()
		for want := 1; want <= 2; want++ {
			for len(q.woken()) < want {
				time.Sleep(time.Millisecond)
				synctest.Wait()
			}
			if took := time.Since(began); took < time.Duration(want)*100*time.Millisecond || took > time.Duration(want)*120*time.Millisecond {
				t.Errorf("turn %d came after %s, want one each 100ms", want, took)
			}
		}
	})
}

func TestATimeOutLeavesTwoSlots(t *testing.T) {
	var q queue
	stile := newTurnstile(rate.NewLimiter(rate.Inf, 1), 8, time.Now)
	defer stile.close()
	stile.degrade()
	admitted := 0
	for _, name := range []string{"a", "b", "c", "d"} {
		if _, ok := stile.admit(q.turn(name, false)); ok {
			admitted++
		}
	}
	if admitted != slotsAfterTimeout {
		t.Errorf("%d are in flight after a time-out", admitted)
	}
	stile.restore()
	if !slices.Equal(q.woken(), []string{"c", "d"}) {
		t.Errorf("%q are woken by a success, want c and d", q.woken())
	}
}

// wait puts the turns of a test in line: "a closes" is of conference a.
func (q *queue) wait(stile *turnstile, conference, name string, closes bool) {
	turn := q.turn(name, true)
	turn.Conference, turn.Closes = conference, closes
	stile.admit(turn)
}

func TestConferencesTakeTurnsAndWhatClosesGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		stile := newTurnstile(rate.NewLimiter(10, 1), 100, time.Now)
		defer stile.close()
		stile.admit(q.turn("takes the token", true))
		q.wait(stile, "crowded", "unmute 1", false)
		q.wait(stile, "crowded", "unmute 2", false)
		q.wait(stile, "crowded", "mute", true)
		q.wait(stile, "crowded", "changes its mind", false)
		q.wait(stile, "quiet", "edit", false)
		q.wait(stile, "crowded", "changes its mind", true)
		q.wait(stile, "crowded", "mute", false)
		time.Sleep(time.Second)
		synctest.Wait()
		want := []string{"mute", "edit", "changes its mind", "unmute 1", "unmute 2"}
		if !slices.Equal(q.woken(), want) {
			t.Errorf("%q are woken, want %q", q.woken(), want)
		}
	})
}

func TestALookWaitsForNoToken(t *testing.T) {
	var q queue
	stile := newTurnstile(rate.NewLimiter(0.001, 1), 2, time.Now)
	defer stile.close()
	releaseUpdate, _ := stile.admit(q.turn("update", true))
	releaseLook, _ := stile.admit(q.turn("look 1", false))
	stile.admit(q.turn("has no token", true))
	stile.admit(q.turn("look 2", false))
	stile.admit(q.turn("look 3", false))
	releaseUpdate()
	releaseLook()
	if !slices.Equal(q.woken(), []string{"look 2", "look 3"}) {
		t.Errorf("%q are woken, want the looks, past an update that has no token", q.woken())
	}
}

func TestALookGetsThroughWhereAllPlacesAreKept(t *testing.T) {
	var q queue
	stile := newTurnstile(rate.NewLimiter(rate.Inf, 1), 2, time.Now)
	defer stile.close()
	var releases []func()
	for _, name := range []string{"a", "b"} {
		release, _ := stile.admit(q.turn(name, true))
		releases = append(releases, release)
	}
	stile.admit(q.turn("c", true))
	stile.admit(q.turn("d", true))
	for _, release := range releases {
		release()
	}
	if !slices.Equal(q.woken(), []string{"c", "d"}) {
		t.Fatalf("%q are woken, want c and d", q.woken())
	}
	// Before they send, c and d need a look each.
	first, ok := stile.admit(q.turn("look 1", false))
	second, also := stile.admit(q.turn("look 2", false))
	if !ok || !also {
		t.Fatal("a look waits for those who wait for it")
	}
	if _, ok := stile.admit(q.turn("c", true)); ok {
		t.Error("c is the third of two in flight")
	}
	first()
	if !slices.Equal(q.woken(), []string{"c", "d", "c"}) {
		t.Errorf("%q are woken, want c once more", q.woken())
	}
	if _, ok := stile.admit(q.turn("c", true)); !ok {
		t.Error("c lost the place")
	}
	second()
}

func TestNoCrowdTakesAllPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		stile := newTurnstile(rate.NewLimiter(1000, 1), 4, time.Now)
		defer stile.close()
		stile.admit(q.turn("takes the token", true))
		for i := range 20 {
			q.wait(stile, "crowded", fmt.Sprint(i), true)
		}
		// Who is called waits for a look at the crowd and does not come.
		time.Sleep(5 * slotFor)
		synctest.Wait()
		if called := len(q.woken()); called != 4 {
			t.Fatalf("%d of a crowd are called, want as many as there are slots", called)
		}
		q.wait(stile, "quiet", "edit", false)
		time.Sleep(slotFor)
		synctest.Wait()
		if woken := q.woken(); woken[len(woken)-1] != "edit" {
			t.Errorf("%q are woken, want the edit of another conference", woken)
		}
		time.Sleep(calledFor)
		synctest.Wait()
		if called := len(q.woken()); called <= 5 {
			t.Errorf("%d are called, want more when places run out", called)
		}
	})
}

func TestASeatIsNotKeptDuringAPrecedingRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		stile := newTurnstile(rate.NewLimiter(rate.Inf, 1), 1, time.Now)
		defer stile.close()
		release, _ := stile.admit(q.turn("a", true))
		for _, name := range []string{"b", "c", "d"} {
			stile.admit(q.turn(name, true))
		}
		release()
		time.Sleep(10 * slotFor)
		synctest.Wait()
		if !slices.Equal(q.woken(), []string{"b", "c"}) {
			t.Fatalf("%q are woken, want b, c when b is late, and nobody more", q.woken())
		}
		if _, ok := stile.admit(q.turn("b", true)); !ok {
			t.Error("b lost the turn by looking first")
		}
	})
}

func TestAGrantOutlastsTheWaitForASeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		stile := newTurnstile(rate.NewLimiter(rate.Inf, 1), 1, time.Now)
		defer stile.close()
		release, _ := stile.admit(q.turn("a", true))
		stile.admit(q.turn("b", true))
		release()
		time.Sleep(2 * slotFor)
		release, admitted := stile.admit(q.turn("c", true))
		if !admitted {
			t.Fatal("b keeps a slot and does not come")
		}
		if _, admitted := stile.admit(q.turn("b", true)); admitted {
			t.Fatal("b gets a slot that is taken")
		}
		// c meets a provider that takes its time.
		time.Sleep(2 * calledFor)
		stile.admit(q.turn("d", true))
		release()
		if !slices.Equal(q.woken(), []string{"b", "b"}) {
			t.Fatalf("%q are woken, want b again when there is a slot", q.woken())
		}
		if _, admitted := stile.admit(q.turn("d", true)); admitted {
			t.Error("d takes the slot that b was woken for")
		}
		if _, admitted := stile.admit(q.turn("b", true)); !admitted {
			t.Error("b lost the turn by waiting for a slot")
		}
	})
}
