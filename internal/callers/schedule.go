package callers

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/policy"
)

const (
	// fewCalls is how many unknown calls are read one by one; more are looked for in a
	// list of all that are in progress (R20).
	fewCalls = 20
	// ReadsAtOnce is the most reads of one account's calls that are in flight.
	ReadsAtOnce = 8
)

// Poll is what to ask the provider about an account's calls now.
type Poll struct {
	// List says that the calls in progress are to be listed.
	List bool
	// Reads are the calls to be read, at most ReadsAtOnce.
	Reads []string
	// At is when there will be something more to ask; zero is never.
	At time.Time
}

// HasWork reports whether there is something to ask now.
func (p Poll) HasWork() bool { return p.List || len(p.Reads) > 0 }

// schedule is when an account's calls are to be asked for.
type schedule struct {
	outcomes outcomes
	// retry holds lists back after one that has failed.
	retry backoff.State
	// listedUntil is when the last list is too old to answer for anything.
	listedUntil time.Time
}

func (a *account) next(now time.Time) (poll Poll) {
	unknown, listed := a.unknown()
	poll.List = listed && poll.due(a.retry.NotBefore, now)
	for _, callSID := range unknown {
		if poll.due(a.calls[callSID].retry.NotBefore, now) && len(poll.Reads) < ReadsAtOnce {
			poll.Reads = append(poll.Reads, callSID)
		}
	}
	if len(a.listed) > 0 {
		poll.due(a.listedUntil, now)
	}
	return poll
}

// unknown are the unknown calls that are to be read by themselves; listed says that the
// others are so many that they are looked for in a list.
func (a *account) unknown() (alone []string, listed bool) {
	var together []string
	for callSID, known := range a.calls {
		switch {
		case known.caller.State != policy.CallerUnknown:
		case known.omitted:
			alone = append(alone, callSID)
		default:
			together = append(together, callSID)
		}
	}
	if len(together) > fewCalls {
		return alone, true
	}
	return append(alone, together...), false
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
