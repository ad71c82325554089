package roster

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
)

// CompleteList removes and returns what a list has satisfied: refresh
// requests due by now, and verifications of updates that had settled before the
// list was sent, save of call legs of which it says nothing.
func (r *Roster) CompleteList(started, now time.Time) (refreshed []RefreshRequest, verified []Subscriber) {
	r.mu.Lock()
	defer r.mu.Unlock()
	refreshed, verified = r.complete(started, now, func(callSID string) bool { return r.odd[callSID] == nil })
	r.verifyAt, r.prefetchAt = time.Time{}, time.Time{}
	for _, settled := range r.verifications {
		if started.Before(settled) && settled.After(r.verifyAt) {
			r.verifyAt = settled
		}
	}
	r.retry, r.refusal, r.spread = backoff.State{}, Refusal{}, spread()
	return refreshed, verified
}

// complete removes and returns what a request sent at a time has satisfied, of the
// call legs that it has shown.
func (r *Roster) complete(sent, now time.Time, shown func(callSID string) bool) (refreshed []RefreshRequest, verified []Subscriber) {
	for asked, request := range r.refreshes {
		if request.servedBy(sent, now) && shown(request.CallSID) {
			refreshed = append(refreshed, request)
			delete(r.refreshes, asked)
		}
	}
	for subscriber, settled := range r.verifications {
		if !sent.Before(settled) && shown(r.interests[subscriber].CallSID) {
			verified = append(verified, subscriber)
			delete(r.verifications, subscriber)
		}
	}
	return refreshed, verified
}

// CompleteRead removes a refresh request that a single read has satisfied.
func (r *Roster) CompleteRead(request RefreshRequest) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.refreshes, request.key())
	r.retry = backoff.State{}
}
