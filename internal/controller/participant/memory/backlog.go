package memory

import "time"

// patience is how long something to send may wait before it is reported.
const patience = 5 * time.Second

// Cause is why something to send has to wait.
type Cause uint8

const (
	// Observation is a fresh observation that has not come.
	Observation Cause = iota
	// Throttled is the account's limit, or the provider's word.
	Throttled
	// Unavailable is a provider that can't be reached or fails.
	Unavailable
	// Verifying is a token that is being verified.
	Verifying
)

// Backlog is what is to be sent and can't be. The zero value is nothing.
type Backlog struct {
	planned               bool
	since, throttledSince time.Time
}

// Plan notes that an update is due.
func (b Backlog) Plan() Backlog {
	b.planned = true
	return b
}

// Planned reports whether an update is due.
func (b Backlog) Planned() bool { return b.planned }

// Delay notes that it waits for a cause.
func (b Backlog) Delay(cause Cause, now time.Time) Backlog {
	if b.since.IsZero() {
		b.since = now
	}
	if cause == Throttled && b.throttledSince.IsZero() {
		b.throttledSince = now
	}
	return b
}

// OverdueAt is from when on the wait is reported.
func (b Backlog) OverdueAt() time.Time { return b.since.Add(patience) }

// Throttled reports whether the wait is, or was, for a limit.
func (b Backlog) Throttled() bool { return !b.throttledSince.IsZero() }

// Admit ends a wait for a limit and returns how long it was.
func (b Backlog) Admit(now time.Time) (admitted Backlog, waited time.Duration) {
	if b.Throttled() {
		waited = now.Sub(b.throttledSince)
	}
	b.throttledSince = time.Time{}
	return b, waited
}

// Restart begins the wait anew; what is planned stays.
func (b Backlog) Restart() Backlog { return Backlog{planned: b.planned} }

// Clear says that nothing is to be sent.
func (b Backlog) Clear() Backlog { return Backlog{} }
