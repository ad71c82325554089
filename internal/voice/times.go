package voice

import "time"

// Times are when a request was sent and when its response was read; zero if it was
// not sent.
type Times struct {
	// Sent is just before the request was sent.
	Sent time.Time
	// Responded is just after its response was read.
	Responded time.Time
}

// WasSent reports whether the request was sent.
func (t Times) WasSent() bool { return !t.Sent.IsZero() }
