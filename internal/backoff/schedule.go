package backoff

import (
	"math/rand/v2"
	"slices"
	"time"
)

// Schedule names a row of the table of waits.
type Schedule int

// The schedules.
const (
	// Request is for an update, an announcement or a deletion policy after a
	// request that failed.
	Request Schedule = iota
	// Probe is for an account while the provider does not respond, and for a
	// provider that throttles without saying for how long.
	Probe
	// Doubt is for an account that a response gives reason to verify, and that is
	// accepted each time.
	Doubt
	// List is for a conference that could not be listed.
	List
	// Row is for a call leg that can't be read, in a list or by itself.
	Row
	// RefusedList is for a conference that the provider refuses to list: at first
	// it may be a proxy in front of it, later it seldom ends by itself.
	RefusedList
	// Conference is for a read of a conference that has not ended, or could not be
	// read, while a call leg is looked for in it.
	Conference
	// Call is for a call that could not be read, or that the provider does not know
	// so far.
	Call
	// Refusal is for a field that the provider refuses: at first it may be a proxy
	// in front of it, later another party has to act.
	Refusal
	// Denial is for an announcement that is refused as unauthorized although the
	// token is accepted; it ends.
	Denial
	// Coachee is for a coachee that the provider says is missing: it joins any
	// moment.
	Coachee
	// Unconfirmed is for a change that is accepted and not seen in effect; the
	// first two tries follow at once.
	Unconfirmed
	// Contest is for a field that another party keeps changing back.
	Contest
)

// row is one schedule: so many waits of zero, then fixed steps, then the first
// wait, doubled up to the longest. Without a longest wait there are no more tries
// after the steps.
type row struct {
	immediate      int
	first, longest time.Duration
	steps          []time.Duration
	jitter         bool
}

// row returns the schedule's row of the table.
func (s Schedule) row() row {
	return map[Schedule]row{
		Request:     {first: time.Second, longest: time.Minute, jitter: true},
		Probe:       {first: time.Second, longest: time.Minute, jitter: true},
		Doubt:       {first: 5 * time.Second, longest: 30 * time.Second},
		List:        {first: time.Second, longest: 30 * time.Second, jitter: true},
		Row:         {first: time.Second, longest: time.Minute, jitter: true},
		RefusedList: {steps: []time.Duration{10 * time.Second, time.Minute}, first: 5 * time.Minute, longest: 5 * time.Minute, jitter: true},
		Conference:  {first: 5 * time.Second, longest: time.Minute},
		Call:        {first: time.Second, longest: 30 * time.Second, jitter: true},
		Refusal:     {steps: []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute}, first: 15 * time.Minute, longest: 15 * time.Minute},
		Denial:      {steps: []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute}},
		Coachee:     {first: time.Second, longest: 15 * time.Second},
		Unconfirmed: {immediate: 2, first: 30 * time.Second, longest: 5 * time.Minute},
		Contest:     {first: 10 * time.Second, longest: 5 * time.Minute},
	}[s]
}

// Longest is the longest wait of the schedule.
func (s Schedule) Longest() time.Duration {
	r := s.row()
	return max(r.longest, slices.Max(append(r.steps, 0)))
}

// Steps is after how many failures in a row the fixed steps are used up: one more
// is no accident.
func (s Schedule) Steps() int { return len(s.row().steps) }

// After is the wait after so many failures in a row, at least one; again is
// false where the schedule has ended. A wait with jitter is up to a quarter
// shorter, so that many don't come back together.
func (s Schedule) After(failures int) (wait time.Duration, again bool) {
	r := s.row()
	switch failures -= r.immediate; {
	case failures <= 0:
		return 0, true
	case failures <= len(r.steps):
		wait = r.steps[failures-1]
	case r.longest == 0:
		return 0, false
	default:
		wait = r.doubled(failures - len(r.steps) - 1)
	}
	if r.jitter {
		wait -= time.Duration(rand.Int64N(int64(wait) / 4))
	}
	return wait, true
}

// doubled is the first wait, doubled so many times, at most the longest.
func (r row) doubled(times int) time.Duration {
	wait := r.first
	for range times {
		wait = min(2*wait, r.longest)
	}
	return wait
}

const (
	// SlowSearch is the wait before the next look for a participant in a conference
	// that the provider does not know.
	SlowSearch = time.Minute
	// RareSearch is how often a participant is looked for after its join deadline:
	// with a tenth of jitter, never more often than every five minutes.
	RareSearch = 6 * time.Minute
)

// Ringing is the wait before the next look for a participant that has rung for so
// long: short, since a person waits when the call is answered, and long for a call
// that no telephone would let ring any more.
func Ringing(rung time.Duration) time.Duration {
	if rung < 15*time.Minute {
		return 4 * time.Second
	}
	return time.Minute
}

// Search is the wait before the next search for a participant that was never seen
// and has been waited for so long: soon at first, since lookups are eventually
// consistent.
func Search(waited time.Duration) time.Duration {
	return min(max(waited/4, time.Second), 15*time.Second)
}
