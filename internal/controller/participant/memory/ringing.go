package memory

import "github.com/voiceops/conference-operator/internal/backoff"

// Unanswered returns the memory of an object with a call that was not answered yet:
// there is nothing to send, and nothing that an update has met counts.
func (m Memory) Unanswered() Memory {
	m = m.Finished()
	m.Updates, m.Retry = m.Updates.Unanswered(), backoff.State{}
	return m
}
