package gateway

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// calledFor is how long it stays the turn of somebody who was called, and
	// slotFor how long a slot is kept free for them: longer than it takes to come,
	// and shorter than the look that may have to come first.
	calledFor = 2 * time.Second
	slotFor   = 20 * time.Millisecond
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
	// called are those whose turn it is, with a place that is kept for a while, and
	// calledTo how many they are in each conference.
	called   map[any]*place
	calledTo map[string]int
	timer    *time.Timer
}

// place is kept for somebody whose turn it is.
type place struct {
	Turn
	until, slotUntil time.Time
	// waits says that they came and found no slot free; the place is kept until
	// there is one.
	waits bool
}

func newTurnstile(limiter *rate.Limiter, slots int, now func() time.Time) *turnstile {
	return &turnstile{
		now: now, limiter: limiter, slots: slots,
		lines:  [...]*line{looks: newLine(), updates: newLine()},
		called: map[any]*place{}, calledTo: map[string]int{},
	}
}

// admit takes a place, to be given back with release, or remembers the turn.
func (t *turnstile) admit(turn Turn) (release func(), admitted bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	t.callNext(now)
	if kept := t.called[turn.Key]; kept != nil {
		if kept.waits = t.inFlight >= t.capacity(); kept.waits {
			return nil, false
		}
		t.strike(kept)
		return t.enter(), true
	}
	line := t.lines[lineOf(turn)]
	if line.empty() && t.room(lineOf(turn), now) {
		return t.enter(), true
	}
	line.add(turn)
	t.callNext(now)
	return nil, false
}

func (t *turnstile) enter() (release func()) {
	t.inFlight++
	return sync.OnceFunc(t.release)
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

// capacity is how many requests may be in flight.
func (t *turnstile) capacity() int {
	if t.timedOut {
		return min(t.slots, slotsAfterTimeout)
	}
	return t.slots
}

// room says whether somebody in a line may come now, and takes a token for an
// update. A look only minds other looks: those who are called to an update may
// have to wait for one before they can send it.
func (t *turnstile) room(line int, now time.Time) bool {
	taken := t.inFlight
	for _, kept := range t.called {
		if now.Before(kept.slotUntil) && (line == updates || lineOf(kept.Turn) == looks) {
			taken++
		}
	}
	if taken >= t.capacity() {
		return false
	}
	return line == looks || t.limiter.AllowN(now, 1)
}

// full says that so many are called in a conference that others would find no
// place: it may have as many as are left free. They may all be waiting for one
// look at a crowd, which takes its time.
func (t *turnstile) full(conference string) bool {
	return t.calledTo[conference] >= 2*t.capacity()-len(t.called)
}

// call keeps a place for somebody, and wakes them.
func (t *turnstile) call(turn Turn, now time.Time) {
	kept := &place{Turn: turn}
	t.called[turn.Key] = kept
	t.calledTo[turn.Conference]++
	kept.callAt(now)
}

// callAt wakes whom a place is kept for.
func (p *place) callAt(now time.Time) {
	p.until, p.slotUntil = now.Add(calledFor), now.Add(slotFor)
	p.Wake()
}

// strike gives up a place.
func (t *turnstile) strike(kept *place) {
	delete(t.called, kept.Key)
	if t.calledTo[kept.Conference]--; t.calledTo[kept.Conference] == 0 {
		delete(t.calledTo, kept.Conference)
	}
}

// callNext gives free places to those who have waited for a slot, then to those in
// line.
func (t *turnstile) callNext(now time.Time) {
	free := t.capacity() - t.inFlight
	for _, kept := range t.called {
		switch {
		case kept.waits && free > 0:
			kept.waits = false
			free--
			kept.callAt(now)
		case !kept.waits && now.After(kept.until):
			t.strike(kept)
		}
	}
	for turn, ok := t.next(now); ok; turn, ok = t.next(now) {
		t.call(turn, now)
	}
	t.schedule(now)
}

// next takes the next turn that can be served out of its line.
func (t *turnstile) next(now time.Time) (turn Turn, ok bool) {
	for range t.lines {
		t.turn = (t.turn + 1) % len(t.lines)
		full := func(conference string) bool { return t.turn == updates && t.full(conference) }
		if line := t.lines[t.turn]; line.ready(full) && t.room(t.turn, now) {
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
	wait := slotFor
	if len(t.called) == 0 {
		wait = calledFor
	}
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
