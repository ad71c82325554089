package provider

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/voiceops/conference-operator/internal/voice"
)

func failure(class voice.Class, status int, retryAfter time.Duration) error {
	return fmt.Errorf("wrapped: %w", &voice.Error{Class: class, HTTPStatus: status, RetryAfter: retryAfter})
}

func TestTheBreakerOpensAndOnlyAVerificationCloses(t *testing.T) {
	down := failure(voice.ClassUnknownOutcome, 503, 0)
	denied := failure(voice.ClassUnauthorized, 401, 0)
	gone := failure(voice.ClassGone, 404, 0)
	cases := []struct {
		name    string
		results []error
		want    Block
	}{
		{"nothing", nil, None},
		{"four failures", []error{down, down, down, down}, None},
		{"five failures", []error{down, down, down, down, down}, Unavailable},
		{"an answer between them", []error{down, down, down, gone, down, down}, None},
		{"failures with an unknown error", []error{errors.New("?"), down, down, down, down}, Unavailable},
		{"one refusal", []error{denied}, Verifying},
		{"a refusal and a late success", []error{denied, nil}, Verifying},
		{"an outage and a late success", []error{down, down, down, down, down, nil}, Unavailable},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			clock, b := newClock(), &breaker{}
			opened := 0
			for _, result := range c.results {
				if b.record(result, clock.now) {
					opened++
				}
			}
			block, until := b.blocked(clock.now)
			if block != c.want || !until.IsZero() || (opened == 1) != (c.want != None) {
				t.Errorf("%q until %s, opened %d times; want %q", block, until, opened, c.want)
			}
			b.verified(nil, clock.now, clock.now)
			if block, _ := b.blocked(clock.now); block != None {
				t.Errorf("still %q after a verification", block)
			}
			if _, _, verifiedAt := b.state(); !verifiedAt.Equal(clock.now) {
				t.Errorf("verified at %s", verifiedAt)
			}
		})
	}
}

// TestR8CredentialsAreNotSuspectedAgainAtOnce has many requests be refused while the
// credentials are accepted.
func TestR8CredentialsAreNotSuspectedAgainAtOnce(t *testing.T) {
	clock, b := newClock(), &breaker{}
	denied := failure(voice.ClassUnauthorized, 403, 0)
	b.verified(nil, clock.now, clock.now)
	for _, c := range []struct {
		at     time.Duration
		opened bool
	}{{0, true}, {time.Second, false}, {4 * time.Second, false}, {5 * time.Second, true}, {6 * time.Second, false}} {
		now := clock.in(c.at)
		opened := b.record(denied, now)
		if opened != c.opened {
			t.Errorf("after %s the breaker opened: %v", c.at, opened)
		}
		if opened {
			b.verified(nil, now, now)
		}
	}
}

func TestProbes(t *testing.T) {
	clock, b := newClock(), &breaker{}
	b.verified(failure(voice.ClassUnauthorized, 401, 0), clock.now, clock.now)
	if block, probeAt, _ := b.state(); block != Unauthorized || !probeAt.Equal(clock.in(time.Minute)) {
		t.Errorf("%q, probed in %s; want one a minute", block, probeAt.Sub(clock.now))
	}
	for _, longest := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		b.verified(failure(voice.ClassNotExecuted, 0, 0), clock.now, clock.now)
		block, probeAt, _ := b.state()
		in := probeAt.Sub(clock.now)
		if longest *= time.Second; block != Unavailable || in > longest || in < longest*3/4 {
			t.Errorf("%q, probed in %s, want up to %s", block, in, longest)
		}
	}
}

func TestR15ARetryAfterHoldsTheWholeAccount(t *testing.T) {
	clock, b := newClock(), &breaker{}
	b.record(failure(voice.ClassNotExecuted, 429, 7*time.Second), clock.now)
	b.record(failure(voice.ClassNotExecuted, 429, 2*time.Second), clock.now)
	if block, until := b.blocked(clock.now); block != Throttled || !until.Equal(clock.in(7*time.Second)) {
		t.Errorf("%q for %s, want the longer wait", block, until.Sub(clock.now))
	}
	if block, _ := b.blocked(clock.in(7 * time.Second)); block != None {
		t.Errorf("%q after the wait", block)
	}
	for range 2 * failuresToOpen {
		b.record(failure(voice.ClassNotExecuted, 429, 0), clock.now)
	}
	if block, until := b.blocked(clock.now); block != Throttled || until.Sub(clock.now) < 40*time.Second {
		t.Errorf("%q for %s, want a growing wait and no outage", block, until.Sub(clock.now))
	}
	b.record(failure(voice.ClassUnknownOutcome, 503, 10*time.Minute), clock.now)
	if _, until := b.blocked(clock.now); !until.Equal(clock.in(10 * time.Minute)) {
		t.Error("the Retry-After of a 503 is not kept")
	}
}

func TestTimedOut(t *testing.T) {
	for err, want := range map[error]bool{
		nil: false, errors.New("?"): false, context.DeadlineExceeded: true,
		fmt.Errorf("wrapped: %w", context.DeadlineExceeded): true,
	} {
		if timedOut(err) != want {
			t.Errorf("timedOut(%v) is %v", err, !want)
		}
	}
}

// clock is a time that tests move by hand.
type clock struct{ now time.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)} }

func (c *clock) in(d time.Duration) time.Time { return c.now.Add(d) }
