package callers

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

// missingFor is how many reads in a row have to find no such call.
const missingFor = 3

// RecordRead takes over a call that was read.
func (s *Store) RecordRead(name types.NamespacedName, read voice.Call, now time.Time) []directory.RoomKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil {
		return nil
	}
	found.outcomes.note(false, now)
	return found.learn(read.SID, CallerOf(read, s.hash))
}

// RecordMissing takes over a read that has found no such call. Reads may lag, so that it
// takes several.
func (s *Store) RecordMissing(name types.NamespacedName, callSID string, now time.Time) []directory.RoomKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil {
		return nil
	}
	found.outcomes.note(false, now)
	known := found.calls[callSID]
	if known == nil {
		return nil
	}
	known.retry = known.retry.Fail(backoff.Call, now)
	if known.missing++; known.missing < missingFor {
		return nil
	}
	return found.learn(callSID, policy.Caller{State: policy.CallerMissing})
}

// RecordFailure puts the next read of a call off.
func (s *Store) RecordFailure(name types.NamespacedName, callSID string, now time.Time) []directory.RoomKey {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	if found == nil {
		return nil
	}
	if known := found.calls[callSID]; known != nil {
		known.missing, known.retry = 0, known.retry.Fail(backoff.Call, now)
	}
	return found.fail(now)
}
