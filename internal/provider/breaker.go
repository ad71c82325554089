package provider

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// failuresToOpen is how many requests in a row must fail, with none that
	// got a response between them, to call the provider unavailable.
	failuresToOpen = 5
	// probeUnauthorized is how often refused credentials are tried again.
	probeUnauthorized = time.Minute
	// clearedFor is how long credentials are above suspicion after one that a
	// verification has cleared up: a proxy may refuse the requests of ten thousand
	// objects, and each verification keeps all of them back. No refused request is
	// repeated so soon.
	clearedFor = 5 * time.Second
)

// Block is why no request may be sent.
type Block string

const (
	// None means that requests may be sent: the breaker is closed.
	None Block = ""
	// Verifying means that a request was refused as unauthorized, and the
	// credentials are about to be verified: the breaker is half-open.
	Verifying Block = "Verifying"
	// Unauthorized means that the credentials are refused: the breaker is open.
	Unauthorized Block = "Unauthorized"
	// Unavailable means that the provider does not respond: the breaker is open.
	Unavailable Block = "Unavailable"
	// Throttled means that the provider has asked to wait.
	Throttled Block = "Throttled"
)

// breaker keeps requests back while they make no sense.
type breaker struct {
	mu       sync.Mutex
	block    Block
	failures int
	// probe is when the next verification of an unavailable or unauthorized
	// provider is due.
	probe backoff.State
	// throttled is the wait that the provider asked for, or the growing one where
	// it does not say for how long.
	throttled backoff.State
	// verifiedAt is when the last request was sent that proved the credentials.
	verifiedAt time.Time
	// refusedAt is when the credentials themselves were last refused, and clearedAt
	// when a verification last found a suspicion unfounded.
	refusedAt, clearedAt time.Time
}

// blocked returns why and until when no request may be sent; a zero time ends
// with a verification.
func (b *breaker) blocked(now time.Time) (Block, time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.block != None {
		return b.block, time.Time{}
	}
	if b.throttled.Waiting(now) {
		return Throttled, b.throttled.NotBefore
	}
	return None, time.Time{}
}

// record takes the result of a request into account; opened says that the
// credentials have to be verified now.
func (b *breaker) record(err error, now time.Time) (opened bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait(err, now)
	if flawed(err) {
		// The provider responds; only what it says of one participant can't be read.
		return false
	}
	switch voice.ClassOf(err) {
	case voice.ClassUnauthorized:
		return b.suspect(now)
	case voice.ClassNotExecuted, voice.ClassUnknownOutcome:
		return b.fail(err, now)
	default:
		b.failures, b.throttled.Failures = 0, 0
		return false
	}
}

func (b *breaker) suspect(now time.Time) bool {
	if b.block == Unauthorized || b.block == Verifying || now.Before(b.clearedAt.Add(clearedFor)) {
		return false
	}
	b.block = Verifying
	return true
}

func (b *breaker) fail(err error, now time.Time) bool {
	if throttled(err) {
		return false
	}
	b.failures++
	if b.failures < failuresToOpen || b.block != None {
		return false
	}
	b.block = Unavailable
	b.probe = backoff.State{}.Fail(backoff.Probe, now)
	b.probe.Failures = 0
	return true
}

// wait notes what the provider asks for, or else a growing wait.
func (b *breaker) wait(err error, now time.Time) {
	wait := time.Duration(0)
	if failure, ok := errors.AsType[*voice.Error](err); ok {
		wait = failure.RetryAfter
	}
	if throttled(err) && wait == 0 {
		b.throttled.Failures++
		wait, _ = backoff.Probe.After(b.throttled.Failures)
	}
	if until := now.Add(wait); wait > 0 && until.After(b.throttled.NotBefore) {
		b.throttled.NotBefore = until
	}
}

// verified closes the breaker, or keeps it open until the next probe.
func (b *breaker) verified(err error, sentAt, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wait(err, now)
	switch class := voice.ClassOf(err); {
	case err == nil:
		if b.block == Verifying {
			b.clearedAt = now
		}
		b.block, b.failures, b.probe, b.verifiedAt = None, 0, backoff.State{}, sentAt
	case class == voice.ClassUnauthorized:
		b.block, b.probe.NotBefore, b.refusedAt = Unauthorized, now.Add(probeUnauthorized), now
	default:
		b.block, b.probe = Unavailable, b.probe.Fail(backoff.Probe, now)
	}
}

func (b *breaker) state() (block Block, probeAt, verifiedAt time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.block, b.probe.NotBefore, b.verifiedAt
}

// refusedSince reports whether the credentials themselves were refused since a
// time.
func (b *breaker) refusedSince(since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.refusedAt.Before(since)
}

func throttled(err error) bool {
	failure, ok := errors.AsType[*voice.Error](err)
	return ok && failure.HTTPStatus == 429
}

func flawed(err error) bool {
	failure := voice.AsError(err)
	return failure != nil && failure.Flaw != ""
}

func timedOut(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
