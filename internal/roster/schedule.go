package roster

import (
	"math/rand/v2"
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
)

const (
	// bigConference is the number of participants above which a few refresh
	// requests are served by single reads instead of a list, and fewReads is how
	// many those are (R2).
	bigConference = 200
	fewReads      = 3
	// listGap is the least time between two lists of one conference.
	listGap = 100 * time.Millisecond
)

// schedule is what is to be asked about one conference, and when.
type schedule struct {
	// refreshes are the outstanding requests, one a subscriber.
	refreshes map[Subscriber]RefreshRequest
	// verifications are the updates to be verified, by subscriber, with the time
	// from when an observation is proof; verifyAt is when the next list for them
	// is due.
	verifications map[Subscriber]time.Time
	verifyAt      time.Time
	// prefetchAt is when the next list is due for requests that are in the
	// admission queue.
	prefetchAt time.Time
	// spread is the present jitter of the poll interval.
	spread float64
	// retry holds requests back after a failed one, and so does the refusal of a
	// list.
	retry   backoff.State
	refusal Refusal
}

func newSchedule() schedule {
	return schedule{refreshes: map[Subscriber]RefreshRequest{}, verifications: map[Subscriber]time.Time{}, spread: spread()}
}

// spread is a random factor between 0.9 and 1.1, so that conferences that were
// first listed together don't stay together.
func spread() float64 { return 0.9 + 0.2*rand.Float64() }

// requestRefresh notes a request; of two of one subscriber for the same the
// earlier stands.
func (r *Roster) requestRefresh(request RefreshRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	noted, ok := r.refreshes[request.Subscriber]
	if !ok || request.dueAt().Before(noted.dueAt()) || request.Read != noted.Read {
		r.refreshes[request.Subscriber] = request
	}
}

// scheduleVerification has an accepted update verified once it must have settled:
// one list for all updates that settle until then (R6).
func (r *Roster) scheduleVerification(subscriber Subscriber, respondedAt time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.verifications[subscriber] = respondedAt.Add(Settle)
	if r.verifyAt.IsZero() {
		r.verifyAt = respondedAt.Add(Settle)
	}
}

// prefetch schedules a list so that its response is there by a time. It wakes no
// subscriber, and reports whether a list was newly scheduled.
func (r *Roster) prefetch(by time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.prefetchAt.IsZero() {
		return false
	}
	r.prefetchAt = by.Add(-min(r.took, by.Sub(r.listedAt)/2))
	return true
}

// Poll is what to ask the provider about a conference now.
type Poll struct {
	// List says that the whole conference is to be listed.
	List bool
	// Reads are the call legs to be read one by one.
	Reads []RefreshRequest
	// At is when there will be something more to ask; zero is never.
	At time.Time
}

// HasWork reports whether there is something to ask now.
func (p Poll) HasWork() bool { return p.List || len(p.Reads) > 0 }

// Empty reports whether nothing is to be asked, now or later.
func (p Poll) Empty() bool { return !p.HasWork() && p.At.IsZero() }

// Next decides what to ask now, where the conference is listed regularly at an
// interval; 0 is never. A request stays noted until it was served.
func (r *Roster) Next(interval time.Duration, now time.Time) Poll {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next(interval, now)
}

func (r *Roster) next(interval time.Duration, now time.Time) Poll {
	var poll Poll
	refreshes := r.dueRefreshes(&poll, now)
	poll.List = r.listDue(&poll, interval, now)
	if r.size > bigConference && len(refreshes) <= fewReads && !r.doubted {
		poll.Reads = append(poll.Reads, refreshes...)
	} else if len(refreshes) > 0 {
		poll.List = true
	}
	return poll
}

// dueRefreshes returns the refresh requests that are due, with those that may be
// served beside them, and notes the reads that confirm an absence in the poll.
func (r *Roster) dueRefreshes(poll *Poll, now time.Time) (due []RefreshRequest) {
	needed := false
	for _, request := range r.refreshes {
		isDue := poll.due(r.notBefore(request.dueAt()), now)
		switch {
		case request.Read && isDue:
			poll.Reads = append(poll.Reads, request)
		case !request.Read && (isDue || !now.Before(r.notBefore(request.At))):
			due, needed = append(due, request), needed || isDue
		}
	}
	if !needed {
		return nil
	}
	return due
}

// listDue reports whether a regular list is due, or one for verifications, for
// the admission queue or in doubt.
func (r *Roster) listDue(poll *Poll, interval time.Duration, now time.Time) bool {
	due := !r.verifyAt.IsZero() && poll.due(r.notBefore(r.verifyAt), now)
	due = !r.prefetchAt.IsZero() && poll.due(r.notBefore(r.prefetchAt), now) || due
	due = r.doubted && poll.due(r.notBefore(now), now) || due
	if interval > 0 {
		// A change shortens the interval; it does not make a list overdue.
		since := r.listedAt
		if r.changedAt.After(since) {
			since = r.changedAt
		}
		pollAt := since.Add(time.Duration(float64(interval) * r.spread))
		due = poll.due(r.notBefore(pollAt), now) || due
	}
	return due
}

// due reports whether a time has come, and remembers the earliest that hasn't.
func (p *Poll) due(at, now time.Time) bool {
	if !now.Before(at) {
		return true
	}
	if p.At.IsZero() || at.Before(p.At) {
		p.At = at
	}
	return false
}

// notBefore keeps lists apart, and away from a provider that just failed.
func (r *Roster) notBefore(at time.Time) time.Time {
	for _, earliest := range []time.Time{r.listedAt.Add(listGap), r.retry.NotBefore} {
		if at.Before(earliest) {
			at = earliest
		}
	}
	return at
}

// CompleteList removes and returns what a complete list has satisfied: refresh
// requests due by now, and verifications of updates that had settled before the
// list was sent.
func (r *Roster) CompleteList(started, now time.Time) (refreshed []RefreshRequest, verified []Subscriber) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for subscriber, request := range r.refreshes {
		if request.servedBy(started, now) {
			refreshed = append(refreshed, request)
			delete(r.refreshes, subscriber)
		}
	}
	r.verifyAt, r.prefetchAt = time.Time{}, time.Time{}
	for subscriber, settled := range r.verifications {
		if !started.Before(settled) {
			verified = append(verified, subscriber)
			delete(r.verifications, subscriber)
		} else if settled.After(r.verifyAt) {
			r.verifyAt = settled
		}
	}
	r.retry, r.refusal, r.spread = backoff.State{}, Refusal{}, spread()
	return refreshed, verified
}

// CompleteRead removes a refresh request that a single read has satisfied.
func (r *Roster) CompleteRead(request RefreshRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.refreshes, request.Subscriber)
	r.retry = backoff.State{}
}

// RecordFailure puts the next request off.
func (r *Roster) RecordFailure(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.retry = r.retry.Fail(backoff.List, now)
}

// unsubscribe removes everything about a subscriber, and a call leg that is not
// there.
func (r *Roster) unsubscribe(subscriber Subscriber, callSID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(subscriber)
	delete(r.refreshes, subscriber)
	delete(r.verifications, subscriber)
	if len(r.verifications) == 0 {
		r.verifyAt, r.prefetchAt = time.Time{}, time.Time{}
	}
	if known := r.entries[callSID]; known != nil && !known.present {
		delete(r.entries, callSID)
	}
}

// idle reports whether nothing is to be asked and no interest is in force, so
// that the roster may be forgotten.
func (r *Roster) idle(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	return r.demand() == DemandNone && r.next(0, now).Empty()
}
