package provider

import (
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
	// probeRefused is how often the provider is asked again where a person has to
	// act: it refuses the credentials or the account, or has an address that must
	// not be dialled.
	probeRefused = time.Minute
	// confirmRefusal is the time from the first refusal of an account to the second
	// one, which is believed.
	confirmRefusal = 5 * time.Second
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
	// Refused means that the provider does not serve this account, or has an address
	// that must not be dialled: the breaker is open.
	Refused Block = "Refused"
	// Throttled means that the provider has asked to wait.
	Throttled Block = "Throttled"
)

// Standing is what a session knows of its account.
type Standing struct {
	// Block is why the breaker is open; None if it is not.
	Block Block
	// Doubted says that a response gives reason to verify the account, while
	// requests are still sent.
	Doubted bool
	// ProbeAt is when the next verification is due while the breaker is open.
	ProbeAt time.Time
	// VerifiedAt is when the last request was sent that proved the credentials;
	// zero if there was none.
	VerifiedAt time.Time
	// Failure is what went wrong last; nil if nothing did.
	Failure *voice.Error
}

// breaker keeps requests back while they make no sense.
type breaker struct {
	mu       sync.Mutex
	block    Block
	failures int
	// refusals is how many of the last verifications in a row were refused for the
	// account's sake.
	refusals int
	// doubted says that the account is to be verified, and doubts holds when it may
	// be again.
	doubted bool
	doubts  backoff.State
	// failure is the last verification that failed, or the request that opened the
	// breaker.
	failure *voice.Error
	// probe is when the next verification is due while the breaker is open.
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
	class, failure := voice.ClassOf(err), voice.AsError(err)
	switch {
	case class == voice.ClassUnauthorized:
		return b.suspect(now)
	case (class == voice.ClassNotExecuted || class == voice.ClassUnknownOutcome) && !refuses(failure):
		return b.fail(err, now)
	default:
		b.failures, b.throttled.Failures = 0, 0
		return b.doubt(failure, now)
	}
}

// doubt has the account verified where a response may be about all of it. Requests
// are sent meanwhile, as most often it is about one request.
func (b *breaker) doubt(failure *voice.Error, now time.Time) bool {
	if b.block != None || b.doubted || !doubtful(failure) || b.doubts.Waiting(now) {
		return false
	}
	if now.After(b.doubts.NotBefore.Add(backoff.Doubt.Longest())) {
		b.doubts = backoff.State{}
	}
	b.doubted, b.doubts = true, b.doubts.Fail(backoff.Doubt, now)
	return true
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
	b.block, b.failure = Unavailable, voice.AsError(err)
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
	doubted := b.doubted && b.block == None
	b.doubted, b.failure = false, voice.AsError(err)
	if !refuses(b.failure) {
		b.refusals = 0
	}
	switch {
	case err == nil:
		if b.block == Verifying {
			b.clearedAt = now
		}
		b.block, b.failures, b.probe, b.verifiedAt = None, 0, backoff.State{}, sentAt
	case voice.ClassOf(err) == voice.ClassUnauthorized:
		b.block, b.probe.NotBefore, b.refusedAt = Unauthorized, now.Add(probeRefused), now
	case refuses(b.failure):
		b.refuse(now)
	case forbidden(b.failure):
		b.block, b.probe.NotBefore = Refused, now.Add(probeRefused)
	case doubted:
		// The doubt stands, and no more than that was learned.
		b.fail(err, now)
	default:
		b.block, b.probe = Unavailable, b.probe.Fail(backoff.Probe, now)
	}
}

// refuse notes that the provider does not serve the account. The first time that may
// be an accident.
func (b *breaker) refuse(now time.Time) {
	if b.refusals++; b.refusals == 1 {
		b.block, b.probe.NotBefore = Unavailable, now.Add(confirmRefusal)
		return
	}
	b.block, b.probe.NotBefore = Refused, now.Add(probeRefused)
}

func (b *breaker) standing() Standing {
	b.mu.Lock()
	defer b.mu.Unlock()
	return Standing{Block: b.block, Doubted: b.doubted, ProbeAt: b.probe.NotBefore, VerifiedAt: b.verifiedAt, Failure: b.failure}
}

// refusedSince reports whether the credentials themselves were refused since a
// time.
func (b *breaker) refusedSince(since time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return !b.refusedAt.Before(since)
}
