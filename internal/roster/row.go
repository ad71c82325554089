package roster

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/voice"
)

// rowsAtOnce is the most call legs with rows that can't be read that are read one
// after the other, before anything else of the conference has its turn.
const rowsAtOnce = 20

// oddity is a call leg of which the last list says nothing: its row can't be read,
// or may be one of those. What was observed before stands (R7).
type oddity struct {
	// since is when that began.
	since time.Time
	// due says that the call leg is to be read by itself, not before retry says.
	due   bool
	retry backoff.State
	// first says that this process's first look has shown it so.
	first bool
	// flaw is what the last such read has shown to be wrong; "" if nothing, or if
	// there was none.
	flaw voice.Flaw
}

// oddity returns what is noted of a call leg that can't be read.
func (r *Roster) oddity(callSID string, now time.Time) *oddity {
	if r.odd == nil {
		r.odd = map[string]*oddity{}
	}
	if r.odd[callSID] == nil {
		r.odd[callSID] = &oddity{since: now, first: !r.looked}
	}
	return r.odd[callSID]
}

// flaw returns why a call leg can't be observed; "" if it can.
func (r *Roster) flaw(callSID string) voice.Flaw {
	if found := r.odd[callSID]; found != nil {
		return found.flaw
	}
	return ""
}

// shown is what a list has shown: the call legs with rows that can be read, and
// those with rows that can't, "" for rows without a readable SID.
type shown struct {
	listed, unreadable map[string]bool
	started            time.Time
	// early says that the list is not complete; open that what it does not show may
	// be there.
	early, open bool
}

// nothingOf reports whether the list says nothing of a call leg.
func (s shown) nothingOf(callSID string) bool {
	return callSID != "" && (s.unreadable[callSID] || s.open && !s.listed[callSID])
}

// noteOddities notes of which call legs a list has said nothing.
func (r *Roster) noteOddities(s shown, now time.Time) {
	for callSID := range r.odd {
		if !s.nothingOf(callSID) {
			delete(r.odd, callSID)
		}
	}
	if len(s.unreadable) > 0 || s.open {
		r.noteRows(s, now)
	}
}

// noteRows notes which of the call legs of which a list has said nothing have to be
// read by themselves.
func (r *Roster) noteRows(s shown, now time.Time) {
	for callSID := range s.unreadable {
		if s.nothingOf(callSID) {
			r.oddity(callSID, now)
		}
	}
	for _, request := range r.refreshes {
		if s.nothingOf(request.CallSID) && request.servedBy(s.started, now) {
			r.oddity(request.CallSID, now).due = true
		}
	}
	for subscriber, interest := range r.interests {
		if s.nothingOf(interest.CallSID) && r.concerns(s, subscriber, interest) {
			r.oddity(interest.CallSID, now).due = true
		}
	}
}

// concerns reports whether a subscriber is to know what a list does not say: there
// is an odd row about its call leg, or may be, or its update was to be verified.
func (r *Roster) concerns(s shown, subscriber Subscriber, interest Interest) bool {
	settled, awaited := r.verifications[subscriber]
	return s.unreadable[interest.CallSID] || awaited && !s.started.Before(settled) || r.unshown(s, interest)
}

// unshown reports whether a call leg that is reported to be there may be one of the
// rows of a list without a readable SID.
func (r *Roster) unshown(s shown, interest Interest) bool {
	known := r.entries[interest.CallSID]
	return !s.early && interest.Presence.listed() && known != nil && known.present && !known.times.Responded.After(s.started)
}

// omit marks the entries that a list does not have which concludes no absence: a
// read may show that they are gone.
func (r *Roster) omit(s shown) {
	for callSID, known := range r.entries {
		known.omitted = known.present && !s.listed[callSID] && !s.unreadable[callSID] && !known.times.Responded.After(s.started)
	}
}

// dueRows notes the call legs in the poll that are to be read by themselves.
func (r *Roster) dueRows(poll *Poll, now time.Time) {
	for callSID, found := range r.odd {
		at := found.retry.NotBefore
		if at.Before(r.retry.NotBefore) {
			at = r.retry.NotBefore
		}
		if found.due && poll.due(at, now) && len(poll.Rows) < rowsAtOnce {
			poll.Rows = append(poll.Rows, callSID)
		}
	}
}

// RecordUnreadable takes over a read that has shown a call leg to be unreadable.
func (r *Roster) RecordUnreadable(callSID string, flaw voice.Flaw, times voice.Times) {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.entries[callSID]
	if known != nil && known.times.Responded.After(times.Sent) {
		return
	}
	found := r.oddity(callSID, times.Responded)
	found.flaw, found.due, found.retry = flaw, false, found.retry.Fail(backoff.Row, times.Responded)
	if known != nil {
		// What is there in some form is no evidence of a departure.
		known.absence.FirstRead, known.absence.LastRead = time.Time{}, time.Time{}
	}
}

// RetryRow puts off the read of a call leg that has shown nothing.
func (r *Roster) RetryRow(callSID string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if found := r.odd[callSID]; found != nil {
		found.retry = found.retry.Fail(backoff.Row, now)
	}
}

// CompleteRow removes and returns what a read of one call leg, sent at a time, has
// satisfied.
func (r *Roster) CompleteRow(callSID string, sent, now time.Time) (refreshed []RefreshRequest, verified []Subscriber) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.complete(sent, now, func(satisfied string) bool { return satisfied == callSID })
}

// AffectedBy returns the subscribers to which what was observed of one call leg
// makes a difference.
func (r *Roster) AffectedBy(callSID string, now time.Time) []Subscriber {
	return r.subscribers(now, func(interest Interest) bool { return interest.CallSID == callSID && r.affects(interest) })
}

// rowDue reports whether a call leg is to be read by itself now.
func (r *Roster) rowDue(callSID string) bool {
	odd := r.odd[callSID]
	return odd != nil && odd.due
}
