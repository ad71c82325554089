package gateway

import (
	"math/rand/v2"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/plan"
)

const (
	// bigConference is from how many participants on a few who wait are served
	// by single reads instead of a list, and fewReads how many those are (R2).
	bigConference = 200
	fewReads      = 3
	// listGap is the least time between two lists of one conference.
	listGap = 100 * time.Millisecond
	// slowestList bounds the growing wait after failed lists.
	slowestList = 30 * time.Second
)

// Ask is a wish to have a call leg looked at.
type Ask struct {
	// Waiter is woken when it was.
	Waiter types.NamespacedName
	// CallSID is whom to look at.
	CallSID string
	// At is when, at the earliest.
	At time.Time
	// Read asks for a read of this participant alone, to confirm an absence.
	Read bool
	// Priority is with which the waiter is woken.
	Priority int
}

// requests are who waits for what in one conference.
type requests struct {
	// asks are the looks and reads asked for, by waiter.
	asks map[types.NamespacedName]Ask
	// checks are the updates to be checked, by waiter, with the time from when
	// an observation is proof; checkAt is when the next list for them is due.
	checks  map[types.NamespacedName]time.Time
	checkAt time.Time
	// renewAt is when the next list is due for those whose turn comes then.
	renewAt time.Time
	// wentAt is when somebody was last taken off the books.
	wentAt time.Time
	// spread is this round's jitter of the poll interval.
	spread float64
	// retryAt and failures hold requests back after a failed one, and so does
	// the refusal of a list.
	retryAt  time.Time
	failures int
	refusal  Refusal
}

func newRequests() requests {
	return requests{
		asks: map[types.NamespacedName]Ask{}, checks: map[types.NamespacedName]time.Time{}, spread: spread(),
	}
}

// spread is a random factor between 0.9 and 1.1, so that conferences that were
// first listed together don't stay together.
func spread() float64 { return 0.9 + 0.2*rand.Float64() }

// ask notes a wish; of two wishes of one waiter for the same the earlier stands.
func (r *Roster) ask(a Ask) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if noted, ok := r.asks[a.Waiter]; !ok || a.At.Before(noted.At) || a.Read != noted.Read {
		r.asks[a.Waiter] = a
	}
}

// check has an accepted update checked once it must have settled: one list for
// all updates that settle until then (R6).
func (r *Roster) check(waiter types.NamespacedName, answeredAt time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks[waiter] = answeredAt.Add(plan.Settle)
	if r.checkAt.IsZero() {
		r.checkAt = answeredAt.Add(plan.Settle)
	}
}

// renew has the next list answered by a time, without waking anybody: those whose
// turn comes then would have to wait for it. It says whether this is news.
func (r *Roster) renew(by time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.renewAt.IsZero() {
		return false
	}
	r.renewAt = by.Add(-min(r.took, by.Sub(r.listedAt)/2))
	return true
}

// Round is what to ask the provider about a conference now.
type Round struct {
	// List says that the whole conference is to be listed.
	List bool
	// Reads are the call legs to be read one by one.
	Reads []Ask
	// At is when there will be something more to ask; zero is never.
	At time.Time
}

// Due says whether there is something to ask now.
func (round Round) Due() bool { return round.List || len(round.Reads) > 0 }

// Idle says that nothing is to be asked, now or later.
func (round Round) Idle() bool {
	return !round.Due() && round.At.IsZero()
}

// Next decides what to ask now, where the conference is listed regularly at an
// interval; 0 is never. What was asked for stays noted until it was answered.
func (r *Roster) Next(interval time.Duration) Round {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, round := r.now(), Round{}
	round.reached(r.recountAt(), now)
	looks := r.dueAsks(&round, now)
	round.List = r.listDue(&round, interval, now)
	if r.size > bigConference && len(looks) <= fewReads && !r.doubted {
		round.Reads = append(round.Reads, looks...)
	} else if len(looks) > 0 {
		round.List = true
	}
	return round
}

// dueAsks returns the looks that are due and notes the reads in the round.
func (r *Roster) dueAsks(round *Round, now time.Time) (looks []Ask) {
	for _, ask := range r.asks {
		switch {
		case !round.reached(r.notBefore(ask.At), now):
		case ask.Read:
			round.Reads = append(round.Reads, ask)
		default:
			looks = append(looks, ask)
		}
	}
	return looks
}

// listDue says whether a regular list is due, or one for checks or in doubt.
func (r *Roster) listDue(round *Round, interval time.Duration, now time.Time) bool {
	due := !r.checkAt.IsZero() && round.reached(r.notBefore(r.checkAt), now)
	due = !r.renewAt.IsZero() && round.reached(r.notBefore(r.renewAt), now) || due
	due = r.doubted && round.reached(r.notBefore(now), now) || due
	if interval > 0 {
		// A change shortens the interval; it does not make a list overdue.
		since := r.listedAt
		if r.changedAt.After(since) {
			since = r.changedAt
		}
		pollAt := since.Add(time.Duration(float64(interval) * r.spread))
		due = round.reached(r.notBefore(pollAt), now) || due
	}
	return due
}

// reached says whether a time has come, and remembers the earliest that hasn't.
func (round *Round) reached(at, now time.Time) bool {
	if !now.Before(at) {
		return true
	}
	if round.At.IsZero() || at.Before(round.At) {
		round.At = at
	}
	return false
}

// notBefore keeps lists apart, and away from a provider that just failed.
func (r *Roster) notBefore(at time.Time) time.Time {
	for _, earliest := range []time.Time{r.listedAt.Add(listGap), r.retryAt} {
		if at.Before(earliest) {
			at = earliest
		}
	}
	return at
}

// Listed takes everybody off the books whom a complete list has served, and
// returns them: those who asked for a look until now, and those whose updates
// had settled when the list began.
func (r *Roster) Listed(started time.Time) (asked []Ask, checked []types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	for waiter, ask := range r.asks {
		if !ask.Read && !now.Before(ask.At) {
			asked = append(asked, ask)
			delete(r.asks, waiter)
		}
	}
	r.checkAt, r.renewAt = time.Time{}, time.Time{}
	for waiter, settled := range r.checks {
		if !started.Before(settled) {
			checked = append(checked, waiter)
			delete(r.checks, waiter)
		} else if settled.After(r.checkAt) {
			r.checkAt = settled
		}
	}
	r.failures, r.retryAt, r.refusal, r.spread = 0, time.Time{}, Refusal{}, spread()
	return asked, checked
}

// Read takes somebody off the books who was served by a single read.
func (r *Roster) Read(ask Ask) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.asks, ask.Waiter)
	r.failures, r.retryAt = 0, time.Time{}
}

// Failed puts the next request off.
func (r *Roster) Failed() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.retryAt = r.now().Add(Backoff(r.failures, slowestList))
	r.failures++
}

// forget takes everything about a waiter off the books.
func (r *Roster) forget(waiter types.NamespacedName, callSID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.asks, waiter)
	delete(r.checks, waiter)
	r.wentAt = r.now()
	if len(r.checks) == 0 {
		r.checkAt, r.renewAt = time.Time{}, time.Time{}
	}
	if known := r.entries[callSID]; known != nil && !known.present {
		delete(r.entries, callSID)
	}
}
