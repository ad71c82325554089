package roster

import (
	"math/rand/v2"
	"time"
)

// Poll is what to ask the provider about a conference now.
type Poll struct {
	// List says that the whole conference is to be listed.
	List bool
	// Reads are the call legs to be read one by one.
	Reads []RefreshRequest
	// Conference says that the conference itself is to be read.
	Conference bool
	// At is when there will be something more to ask; zero is never.
	At time.Time
}

// HasWork reports whether there is something to ask now.
func (p Poll) HasWork() bool { return p.List || p.Conference || len(p.Reads) > 0 }

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
	// What is only looked for rarely is read no more often than it is listed.
	poll.Conference = r.conferenceWanted() && r.demand() > DemandRare && poll.due(r.notBefore(r.conference.next), now)
	if r.size > bigConference && len(refreshes) <= fewReads && !r.doubted {
		poll.Reads = append(poll.Reads, refreshes...)
	} else if len(refreshes) > 0 {
		poll.List = true
	}
	return poll
}

// dueRefreshes returns the refresh requests that are due, and notes the reads
// that confirm an absence in the poll.
func (r *Roster) dueRefreshes(poll *Poll, now time.Time) (due []RefreshRequest) {
	for _, request := range r.refreshes {
		switch {
		case !poll.due(r.notBefore(request.At), now):
		case request.Read:
			poll.Reads = append(poll.Reads, request)
		default:
			due = append(due, request)
		}
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
		since := r.lastLook(interval, now)
		if r.changedAt.After(since) {
			since = r.changedAt
		}
		pollAt := since.Add(time.Duration(float64(interval) * r.spread))
		due = poll.due(r.notBefore(pollAt), now) || due
	}
	return due
}

// lastLook is from when on the interval is counted. Where a conference is observed
// rarely, its first list is due at any time within the interval, so that a start does
// not list all of them at once.
func (r *Roster) lastLook(interval time.Duration, now time.Time) time.Time {
	if !r.listedAt.IsZero() || r.demand() != DemandRare {
		return r.listedAt
	}
	if r.begun.IsZero() {
		r.begun = now.Add(-time.Duration(rand.Float64() * float64(interval)))
	}
	return r.begun
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
