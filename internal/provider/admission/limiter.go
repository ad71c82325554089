package admission

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	// grantTTL is how long a granted request may take to be tried again. seatTTL
	// is how long a seat is kept free for it: longer than a reconcile takes to be
	// scheduled, shorter than the list that may have to come first.
	grantTTL = 2 * time.Second
	seatTTL  = 20 * time.Millisecond
	// seatsAfterTimeout is how many requests may be in flight after a time-out,
	// until one succeeds: a dead provider must not take many workers.
	seatsAfterTimeout = 2
)

// The classes of requests, each with a queue of its own.
const (
	reads = iota
	writes
)

// classOf returns in which queue a request waits.
func classOf(request Request) int {
	if request.Write {
		return writes
	}
	return reads
}

// Limiter bounds the requests in flight and the writes a second of one account.
// Reads and writes have queues of their own, which are served in turn: no read
// waits for a token that it doesn't need. It may be used concurrently.
type Limiter struct {
	now      func() time.Time
	bucket   *rate.Limiter
	schedule func(after time.Duration)

	mu       sync.Mutex
	seats    int
	timedOut bool
	inFlight int
	queues   [2]*fairQueue
	// served is the class that was served last.
	served int
	// granted are the requests that may be tried again, by key, and grantedTo is
	// how many they are by flow.
	granted   map[any]*grant
	grantedTo map[string]int
	// tickAt is when the next Tick is scheduled; zero if it is not.
	tickAt time.Time
}

// grant is a request that may be tried again. A seat is kept free for it for a
// while, and the grant itself for longer.
type grant struct {
	Request
	expiresAt, seatUntil time.Time
	// awaitingSeat says that the request was tried again and found no free seat;
	// the grant is kept until there is one.
	awaitingSeat bool
}

// New returns a limiter with so many seats and a bucket of tokens for writes.
// schedule has Tick called after a while; it must not block, and of several calls
// the earliest counts.
func New(bucket *rate.Limiter, seats int, now func() time.Time, schedule func(after time.Duration)) *Limiter {
	return &Limiter{
		now: now, bucket: bucket, seats: seats, schedule: schedule,
		queues:  [...]*fairQueue{reads: newFairQueue(), writes: newFairQueue()},
		granted: map[any]*grant{}, grantedTo: map[string]int{},
	}
}

// TryAcquire takes a seat, to be given back with release, or queues the request,
// which is woken when it may be tried again. It never blocks.
func (l *Limiter) TryAcquire(request Request) (release func(), ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.grantNext(now)
	if kept := l.granted[request.Key]; kept != nil {
		if kept.awaitingSeat = l.inFlight >= l.seatLimit(); kept.awaitingSeat {
			return nil, false
		}
		l.cancel(kept)
		return l.take(), true
	}
	queue := l.queues[classOf(request)]
	if queue.empty() && l.hasCapacity(classOf(request), now) {
		return l.take(), true
	}
	queue.add(request)
	l.grantNext(now)
	return nil, false
}

func (l *Limiter) take() (release func()) {
	l.inFlight++
	return sync.OnceFunc(l.release)
}

func (l *Limiter) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	l.grantNext(l.now())
}

// Degrade leaves few seats after a time-out, until Restore is called after a
// success.
func (l *Limiter) Degrade() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timedOut = true
}

// Restore ends what Degrade began.
func (l *Limiter) Restore() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timedOut {
		l.timedOut = false
		l.grantNext(l.now())
	}
}

// seatLimit is how many requests may be in flight.
func (l *Limiter) seatLimit() int {
	if l.timedOut {
		return min(l.seats, seatsAfterTimeout)
	}
	return l.seats
}

// hasCapacity reports whether one more request of a class may start, and takes a
// token for a write. Granted writes do not count against reads: a write may need
// a read before it can be sent.
func (l *Limiter) hasCapacity(class int, now time.Time) bool {
	taken := l.inFlight
	for _, kept := range l.granted {
		if now.Before(kept.seatUntil) && (class == writes || classOf(kept.Request) == reads) {
			taken++
		}
	}
	if taken >= l.seatLimit() {
		return false
	}
	return class == reads || l.bucket.AllowN(now, 1)
}

// atQuota reports whether so many of a flow are granted that others would find no
// seat: it may have as many as are left. They may all be waiting for one list of
// a crowd, which takes its time.
func (l *Limiter) atQuota(flow string) bool {
	return l.grantedTo[flow] >= 2*l.seatLimit()-len(l.granted)
}

// grant has a request woken, and keeps a seat for it.
func (l *Limiter) grant(request Request, now time.Time) {
	kept := &grant{Request: request}
	l.granted[request.Key] = kept
	l.grantedTo[request.Flow]++
	l.wake(kept, now)
}

// wake has a grant's request tried again, and says how many of its flow are waiting
// for the same, so that a crowd yields to others at the workqueue, too.
func (l *Limiter) wake(kept *grant, now time.Time) {
	kept.expiresAt, kept.seatUntil = now.Add(grantTTL), now.Add(seatTTL)
	kept.Wake(l.grantedTo[kept.Flow] - 1 + l.queues[classOf(kept.Request)].length(kept.Flow))
}

// cancel ends a grant.
func (l *Limiter) cancel(kept *grant) {
	delete(l.granted, kept.Key)
	if l.grantedTo[kept.Flow]--; l.grantedTo[kept.Flow] == 0 {
		delete(l.grantedTo, kept.Flow)
	}
}

// grantNext gives free seats to the grants that wait for one, then to what is
// queued.
func (l *Limiter) grantNext(now time.Time) {
	free := l.seatLimit() - l.inFlight
	for _, kept := range l.granted {
		switch {
		case kept.awaitingSeat && free > 0:
			kept.awaitingSeat = false
			free--
			l.wake(kept, now)
		case !kept.awaitingSeat && now.After(kept.expiresAt):
			l.cancel(kept)
		}
	}
	for request, ok := l.next(now); ok; request, ok = l.next(now) {
		l.grant(request, now)
	}
	l.reset(now)
}

// next takes the next request that can be served out of its queue.
func (l *Limiter) next(now time.Time) (request Request, ok bool) {
	for range l.queues {
		l.served = (l.served + 1) % len(l.queues)
		atQuota := func(flow string) bool { return l.served == writes && l.atQuota(flow) }
		if queue := l.queues[l.served]; queue.ready(atQuota) && l.hasCapacity(l.served, now) {
			return queue.pop(), true
		}
	}
	return Request{}, false
}

// reset schedules a Tick, so that the queues move by themselves: when the next token
// is due, and when a grant expires.
func (l *Limiter) reset(now time.Time) {
	if l.queues[reads].empty() && l.queues[writes].empty() {
		return
	}
	wait := seatTTL
	if len(l.granted) == 0 {
		wait = grantTTL
	}
	if missing := 1 - l.bucket.TokensAt(now); !l.queues[writes].empty() && missing > 0 {
		wait = min(wait, time.Duration(missing/float64(l.bucket.Limit())*float64(time.Second))+time.Millisecond)
	}
	if at := now.Add(wait); l.tickAt.IsZero() || at.Before(l.tickAt) {
		l.tickAt = at
		l.schedule(wait)
	}
}

// Tick moves the queues, as it was scheduled.
func (l *Limiter) Tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.tickAt = time.Time{}
	l.grantNext(l.now())
}

// Close empties the queues; what was queued is woken by other means.
func (l *Limiter) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queues = [...]*fairQueue{reads: newFairQueue(), writes: newFairQueue()}
}
