package gateway

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// calledFor is how long a place is kept for somebody whose turn it is.
	calledFor = 2 * time.Second
	// slotsAfterTimeout is how many requests may be in flight after a time-out,
	// until something succeeds: a dead provider must not hold many workers.
	slotsAfterTimeout = 2
)

// Turn identifies who wants to send, and how to wake them when they may.
type Turn struct {
	// Key identifies the waiter; asking again keeps the place in line.
	Key any
	// Update says that a token of the rate limit is needed, too.
	Update bool
	// Wake is called once, when it is this waiter's turn. It must not block.
	Wake func()
}

// turnstile bounds requests in flight and updates a second without making
// anybody wait: who finds no room is put in line and woken when there is.
type turnstile struct {
	now     func() time.Time
	limiter *rate.Limiter

	mu       sync.Mutex
	slots    int
	timedOut bool
	inFlight int
	line     []Turn
	waiting  map[any]bool
	// called are those whose turn it is: their place is taken already and
	// given back at the time noted here.
	called map[any]time.Time
	timer  *time.Timer
}

func newTurnstile(limiter *rate.Limiter, slots int, now func() time.Time) *turnstile {
	return &turnstile{
		now: now, limiter: limiter, slots: slots,
		waiting: map[any]bool{}, called: map[any]time.Time{},
	}
}

// admit takes a place, to be given back with release, or remembers the turn.
func (t *turnstile) admit(turn Turn) (release func(), admitted bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	if _, ok := t.called[turn.Key]; ok {
		delete(t.called, turn.Key)
		return sync.OnceFunc(t.release), true
	}
	t.callNext(now)
	if len(t.line) == 0 && t.take(turn, now) {
		return sync.OnceFunc(t.release), true
	}
	if !t.waiting[turn.Key] {
		t.waiting[turn.Key] = true
		t.line = append(t.line, turn)
	}
	t.schedule(now)
	return nil, false
}

func (t *turnstile) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.inFlight--
	t.callNext(t.now())
}

// degrade and restore change how many may be in flight, after a time-out and
// after a success.
func (t *turnstile) degrade() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timedOut = true
}

func (t *turnstile) restore() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timedOut {
		t.timedOut = false
		t.callNext(t.now())
	}
}

func (t *turnstile) take(turn Turn, now time.Time) bool {
	slots := t.slots
	if t.timedOut {
		slots = min(slots, slotsAfterTimeout)
	}
	if t.inFlight >= slots || turn.Update && !t.limiter.AllowN(now, 1) {
		return false
	}
	t.inFlight++
	return true
}

// callNext gives free places to those in line, in order.
func (t *turnstile) callNext(now time.Time) {
	for key, until := range t.called {
		if now.After(until) {
			delete(t.called, key)
			t.inFlight--
		}
	}
	for len(t.line) > 0 && t.take(t.line[0], now) {
		turn := t.line[0]
		t.line = t.line[1:]
		delete(t.waiting, turn.Key)
		t.called[turn.Key] = now.Add(calledFor)
		turn.Wake()
	}
	t.schedule(now)
}

// schedule sees to it that the line moves without anybody asking: when the
// next token is due, and when a place that was kept runs out.
func (t *turnstile) schedule(now time.Time) {
	if len(t.line) == 0 {
		return
	}
	wait := calledFor
	if missing := 1 - t.limiter.TokensAt(now); t.line[0].Update && missing > 0 {
		wait = min(wait, time.Duration(missing/float64(t.limiter.Limit())*float64(time.Second))+time.Millisecond)
	}
	if t.timer == nil {
		t.timer = time.AfterFunc(wait, t.tick)
		return
	}
	t.timer.Reset(wait)
}

func (t *turnstile) tick() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.callNext(t.now())
}

// close stops the timer; whoever is in line is woken by other means.
func (t *turnstile) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.line = nil
	if t.timer != nil {
		t.timer.Stop()
	}
}
