package admission

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// newLimiter returns a limiter with the clock, and the timers, of the test.
func newLimiter(bucket *rate.Limiter, seats int) (limiter *Limiter) {
	limiter = New(bucket, seats, time.Now, func(after time.Duration) { time.AfterFunc(after, func() { limiter.Tick() }) })
	return limiter
}

// queue notes which requests are woken.
type queue struct {
	mu    sync.Mutex
	names []string
}

// request is one of a flow of its own.
func (q *queue) request(name string, write bool) Request {
	return Request{Key: name, Flow: name, Write: write, Wake: func(int) {
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

func TestSeatsAreGrantedInOrderWithoutWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		limiter := newLimiter(rate.NewLimiter(rate.Inf, 1), 1)
		defer limiter.Close()
		release, admitted := limiter.TryAcquire(q.request("a", false))
		if !admitted {
			t.Fatal("a free slot is refused")
		}
		for _, name := range []string{"b", "c", "b"} {
			if _, admitted := limiter.TryAcquire(q.request(name, false)); admitted {
				t.Fatalf("%s gets a slot that is taken", name)
			}
		}
		release()
		release()
		if !slices.Equal(q.woken(), []string{"b"}) {
			t.Fatalf("%q are woken, want b alone", q.woken())
		}
		if _, admitted := limiter.TryAcquire(q.request("d", false)); admitted {
			t.Error("d jumps the line")
		}
		release, admitted = limiter.TryAcquire(q.request("b", false))
		if !admitted {
			t.Fatal("b was called and is refused")
		}
		release()
		if !slices.Equal(q.woken(), []string{"b", "c"}) {
			t.Errorf("%q are woken", q.woken())
		}
	})
}

func TestAnUnusedGrantIsGivenOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		limiter := newLimiter(rate.NewLimiter(rate.Inf, 1), 1)
		defer limiter.Close()
		release, _ := limiter.TryAcquire(q.request("a", false))
		limiter.TryAcquire(q.request("deleted", false))
		limiter.TryAcquire(q.request("b", false))
		release()
		time.Sleep(2*grantTTL + time.Second)
		synctest.Wait()
		if !slices.Equal(q.woken(), []string{"deleted", "b"}) {
			t.Errorf("%q are woken, want b after the one who never came", q.woken())
		}
	})
}

func TestWritesWaitForTokensAndReadsDoNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		limiter := newLimiter(rate.NewLimiter(10, 1), 8)
		defer limiter.Close()
		if _, admitted := limiter.TryAcquire(q.request("a", true)); !admitted {
			t.Fatal("the burst is refused")
		}
		if _, admitted := limiter.TryAcquire(q.request("list", false)); !admitted {
			t.Error("a list needs a token")
		}
		limiter.TryAcquire(q.request("b", true))
		limiter.TryAcquire(q.request("c", true))
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

func TestATimeOutLeavesTwoSeats(t *testing.T) {
	var q queue
	limiter := newLimiter(rate.NewLimiter(rate.Inf, 1), 8)
	defer limiter.Close()
	limiter.Degrade()
	admitted := 0
	for _, name := range []string{"a", "b", "c", "d"} {
		if _, ok := limiter.TryAcquire(q.request(name, false)); ok {
			admitted++
		}
	}
	if admitted != seatsAfterTimeout {
		t.Errorf("%d are in flight after a time-out", admitted)
	}
	limiter.Restore()
	if !slices.Equal(q.woken(), []string{"c", "d"}) {
		t.Errorf("%q are woken by a success, want c and d", q.woken())
	}
}

// wait queues a request of a flow.
func (q *queue) wait(limiter *Limiter, flow, name string, restricts bool) {
	request := q.request(name, true)
	request.Flow, request.Restricts = flow, restricts
	limiter.TryAcquire(request)
}

func TestFlowsTakeTurnsAndWhatRestrictsGoesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		limiter := newLimiter(rate.NewLimiter(10, 1), 100)
		defer limiter.Close()
		limiter.TryAcquire(q.request("takes the token", true))
		q.wait(limiter, "crowded", "unmute 1", false)
		q.wait(limiter, "crowded", "unmute 2", false)
		q.wait(limiter, "crowded", "mute", true)
		q.wait(limiter, "crowded", "changes its mind", false)
		q.wait(limiter, "quiet", "edit", false)
		q.wait(limiter, "crowded", "changes its mind", true)
		q.wait(limiter, "crowded", "mute", false)
		time.Sleep(time.Second)
		synctest.Wait()
		want := []string{"mute", "edit", "changes its mind", "unmute 1", "unmute 2"}
		if !slices.Equal(q.woken(), want) {
			t.Errorf("%q are woken, want %q", q.woken(), want)
		}
	})
}

// TestARequestThatBeginsToRestrictIsQueuedOnce, and nothing of it is left when it has
// been served.
func TestARequestThatBeginsToRestrictIsQueuedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		limiter := newLimiter(rate.NewLimiter(10, 2), 100)
		defer limiter.Close()
		for _, name := range []string{"takes a token", "takes another"} {
			limiter.TryAcquire(q.request(name, true))
		}
		q.wait(limiter, "quiet", "changes its mind", false)
		q.wait(limiter, "quiet", "changes its mind", true)
		time.Sleep(time.Second)
		synctest.Wait()
		if !slices.Equal(q.woken(), []string{"changes its mind"}) {
			t.Errorf("%q are woken", q.woken())
		}
		if _, ok := limiter.TryAcquire(q.request("comes later", true)); !ok {
			t.Error("a request that nothing is before has to wait")
		}
	})
}

func TestAReadWaitsForNoToken(t *testing.T) {
	var q queue
	limiter := newLimiter(rate.NewLimiter(0.001, 1), 2)
	defer limiter.Close()
	releaseUpdate, _ := limiter.TryAcquire(q.request("update", true))
	releaseLook, _ := limiter.TryAcquire(q.request("look 1", false))
	limiter.TryAcquire(q.request("has no token", true))
	limiter.TryAcquire(q.request("look 2", false))
	limiter.TryAcquire(q.request("look 3", false))
	releaseUpdate()
	releaseLook()
	if !slices.Equal(q.woken(), []string{"look 2", "look 3"}) {
		t.Errorf("%q are woken, want the looks, past an update that has no token", q.woken())
	}
}

func TestAReadGetsThroughWhereAllSeatsAreGranted(t *testing.T) {
	var q queue
	limiter := newLimiter(rate.NewLimiter(rate.Inf, 1), 2)
	defer limiter.Close()
	var releases []func()
	for _, name := range []string{"a", "b"} {
		release, _ := limiter.TryAcquire(q.request(name, true))
		releases = append(releases, release)
	}
	limiter.TryAcquire(q.request("c", true))
	limiter.TryAcquire(q.request("d", true))
	for _, release := range releases {
		release()
	}
	if !slices.Equal(q.woken(), []string{"c", "d"}) {
		t.Fatalf("%q are woken, want c and d", q.woken())
	}
	// Before they send, c and d need a look each.
	first, ok := limiter.TryAcquire(q.request("look 1", false))
	second, also := limiter.TryAcquire(q.request("look 2", false))
	if !ok || !also {
		t.Fatal("a look waits for those who wait for it")
	}
	if _, ok := limiter.TryAcquire(q.request("c", true)); ok {
		t.Error("c is the third of two in flight")
	}
	first()
	if !slices.Equal(q.woken(), []string{"c", "d", "c"}) {
		t.Errorf("%q are woken, want c once more", q.woken())
	}
	if _, ok := limiter.TryAcquire(q.request("c", true)); !ok {
		t.Error("c lost the place")
	}
	second()
}

func TestNoFlowTakesAllGrants(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		limiter := newLimiter(rate.NewLimiter(1000, 1), 4)
		defer limiter.Close()
		limiter.TryAcquire(q.request("takes the token", true))
		for i := range 20 {
			q.wait(limiter, "crowded", fmt.Sprint(i), true)
		}
		// Who is called waits for a look at the crowd and does not come.
		time.Sleep(5 * seatTTL)
		synctest.Wait()
		if called := len(q.woken()); called != 4 {
			t.Fatalf("%d of a crowd are called, want as many as there are slots", called)
		}
		q.wait(limiter, "quiet", "edit", false)
		time.Sleep(seatTTL)
		synctest.Wait()
		if woken := q.woken(); woken[len(woken)-1] != "edit" {
			t.Errorf("%q are woken, want the edit of another conference", woken)
		}
		time.Sleep(grantTTL)
		synctest.Wait()
		if called := len(q.woken()); called <= 5 {
			t.Errorf("%d are called, want more when places run out", called)
		}
	})
}

func TestASeatIsNotKeptForAGrantThatNeedsAReadFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		limiter := newLimiter(rate.NewLimiter(rate.Inf, 1), 1)
		defer limiter.Close()
		release, _ := limiter.TryAcquire(q.request("a", true))
		for _, name := range []string{"b", "c", "d"} {
			limiter.TryAcquire(q.request(name, true))
		}
		release()
		time.Sleep(10 * seatTTL)
		synctest.Wait()
		if !slices.Equal(q.woken(), []string{"b", "c"}) {
			t.Fatalf("%q are woken, want b, c when b is late, and nobody more", q.woken())
		}
		if _, ok := limiter.TryAcquire(q.request("b", true)); !ok {
			t.Error("b lost the turn by looking first")
		}
	})
}

func TestAGrantThatWaitsForASeatIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var q queue
		limiter := newLimiter(rate.NewLimiter(rate.Inf, 1), 1)
		defer limiter.Close()
		release, _ := limiter.TryAcquire(q.request("a", true))
		limiter.TryAcquire(q.request("b", true))
		release()
		time.Sleep(2 * seatTTL)
		release, admitted := limiter.TryAcquire(q.request("c", true))
		if !admitted {
			t.Fatal("b keeps a slot and does not come")
		}
		if _, admitted := limiter.TryAcquire(q.request("b", true)); admitted {
			t.Fatal("b gets a slot that is taken")
		}
		// c meets a provider that takes its time.
		time.Sleep(2 * grantTTL)
		limiter.TryAcquire(q.request("d", true))
		release()
		if !slices.Equal(q.woken(), []string{"b", "b"}) {
			t.Fatalf("%q are woken, want b again when there is a slot", q.woken())
		}
		if _, admitted := limiter.TryAcquire(q.request("d", true)); admitted {
			t.Error("d takes the slot that b was woken for")
		}
		if _, admitted := limiter.TryAcquire(q.request("b", true)); !admitted {
			t.Error("b lost the turn by waiting for a slot")
		}
	})
}
