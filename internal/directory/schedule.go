package directory

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/roster"
)

const (
	// listGap is the least time between two lists of one account's conferences.
	listGap = 200 * time.Millisecond
	// maxRequests is how many requests for a list are kept.
	maxRequests = 16
	// readsAtOnce is the most rooms that are read one after the other, before the next
	// list has its turn.
	readsAtOnce = 20
)

// Poll is what to ask the provider about an account's rooms now.
type Poll struct {
	// List says that the conferences are to be listed.
	List bool
	// Reads are the conferences to be read one by one, since a list lacks them.
	Reads []string
	// At is when there will be something more to ask; zero is never.
	At time.Time
}

// HasWork reports whether there is something to ask now.
func (p Poll) HasWork() bool { return p.List || len(p.Reads) > 0 }

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

// schedule is when an account's conferences are to be listed.
type schedule struct {
	// listedAt is when the last complete list was sent.
	listedAt time.Time
	// requests are the times for which a list was requested.
	requests []time.Time
	// spread is the present jitter of the interval.
	spread float64
	// retry holds lists back after a failed one, and so does a refusal.
	retry   backoff.State
	refusal roster.Refusal
}

func newSchedule() schedule { return schedule{spread: spread()} }

// spread is a random factor between 0.9 and 1.1, so that accounts that were first
// listed together don't stay together.
func spread() float64 { return 0.9 + 0.2*rand.Float64() }

// request notes a time, unless a list is requested at about that time. Of many, the
// latest stands for those that would be too many: a list serves all before it.
func (s *schedule) request(at time.Time) {
	near := func(noted time.Time) bool { return at.Sub(noted).Abs() < listGap }
	if slices.ContainsFunc(s.requests, near) {
		return
	}
	s.requests = append(s.requests, at)
	slices.SortFunc(s.requests, time.Time.Compare)
	if last := len(s.requests) - 1; last >= maxRequests {
		s.requests = slices.Delete(s.requests, last-1, last)
	}
}

// complete notes that a complete list was sent at a time.
func (s *schedule) complete(sent time.Time) {
	s.listedAt, s.spread = sent, spread()
	s.retry, s.refusal = backoff.State{}, roster.Refusal{}
	s.requests = slices.DeleteFunc(s.requests, func(at time.Time) bool { return !at.After(sent) })
}

// notBefore keeps lists apart, and away from a provider that just failed.
func (s *schedule) notBefore(at time.Time) time.Time {
	for _, earliest := range []time.Time{s.listedAt.Add(listGap), s.retry.NotBefore} {
		if at.Before(earliest) {
			at = earliest
		}
	}
	return at
}

func (a *account) next(interval time.Duration, now time.Time) Poll {
	var poll Poll
	due := a.requests
	if !a.known {
		due = append(due[:len(due):len(due)], time.Time{})
	} else if interval > 0 {
		due = append(due[:len(due):len(due)], a.listedAt.Add(time.Duration(float64(interval)*a.spread)))
	}
	for _, known := range a.bySID {
		if at := known.confirmAt(); at.After(a.listedAt) {
			due = append(due[:len(due):len(due)], at)
		}
		if a.wants(known) && poll.due(known.retry.NotBefore, now) && len(poll.Reads) < readsAtOnce {
			poll.Reads = append(poll.Reads, known.SID)
		}
	}
	for _, at := range due {
		poll.List = poll.due(a.notBefore(at), now) || poll.List
	}
	return poll
}

// wants reports whether a room is to be read by itself: a list lacks it, and a
// Conference selects it.
func (a *account) wants(known *entry) bool {
	return !known.missingSince.IsZero() && a.selects(known.Name)
}

// selects reports whether any Conference selects rooms of a name.
func (a *account) selects(name string) bool {
	for _, selector := range a.selectors {
		if selector.Matches(name) {
			return true
		}
	}
	return false
}
