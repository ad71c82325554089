package plan

import "time"

const (
	// confirmAfter is the least time between the two reads that prove a
	// departure (R7).
	confirmAfter = 5 * time.Second
	// confirmSlowly is the same where the conference itself is missing or half
	// of it vanished at once, which smells of bad routing.
	confirmSlowly = time.Minute
	// revivalWindow is how long the conferences of objects that left are listed.
	revivalWindow = 2 * time.Minute
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

// Departed says whether the evidence suffices; if not, when to read again.
func Departed(a Absence, now time.Time) (departed bool, readAt time.Time) {
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
	return false, a.FirstRead.Add(apart)
}

// Revivable says whether a participant that left at a time is still looked for.
func Revivable(finished, now time.Time) bool {
	return now.Before(finished.Add(revivalWindow))
}

// Deadline returns until when a participant that was never seen is waited for:
// from the creation of its object, or from the account's first readiness if
// later. The zero time is for ever.
func Deadline(created, accountReady time.Time, joinDeadlineSeconds int32) time.Time {
	if joinDeadlineSeconds == 0 {
		return time.Time{}
	}
	if accountReady.After(created) {
		created = accountReady
	}
	return created.Add(time.Duration(joinDeadlineSeconds) * time.Second)
}

// LookAgain is the wait before the next look for a participant that was never
// seen: soon at first, since lookups are eventually consistent.
func LookAgain(waited time.Duration) time.Duration {
	return min(max(waited/4, time.Second), 15*time.Second)
}
