package gateway

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// failuresToOpen is how many requests in a row must fail, with none that
	// was answered between them, to call the provider unavailable.
	failuresToOpen = 5
	// probeRefused is how often refused credentials are tried again.
	probeRefused = time.Minute
	// probeUnavailable bounds the growing wait between probes of a provider
	// that does not answer.
	probeUnavailable = time.Minute
)

// Trouble is why no request may be sent.
type Trouble string

const (
	// Fine means that requests may be sent.
	Fine Trouble = ""
	// Suspect means that a request was refused as unauthorized, and the
	// credentials are about to be verified.
	Suspect Trouble = "Suspect"
	// Refused means that the credentials are refused.
	Refused Trouble = "Refused"
	// Unavailable means that the provider does not answer.
	Unavailable Trouble = "Unavailable"
	// Throttled means that the provider has asked to wait.
	Throttled Trouble = "Throttled"
)

// breaker holds requests back while they make no sense.
type breaker struct {
	mu        sync.Mutex
	trouble   Trouble
	failures  int
	probes    int
	probeAt   time.Time
	throttles int
	// heldUntil is the wait that the provider asked for.
	heldUntil time.Time
	// verifiedAt is when the last request was sent that proved the credentials.
	verifiedAt time.Time
	// refusedAt is when the credentials themselves were last refused.
	refusedAt time.Time
}

// held says why and until when no request may be sent; a zero time ends with a
// verification.
func (b *breaker) held(now time.Time) (Trouble, time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.trouble != Fine {
		return b.trouble, time.Time{}
	}
	if now.Before(b.heldUntil) {
		return Throttled, b.heldUntil
	}
	return Fine, time.Time{}
}

// record takes the result of a request into account; opened says that somebody
// has to verify now.
func (b *breaker) record(err error, now time.Time) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait(err, now)
	switch voice.ClassOf(err) {
	case voice.ClassUnauthorized:
		return b.suspect()
	case voice.ClassNotExecuted, voice.ClassUnknownOutcome:
		return b.fail(err, now)
	default:
		b.failures, b.throttles = 0, 0
		return false
	}
}

func (b *breaker) suspect() bool {
	if b.trouble == Refused || b.trouble == Suspect {
		return false
	}
	b.trouble = Suspect
	return true
}

func (b *breaker) fail(err error, now time.Time) bool {
	if throttled(err) {
		return false
	}
	b.failures++
	if b.failures < failuresToOpen || b.trouble != Fine {
		return false
	}
	b.trouble, b.probes = Unavailable, 0
	b.probeAt = now.Add(Backoff(0, probeUnavailable))
	return true
}

// wait remembers what the provider asks for, or else a growing wait.
func (b *breaker) wait(err error, now time.Time) {
	wait := time.Duration(0)
	if failure, ok := errors.AsType[*voice.Error](err); ok {
		wait = failure.RetryAfter
	}
	if throttled(err) && wait == 0 {
		wait = Backoff(b.throttles, probeUnavailable)
		b.throttles++
	}
	if until := now.Add(wait); wait > 0 && until.After(b.heldUntil) {
		b.heldUntil = until
	}
}

// verified closes the breaker, or keeps it open until the next probe.
func (b *breaker) verified(err error, sentAt, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait(err, now)
	switch class := voice.ClassOf(err); {
	case err == nil:
		b.trouble, b.failures, b.probes, b.verifiedAt = Fine, 0, 0, sentAt
	case class == voice.ClassUnauthorized:
		b.trouble, b.probeAt, b.refusedAt = Refused, now.Add(probeRefused), now
	default:
		b.trouble = Unavailable
		b.probeAt = now.Add(Backoff(b.probes, probeUnavailable))
		b.probes++
	}
}

func (b *breaker) state() (trouble Trouble, probeAt, verifiedAt time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.trouble, b.probeAt, b.verifiedAt
}

// refusedSince says whether the credentials themselves were refused since a time.
func (b *breaker) refusedSince(since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.refusedAt.Before(since)
}

func throttled(err error) bool {
	failure, ok := errors.AsType[*voice.Error](err)
	return ok && failure.HTTPStatus == 429
}

func timedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}

// Backoff is the wait after so many failures: a second, doubling, up to a
// limit, with up to a quarter of jitter so that many don't come back together.
func Backoff(failures int, limit time.Duration) time.Duration {
	wait := time.Second
	for range failures {
		wait = min(2*wait, limit)
	}
	return wait - time.Duration(rand.Int64N(int64(wait)/4))
}
