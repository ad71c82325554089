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

// The lines of a turnstile.
const (
	looks = iota
	updates
)

// lineOf says in which line a turn waits.
func lineOf(turn Turn) int {
	if turn.Update {
		return updates
	}
	return looks
}

// Turn identifies who wants to send, and how to wake them when they may.
type Turn struct {
	// Key identifies the waiter; asking again keeps the place in line.
	Key any
	// Conference is in whose name the turn is taken: conferences take turns.
	Conference string
	// Update says that a token of the rate limit is needed, too.
	Update bool
	// Closes says that the request keeps people from hearing.
	Closes bool
	// Wake is called once, when it is this waiter's turn. It must not block.
	Wake func()
}

// turnstile bounds requests in flight and updates a second without making
// anybody wait: who finds no room is put in line and woken when there is.
// Updates and looks have lines of their own, which are served in turn: no look
// waits for a token that it doesn't need.
type turnstile struct {
	now     func() time.Time
	limiter *rate.Limiter

	mu       sync.Mutex
	slots    int
	timedOut bool
	inFlight int
	lines    [2]*line
	// turn is the line that was served last.
	turn int
	// called are those whose turn it is: their place is taken already and
	// given back at the time noted here.
	called map[any]time.Time
	timer  *time.Timer
}

func newTurnstile(limiter *rate.Limiter, slots int, now func() time.Time) *turnstile {
	return &turnstile{
		now: now, limiter: limiter, slots: slots,
		lines: [...]*line{looks: newLine(), updates: newLine()}, called: map[any]time.Time{},
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
	line := t.lines[lineOf(turn)]
	if line.empty() && t.take(lineOf(turn), now) {
		return sync.OnceFunc(t.release), true
	}
	line.add(turn)
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

// take takes a place, and a token for an update, if there is room.
func (t *turnstile) take(line int, now time.Time) bool {
	slots := t.slots
	if t.timedOut {
		slots = min(slots, slotsAfterTimeout)
	}
	if t.inFlight >= slots || line == updates && !t.limiter.AllowN(now, 1) {
		return false
	}
	t.inFlight++
	return true
}

// callNext gives free places to those in line.
func (t *turnstile) callNext(now time.Time) {
	for key, until := range t.called {
		if now.After(until) {
			delete(t.called, key)
			t.inFlight--
		}
	}
	for turn, ok := t.next(now); ok; turn, ok = t.next(now) {
		t.called[turn.Key] = now.Add(calledFor)
		turn.Wake()
	}
	t.schedule(now)
}

// next takes the next turn that can be served out of its line.
func (t *turnstile) next(now time.Time) (turn Turn, ok bool) {
	for range t.lines {
		t.turn = (t.turn + 1) % len(t.lines)
		if line := t.lines[t.turn]; !line.empty() && t.take(t.turn, now) {
			return line.pop(), true
		}
	}
	return Turn{}, false
}

// schedule sees to it that the lines move without anybody asking: when the
// next token is due, and when a place that was kept runs out.
func (t *turnstile) schedule(now time.Time) {
	if t.lines[looks].empty() && t.lines[updates].empty() {
		return
	}
	wait := calledFor
	if missing := 1 - t.limiter.TokensAt(now); !t.lines[updates].empty() && missing > 0 {
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

// close stops the timer; who is in line is woken by other means.
func (t *turnstile) close() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines = [...]*line{looks: newLine(), updates: newLine()}
	if t.timer != nil {
		t.timer.Stop()
	}
}
