package directory

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Emptied reports whether the last list of a conference's own participants was sent at
// or after a time, and shows that no call leg is in it, or that there is no such conference.
type Emptied func(sid string, since time.Time) bool

// ApplyList takes over the two lists, which were read now.
func (s *Store) ApplyList(name types.NamespacedName, list *Listing, emptied Emptied, now time.Time) []types.NamespacedName {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.of(name)
	if found == nil {
		return nil
	}
	var changed []string
	for _, seen := range list.rows {
		if found.see(seen, now) {
			changed = append(changed, seen.FriendlyName)
		}
	}
	if list.early {
		return found.affected(changed)
	}
	for _, known := range found.bySID {
		if !list.lacks(known.SID) {
			continue
		}
		known.miss(list.started)
		if found.judge(known, emptied, now) {
			changed = append(changed, known.Name)
		}
	}
	found.forgetEnded(list, now)
	refused := found.refusal.Lasting()
	found.complete(list.started)
	served := found.serve(list.started)
	if !found.known {
		found.begin(list)
		return found.subscribers()
	}
	if refused {
		return found.subscribers()
	}
	return append(found.affected(changed), served...)
}

// begin says that there is a complete list at last.
func (a *account) begin(list *Listing) {
	for _, known := range a.bySID {
		_, known.Listed = list.rows[known.SID]
		known.Found = known.Listed && !known.Waiting
	}
	a.known = true
}

// judge ends a room that two lists lack while its own has no call leg, and one that is
// lacked and that no Conference selects.
func (a *account) judge(known *entry, emptied Emptied, now time.Time) (over bool) {
	if !known.confirmed || a.selects(known.Name) && !emptied(known.SID, known.missingSince) {
		return false
	}
	a.end(known.Room, false, now)
	return true
}

// affected are the Conferences that select one of some rooms. Before there is a complete
// list there are none.
func (a *account) affected(names []string) (conferences []types.NamespacedName) {
	if !a.known {
		return nil
	}
	for conference, selector := range a.selectors {
		for _, name := range names {
			if selector.Matches(name) {
				conferences = append(conferences, conference)
				break
			}
		}
	}
	return conferences
}

// RecordRead takes over the status that a conference reads, "" if the provider does not
// know it. One that is completed is over, and one that goes on is not missing.
func (s *Store) RecordRead(name types.NamespacedName, sid, status string, emptied Emptied, now time.Time) []types.NamespacedName {
	s.mu.Lock()
	defer s.mu.Unlock()
	account := s.of(name)
	if account == nil || account.bySID[sid] == nil {
		return nil
	}
	known := account.bySID[sid]
	over := false
	switch status {
	case voice.ConferenceCompleted:
		account.end(known.Room, true, now)
		over = true
	case voice.ConferenceInit, voice.ConferenceInProgress:
		known.missingSince, known.confirmed = time.Time{}, false
		known.retry = known.retry.Fail(backoff.Conference, now)
	default:
		known.retry = known.retry.Fail(backoff.Conference, now)
		over = account.judge(known, emptied, now)
	}
	if !over {
		return nil
	}
	return account.affected([]string{known.Name})
}

// RecordReadFailure puts the next read of a conference off: nothing is over for it.
func (s *Store) RecordReadFailure(name types.NamespacedName, sid string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.of(name); found != nil && found.bySID[sid] != nil {
		found.bySID[sid].retry = found.bySID[sid].retry.Fail(backoff.Conference, now)
	}
}

// End says that a conference reads as completed, as another reader has found.
func (s *Store) End(name types.NamespacedName, sid string, now time.Time) []types.NamespacedName {
	return s.RecordRead(name, sid, voice.ConferenceCompleted, nil, now)
}
