package callers

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

// listedFor is how long a list answers for calls that are requested after it was read:
// the rooms of a process that has just started are looked at within this time.
const listedFor = 30 * time.Second

// BeginList says that the calls in progress are listed now, for those that are unknown.
func (s *Store) BeginList(name types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil {
		found.listed = map[string]policy.Caller{}
		for _, known := range found.calls {
			known.sought = known.caller.State == policy.CallerUnknown
		}
	}
}

// ApplyPage takes over a page of the list of the calls in progress.
func (s *Store) ApplyPage(name types.NamespacedName, page voice.CallPage, now time.Time) (waiting []directory.RoomKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil {
		return nil
	}
	found.listedUntil = now.Add(listedFor)
	for _, listed := range page.Items {
		switch known := found.calls[listed.SID]; {
		case known == nil && found.listed != nil:
			found.listed[listed.SID] = CallerOf(listed, s.hash)
		case known != nil && known.caller.State == policy.CallerUnknown:
			waiting = append(waiting, found.learn(listed.SID, CallerOf(listed, s.hash))...)
		}
	}
	return waiting
}

// Recall answers from the last list for the calls that were requested since, and forgets
// that list once it is too old. It returns the rooms that have waited.
func (s *Store) Recall(name types.NamespacedName, now time.Time) (waiting []directory.RoomKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil || len(found.listed) == 0 {
		return nil
	}
	if !now.Before(found.listedUntil) {
		found.listed = nil
		return nil
	}
	for callSID, known := range found.calls {
		caller, listed := found.listed[callSID]
		if listed && known.caller.State == policy.CallerUnknown {
			waiting = append(waiting, found.learn(callSID, caller)...)
		}
		delete(found.listed, callSID)
	}
	return waiting
}

// CompleteList says that the list was read in full. The calls that it was sent for and
// that it does not have are read one by one.
func (s *Store) CompleteList(name types.NamespacedName, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil {
		found.outcomes.note(false, now)
		found.omit()
	}
}

// omit has the calls read one by one that a list was sent for in vain.
func (a *account) omit() {
	a.retry = backoff.State{}
	for _, known := range a.calls {
		known.omitted, known.sought = known.omitted || known.sought, false
	}
}

// RecordListFailure puts the next list off; if the provider refuses it the calls are read
// one by one instead.
func (s *Store) RecordListFailure(name types.NamespacedName, refused bool, now time.Time) []directory.RoomKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil {
		return nil
	}
	if refused {
		found.omit()
	} else {
		found.retry = found.retry.Fail(backoff.Call, now)
	}
	return found.fail(now)
}
