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

// RefreshRequest asks for an observation of a call leg.
type RefreshRequest struct {
	// Subscriber is enqueued when the call leg was observed.
	Subscriber Subscriber
	// CallSID is the call leg.
	CallSID string
	// At is when, at the earliest.
	At time.Time
	// Read asks for a read of this participant alone, to confirm an absence.
	Read bool
	// Priority is the one with which the subscriber is enqueued.
	Priority int
}

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
	// begun is from when on the interval of a conference that is observed rarely is
	// counted, until it was listed.
	begun time.Time
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
	if !ok || request.At.Before(noted.At) || request.Read != noted.Read {
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

// CompleteList removes and returns what a complete list has satisfied: refresh
// requests due by now, and verifications of updates that had settled before the
// list was sent.
func (r *Roster) CompleteList(started, now time.Time) (refreshed []RefreshRequest, verified []Subscriber) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for subscriber, request := range r.refreshes {
		if !request.Read && !now.Before(request.At) {
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
