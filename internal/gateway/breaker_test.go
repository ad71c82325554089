package gateway

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
		want    Trouble
	}{
		{"nothing", nil, Fine},
		{"four failures", []error{down, down, down, down}, Fine},
		{"five failures", []error{down, down, down, down, down}, Unavailable},
		{"an answer between them", []error{down, down, down, gone, down, down}, Fine},
		{"failures with an unknown error", []error{errors.New("?"), down, down, down, down}, Unavailable},
		{"one refusal", []error{denied}, Suspect},
		{"a refusal and a late success", []error{denied, nil}, Suspect},
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
			trouble, until := b.held(clock.now)
			if trouble != c.want || !until.IsZero() || (opened == 1) != (c.want != Fine) {
				t.Errorf("%q until %s, opened %d times; want %q", trouble, until, opened, c.want)
			}
			b.verified(nil, clock.now, clock.now)
			if trouble, _ := b.held(clock.now); trouble != Fine {
				t.Errorf("still %q after a verification", trouble)
			}
			if _, _, verifiedAt := b.state(); !verifiedAt.Equal(clock.now) {
				t.Errorf("verified at %s", verifiedAt)
			}
		})
	}
}

func TestProbes(t *testing.T) {
	clock, b := newClock(), &breaker{}
	b.verified(failure(voice.ClassUnauthorized, 401, 0), clock.now, clock.now)
	if trouble, probeAt, _ := b.state(); trouble != Refused || !probeAt.Equal(clock.in(time.Minute)) {
		t.Errorf("%q, probed in %s; want one a minute", trouble, probeAt.Sub(clock.now))
	}
	for _, longest := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		b.verified(failure(voice.ClassNotExecuted, 0, 0), clock.now, clock.now)
		trouble, probeAt, _ := b.state()
		in := probeAt.Sub(clock.now)
		if longest *= time.Second; trouble != Unavailable || in > longest || in < longest*3/4 {
			t.Errorf("%q, probed in %s, want up to %s", trouble, in, longest)
		}
	}
}

func TestR15ARetryAfterHoldsTheWholeAccount(t *testing.T) {
	clock, b := newClock(), &breaker{}
	b.record(failure(voice.ClassNotExecuted, 429, 7*time.Second), clock.now)
	b.record(failure(voice.ClassNotExecuted, 429, 2*time.Second), clock.now)
	if trouble, until := b.held(clock.now); trouble != Throttled || !until.Equal(clock.in(7*time.Second)) {
		t.Errorf("%q for %s, want the longer wait", trouble, until.Sub(clock.now))
	}
	if trouble, _ := b.held(clock.in(7 * time.Second)); trouble != Fine {
		t.Errorf("%q after the wait", trouble)
	}
	for range 2 * failuresToOpen {
		b.record(failure(voice.ClassNotExecuted, 429, 0), clock.now)
	}
	if trouble, until := b.held(clock.now); trouble != Throttled || until.Sub(clock.now) < 40*time.Second {
		t.Errorf("%q for %s, want a growing wait and no outage", trouble, until.Sub(clock.now))
	}
	b.record(failure(voice.ClassUnknownOutcome, 503, 10*time.Minute), clock.now)
	if _, until := b.held(clock.now); !until.Equal(clock.in(10 * time.Minute)) {
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
