package roster

import "time"

// RefreshRequest asks for an observation of a call leg.
type RefreshRequest struct {
	// Subscriber is enqueued when the call leg was observed.
	Subscriber Subscriber
	// CallSID is the call leg; "" for the whole conference, which is listed.
	CallSID string
	// At is when, at the earliest.
	At time.Time
	// By is when, at the latest: until then another list may serve the request, if
	// it was sent after At. Zero is at once.
	By time.Time
	// Read asks for a read of this participant alone, to confirm an absence.
	Read bool
	// Priority is the one with which the subscriber is enqueued.
	Priority int
}

// refreshKey tells requests apart.
type refreshKey struct {
	subscriber Subscriber
	callSID    string
}

func (q RefreshRequest) key() refreshKey { return refreshKey{q.Subscriber, q.CallSID} }

// whole reports whether the request is for a list of the whole conference.
func (q RefreshRequest) whole() bool { return q.CallSID == "" }

// dueAt is when a request has to be served that no other list has served.
func (q RefreshRequest) dueAt() time.Time {
	if q.By.After(q.At) {
		return q.By
	}
	return q.At
}

// servedBy reports whether a list serves a request. One that began a little before
// the request may serve it; the subscriber judges how old it may be.
func (q RefreshRequest) servedBy(started, now time.Time) bool {
	if q.Read {
		return false
	}
	if !q.By.IsZero() {
		now = started
	}
	return !now.Before(q.At)
}
