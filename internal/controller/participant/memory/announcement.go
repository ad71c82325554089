package memory

import (
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
)

// Announcement is what is remembered of the pending announcement. It is replaced as
// a whole with the id.
type Announcement struct {
	// ID names it.
	ID string
	// Since is from when it waits for nothing but the state; zero if not so far.
	Since time.Time
	// Retry is its own back-off after failures.
	Retry backoff.State
	// Denial is its refusal as unauthorized.
	Denial Denial
}

// For returns what is remembered of an announcement by its id, anew if it is
// another one.
func (a Announcement) For(id string) Announcement {
	if a.ID == id {
		return a
	}
	return Announcement{ID: id}
}
