package backoff

import "time"

// State counts failures in a row and holds the time of the next try. The zero
// value has none, and waits for nothing.
type State struct {
	// Failures is how many there were in a row.
	Failures int
	// NotBefore is when the next try is due; zero is now.
	NotBefore time.Time
}

// Fail returns the state after one more failure. Where the schedule has ended
// the state keeps its time.
func (s State) Fail(schedule Schedule, now time.Time) State {
	s.Failures++
	if wait, again := schedule.After(s.Failures); again {
		s.NotBefore = now.Add(wait)
	}
	return s
}

// Waiting reports whether the next try is still to come.
func (s State) Waiting(now time.Time) bool { return now.Before(s.NotBefore) }
