package directory

import (
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Refusal is why an account's conferences can't be listed.
func (s *Store) Refusal(name types.NamespacedName) roster.Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil {
		return found.refusal
	}
	return roster.Refusal{}
}

// failuresInARow is from how many failed lists on it is no accident any more.
const failuresInARow = 2

// Failing reports whether several lists of an account's conferences in a row have failed,
// which are no refusals.
func (s *Store) Failing(name types.NamespacedName) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.accounts[name]
	return found != nil && found.retry.Failures >= failuresInARow
}

// Unlisted are the Conferences that wait for the first complete list of an account's
// conferences.
func (s *Store) Unlisted(name types.NamespacedName) []types.NamespacedName {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil && !found.known {
		return found.subscribers()
	}
	return nil
}

// RecordFailure puts the next list of an account's conferences off.
func (s *Store) RecordFailure(name types.NamespacedName, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.of(name); found != nil {
		found.retry = found.retry.Fail(backoff.List, now)
	}
}

// RecordRefusal takes over a refused list and puts the next one off. The Conferences have
// to know once it is no accident any more.
func (s *Store) RecordRefusal(name types.NamespacedName, refused *voice.Error, now time.Time) []types.NamespacedName {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.of(name)
	if found == nil {
		return nil
	}
	found.refusal = roster.Refusal{At: now, Tries: found.refusal.Tries + 1, Explanation: refused.Explain()}
	wait, _ := backoff.RefusedList.After(found.refusal.Tries)
	found.retry.NotBefore = now.Add(wait)
	if found.refusal.Tries != roster.RefusedForGood {
		return nil
	}
	return found.subscribers()
}

// Forgive ends the refusal of an account's list, as after a change of its credentials.
func (s *Store) Forgive(name types.NamespacedName) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.accounts[name]; found != nil && found.refusal.Tries > 0 {
		found.refusal.Tries, found.retry.NotBefore = 0, time.Time{}
	}
}
