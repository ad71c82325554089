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
	refused := failure(voice.ClassRefused, 422, 0)
	odd := &voice.Error{Class: voice.ClassUnknownOutcome, HTTPStatus: 200, Flaw: voice.FlawMuted}
	cases := []struct {
		name    string
		results []error
		want    Block
	}{
		{"nothing", nil, None},
		{"four failures", []error{down, down, down, down}, None},
		{"five failures", []error{down, down, down, down, down}, Unavailable},
		{"an answer between them", []error{down, down, down, gone, down, down}, None},
		{"six participants that can't be read", []error{odd, odd, odd, odd, odd, odd}, None},
		{"five failures, and such ones", []error{down, down, odd, down, odd, down, down}, Unavailable},
		{"failures with an unknown error", []error{errors.New("?"), down, down, down, down}, Unavailable},
		{"one refusal", []error{denied}, Verifying},
		{"a refusal and a late success", []error{denied, nil}, Verifying},
		{"five refusals of updates", []error{refused, refused, refused, refused, refused}, None},
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
			if standing := b.standing(); !standing.VerifiedAt.Equal(clock.now) || standing.Failure != nil {
				t.Errorf("got %+v", standing)
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
	if standing := b.standing(); standing.Block != Unauthorized || !standing.ProbeAt.Equal(clock.in(time.Minute)) {
		t.Errorf("%q, probed in %s; want one a minute", standing.Block, standing.ProbeAt.Sub(clock.now))
	}
	for _, longest := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		b.verified(failure(voice.ClassNotExecuted, 0, 0), clock.now, clock.now)
		block, in := b.standing().Block, b.standing().ProbeAt.Sub(clock.now)
		if longest *= time.Second; block != Unavailable || in > longest || in < longest*3/4 {
			t.Errorf("%q, probed in %s, want up to %s", block, in, longest)
		}
	}
}

// verify ends a verification with a result, and checks what comes of it.
func verify(t *testing.T, b *breaker, result error, want Block, probeIn time.Duration) {
	t.Helper()
	now := newClock().now
	b.verified(result, now, now)
	if standing := b.standing(); standing.Block != want || standing.ProbeAt.Sub(now) != probeIn || standing.Doubted {
		t.Errorf("after %v: %q, probed in %s; want %q, %s", result, standing.Block, standing.ProbeAt.Sub(now), want, probeIn)
	}
}

func TestTheSecondRefusalOfAnAccountIsBelieved(t *testing.T) {
	refused := failure(voice.ClassUnknownOutcome, 402, 0)
	for _, status := range []int{301, 302, 308, 400, 402, 404, 405, 409, 410, 422, 451} {
		clock, b := newClock(), &breaker{}
		verify(t, b, failure(voice.ClassUnknownOutcome, status, 0), Unavailable, 5*time.Second)
		verify(t, b, refused, Refused, time.Minute)
		verify(t, b, refused, Refused, time.Minute)
		b.verified(failure(voice.ClassUnknownOutcome, 503, 0), clock.now, clock.now)
		if block, _ := b.blocked(clock.now); block != Unavailable {
			t.Errorf("%q after a 503", block)
		}
		verify(t, b, refused, Unavailable, 5*time.Second)
		b.verified(nil, clock.now, clock.now)
		verify(t, b, refused, Unavailable, 5*time.Second)
	}
	for _, status := range []int{200, 408, 429, 500, 503} {
		clock, b := newClock(), &breaker{}
		for range 3 {
			b.verified(failure(voice.ClassUnknownOutcome, status, 0), clock.now, clock.now)
		}
		if block, _ := b.blocked(clock.now); block != Unavailable {
			t.Errorf("%d: %q", status, block)
		}
	}
}

func TestAnAddressThatMayNotBeDialledIsBelievedAtOnce(t *testing.T) {
	b := &breaker{}
	verify(t, b, &voice.Error{Class: voice.ClassNotExecuted, Cause: voice.CauseAddressNotAllowed}, Refused, time.Minute)
}

// A response that may be about the whole account has it verified, seldom, and holds
// nothing back meanwhile.
func TestADoubt(t *testing.T) {
	of := func(operation voice.Operation, status int) error {
		return &voice.Error{Operation: operation, Class: voice.ClassUnknownOutcome, HTTPStatus: status}
	}
	for status, want := range map[int][2]bool{ // of an update, of a list
		301: {true, true}, 308: {true, true}, 402: {true, true}, 405: {true, true}, 451: {true, true},
		400: {false, true}, 404: {false, true}, 409: {false, true}, 410: {false, true}, 422: {false, true},
		200: {}, 408: {}, 429: {}, 500: {}, 503: {},
	} {
		for operation, i := range map[voice.Operation]int{
			voice.OpUpdateParticipant: 0, voice.OpUpdateConference: 0, voice.OpGetCall: 0,
			voice.OpListParticipants: 1, voice.OpListConferences: 1, voice.OpListCalls: 1,
		} {
			clock, b := newClock(), &breaker{}
			b.verified(nil, clock.now, clock.now)
			if got := b.record(of(operation, status), clock.now); got != want[i] || b.standing().Doubted != got {
				t.Errorf("%s, %d: doubted is %v", operation, status, got)
			}
			if block, _ := b.blocked(clock.now); block != None && status != 429 {
				t.Errorf("%s, %d: %q", operation, status, block)
			}
			if b.record(of(operation, status), clock.now) {
				t.Errorf("%s, %d: doubted twice", operation, status)
			}
		}
	}
}

func TestDoubtsThatAreNotConfirmedBecomeSeldom(t *testing.T) {
	clock, b := newClock(), &breaker{}
	doubts := func(from, to int) (n int) {
		for second := range to - from {
			now := clock.in(time.Duration(from+second) * time.Second)
			if b.record(&voice.Error{Operation: voice.OpListParticipants, Class: voice.ClassGone, HTTPStatus: 404}, now) {
				n++
				b.verified(nil, now, now)
			}
		}
		return n
	}
	for _, c := range []struct{ from, to, want int }{{0, 5, 1}, {5, 35, 2}, {35, 335, 10}, {400, 405, 1}, {405, 410, 1}} {
		if got := doubts(c.from, c.to); got != c.want {
			t.Errorf("%d doubts between %d s and %d s, want %d", got, c.from, c.to, c.want)
		}
	}
}

// A verification for a doubt that gets no answer proves nothing.
func TestADoubtThatCannotBeSettledHoldsNothingBack(t *testing.T) {
	clock, b := newClock(), &breaker{}
	b.verified(nil, clock.now, clock.now)
	b.record(&voice.Error{Class: voice.ClassUnknownOutcome, HTTPStatus: 402}, clock.in(time.Minute))
	b.verified(failure(voice.ClassUnknownOutcome, 503, 0), clock.in(time.Minute), clock.in(time.Minute))
	if block, _ := b.blocked(clock.in(time.Minute)); block != None || b.standing().Doubted {
		t.Errorf("%q, %+v", block, b.standing())
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
