package roster

import "time"

const (
	// confirmAfter is the least time between the two reads that prove a
	// departure (R7).
	confirmAfter = 5 * time.Second
	// confirmSlowly is the same where the conference itself is missing or half
	// of it vanished at once, which smells of bad routing.
	confirmSlowly = time.Minute
)

// Absence is the evidence that a participant which was seen before is gone.
type Absence struct {
	// FirstRead and LastRead are when the reads that answered 404 were sent,
	// the first and the latest in a row; zero if there was none.
	FirstRead, LastRead time.Time
	// Suspicious says that the conference itself is missing, or that more than
	// half of its participants vanished at once.
	Suspicious bool
}

// Departed reports whether the evidence suffices; if not, readAt is when to
// read the participant again, which is not before now.
func (a Absence) Departed(now time.Time) (departed bool, readAt time.Time) {
	if a.FirstRead.IsZero() {
		return false, now
	}
	apart := confirmAfter
	if a.Suspicious {
		apart = confirmSlowly
	}
	if a.LastRead.Sub(a.FirstRead) >= apart {
		return true, time.Time{}
	}
	if readAt = a.FirstRead.Add(apart); readAt.Before(now) {
		readAt = now
	}
	return false, readAt
}
