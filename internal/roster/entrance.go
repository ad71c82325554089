package roster

import (
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

// entrance is how a call leg came into the conference, and what was said of it since.
type entrance struct {
	// joined is the latest date of its joining that was seen.
	joined time.Time
	// seenAt is when the first request was sent that has shown it there since it
	// joined, and seenDate the time of that response by the provider's clock.
	seenAt, seenDate time.Time
	// before says that this process's first look at the conference has shown it.
	before bool
	// ends and starts are the last that was said of endConferenceOnExit and of
	// startConferenceOnEnter; nil for nothing.
	ends, starts *bool
}

// enter returns how a call leg came that a request, sent at a time, has shown. One that
// rang was not there before it was answered.
func (r *Roster) enter(known *entry, p voice.Participant, sent, date time.Time) entrance {
	came, joined := known.entrance, p.Joined()
	answered := known.participant.Ringing() && !p.Ringing()
	switch again := !came.joined.IsZero() && joined.After(came.joined); {
	case came.seenAt.IsZero():
		came.seenAt, came.seenDate, came.before = sent, date, r.inFirstLook(p.CallSID)
	case answered, again:
		came.seenAt, came.seenDate, came.before = sent, date, false
	case came.seenDate.IsZero():
		came.seenDate = date
	}
	if joined.After(came.joined) {
		came.joined = joined
	}
	if p.EndConferenceOnExit != nil {
		came.ends = p.EndConferenceOnExit
	}
	if p.StartConferenceOnEnter != nil {
		came.starts = p.StartConferenceOnEnter
	}
	return came
}

// inFirstLook reports whether a call leg that was not seen so far belongs to those that
// this process's first look has shown, or would have if its row could be read.
func (r *Roster) inFirstLook(callSID string) bool {
	odd := r.odd[callSID]
	return !r.looked || odd != nil && odd.first
}

// equal reports whether two are the same, for what a room sees.
func (e entrance) equal(other entrance) bool {
	return e.seenAt.Equal(other.seenAt) && e.joined.Equal(other.joined) && same(e.ends, other.ends) && same(e.starts, other.starts)
}

// same reports whether the same was said of a flag.
func same(a, b *bool) bool {
	return a == b || a != nil && b != nil && *a == *b
}
