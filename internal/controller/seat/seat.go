// Package seat takes the seats that the requests of a controller need. A controller
// that gets none returns, and is woken or comes back: no worker waits.
package seat

import (
	"time"

	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/provider/admission"
)

// Session is what limits the requests of one account.
type Session interface {
	// Blocked returns why no request may be sent now, and until when; the zero time
	// means until the account was verified, after which its dependents are enqueued.
	Blocked() (provider.Block, time.Time)
	// TryAcquire takes a seat, or queues the request and has it woken.
	TryAcquire(request admission.Request) (release func(), ok bool)
}

// Take takes a seat, to be given back with release. Without one release is nil, and
// retry is when to come back; zero is when woken, by the request or by the account.
func Take(session Session, request admission.Request, now time.Time) (release func(), retry time.Duration) {
	switch block, until := session.Blocked(); {
	case block != provider.None && until.IsZero():
		return nil, 0
	case block != provider.None:
		return nil, max(until.Sub(now), time.Millisecond)
	}
	release, ok := session.TryAcquire(request)
	if !ok {
		return nil, 0
	}
	return release, 0
}
