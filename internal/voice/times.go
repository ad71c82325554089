package voice

import "time"

// Times are when a request was sent and when its response was read.
type Times struct {
	// Sent is just before the request was sent.
	Sent time.Time
	// Responded is just after its response was read.
	Responded time.Time
}
