package roster

import (
	"math/rand/v2"
	"slices"
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
	// readsAtOnce is the most absences that are confirmed one after the other, before
	// anything else of the conference has its turn.
	readsAtOnce = 20
)

// schedule is what is to be asked about one conference, and when.
type schedule struct {
	// refreshes are the outstanding requests, one a subscriber and call leg.
	refreshes map[refreshKey]RefreshRequest
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
	return schedule{refreshes: map[refreshKey]RefreshRequest{}, verifications: map[Subscriber]time.Time{}, spread: spread()}
}

// spread is a random factor between 0.9 and 1.1, so that conferences that were
// first listed together don't stay together.
func spread() float64 { return 0.9 + 0.2*rand.Float64() }

// requestRefresh notes a request; of two of one subscriber for the same call leg the
// earlier stands.
func (r *Roster) requestRefresh(request RefreshRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	noted, ok := r.refreshes[request.key()]
	if !ok || request.dueAt().Before(noted.dueAt()) || request.Read != noted.Read {
		r.refreshes[request.key()] = request
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

// Next decides what to ask now, where the conference is listed regularly at an
// interval; 0 is never. A request stays noted until it was served.
func (r *Roster) Next(interval time.Duration, now time.Time) Poll {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next(interval, now)
}

func (r *Roster) next(interval time.Duration, now time.Time) Poll {
	var poll Poll
	r.dueRows(&poll, now)
	refreshes := r.dueRefreshes(&poll, now)
	poll.List = r.listDue(&poll, interval, now)
	// What is only looked for rarely is read no more often than it is listed.
	poll.Conference = r.conferenceWanted() && r.demand() > DemandRare && poll.due(r.notBefore(r.conference.next), now)
	if r.size > bigConference && len(refreshes) <= fewReads && !r.doubted && !slices.ContainsFunc(refreshes, RefreshRequest.whole) {
		poll.Reads = append(poll.Reads, refreshes...)
	} else if len(refreshes) > 0 {
		poll.List = true
	}
	return poll
}

// dueRefreshes returns the refresh requests that are due, with those that may be
// served beside them, and notes the reads that confirm an absence in the poll. A list
// would not serve those for which a row is to be read.
func (r *Roster) dueRefreshes(poll *Poll, now time.Time) (due []RefreshRequest) {
	needed := false
	for _, request := range r.refreshes {
		isDue := poll.due(r.notBefore(request.dueAt()), now)
		switch {
		case request.Read:
			poll.confirm(request, isDue)
		case !r.rowDue(request.CallSID) && (isDue || !now.Before(r.notBefore(request.At))):
			due, needed = append(due, request), needed || isDue
		}
	}
	if !needed {
		return nil
	}
	return due
}

// confirm adds a read that confirms an absence, if it is due. Of very many each poll has
// a few.
func (p *Poll) confirm(request RefreshRequest, isDue bool) {
	if isDue && len(p.Reads) < readsAtOnce {
		p.Reads = append(p.Reads, request)
	}
}

// listDue reports whether a regular list is due, or one for verifications, for
// the admission queue, in doubt or for call legs that ring.
func (r *Roster) listDue(poll *Poll, interval time.Duration, now time.Time) bool {
	due := !r.verifyAt.IsZero() && poll.due(r.notBefore(r.verifyAt), now)
	due = !r.prefetchAt.IsZero() && poll.due(r.notBefore(r.prefetchAt), now) || due
	due = r.doubted && poll.due(r.notBefore(now), now) || due
	due = r.ringDue(poll, now) || due
	if interval > 0 {
		due = poll.due(r.notBefore(r.pollAt(interval, now)), now) || due
	}
	return due
}

// pollAt is when the next regular list is due. A change shortens the interval; it does
// not make a list overdue. A room is listed regularly however much changes in it.
func (r *Roster) pollAt(interval time.Duration, now time.Time) time.Time {
	since := r.lastLook(interval, now)
	if r.changedAt.After(since) && r.demands[DemandRoom] == 0 {
		since = r.changedAt
	}
	return since.Add(time.Duration(float64(interval) * r.spread))
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

// RecordFailure puts the next request off.
func (r *Roster) RecordFailure(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.retry = r.retry.Fail(backoff.List, now)
}
