package roster

import (
	"maps"
	"time"
)

// omittedFor is how long a call leg that nothing names is kept where the lists don't
// have it and conclude no absence.
const omittedFor = time.Hour

// forgetAbsent drops the call legs that are not there and that nothing names, so
// that a permanent conference does not grow with each call leg that ever was in it.
// The list that shows it was sent at a time.
func (r *Roster) forgetAbsent(started time.Time) {
	var named map[string]bool
	for callSID, known := range r.entries {
		if known.present && !known.omittedSince(started.Add(-omittedFor)) || r.keptForRooms(known, started) {
			continue
		}
		if named == nil {
			named = r.named()
		}
		if !named[callSID] {
			delete(r.entries, callSID)
			delete(r.ringing, callSID)
		}
	}
}

// omittedSince reports whether no list has had the call leg since a time.
func (e *entry) omittedSince(since time.Time) bool { return e.omitted && e.times.Sent.Before(since) }

// named are the call legs that an interest or an outstanding request is about, and
// the coachees of interests. One that is reported to have left needs no evidence
// of it.
func (r *Roster) named() map[string]bool {
	named := map[string]bool{}
	for _, interest := range r.interests {
		if interest.Presence != Left {
			named[interest.CallSID], named[interest.CoacheeSID] = true, true
		}
	}
	for _, request := range r.refreshes {
		named[request.CallSID] = true
	}
	return named
}

// unsubscribe removes everything about a subscriber, and its call leg, if that is
// not there and nothing else names it.
func (r *Roster) unsubscribe(subscriber Subscriber, callSID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(subscriber)
	maps.DeleteFunc(r.refreshes, func(asked refreshKey, _ RefreshRequest) bool { return asked.subscriber == subscriber })
	delete(r.verifications, subscriber)
	if len(r.verifications) == 0 {
		r.verifyAt, r.prefetchAt = time.Time{}, time.Time{}
	}
	if !r.named()[callSID] {
		if known := r.entries[callSID]; known != nil && !known.present {
			delete(r.entries, callSID)
		}
		delete(r.odd, callSID)
	}
	if len(r.interests) == 0 && len(r.refreshes) == 0 {
		r.odd = nil
	}
}

// idle reports whether no demand is in force and nothing waits for what is to be
// asked, so that the roster may be forgotten, whatever is in doubt.
func (r *Roster) idle(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expire(now)
	return r.demand() == DemandNone && len(r.refreshes) == 0 && r.verifyAt.IsZero() && r.prefetchAt.IsZero()
}
