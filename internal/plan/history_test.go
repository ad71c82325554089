package plan

import (
	"testing"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// after moves an observation to when its request was sent, after the start.
func after(o roster.Observation, wait time.Duration) roster.Observation {
	o.ObservedAt = start.Add(wait)
	return o
}

// accepted is the history after an update was accepted at the start.
func accepted(d Desired, before roster.Observation, answer roster.Observation) History {
	return History{}.Accept(Next(d, before, History{}, start), answer.Participant, start)
}

func TestR6AnAnswerIsTrustedThenChecked(t *testing.T) {
	mute := Desired{Muted: new(true)}
	trusted := accepted(mute, seen(), seen(muted))
	doubtful := accepted(mute, seen(), seen())
	cases := []struct {
		name    string
		history History
		seen    roster.Observation
		send    string
		reason  string
	}{
		{"a matching answer is in sync at once", trusted, echo(seen(muted)), "", v1alpha1.ReasonInSync},
		{"another answer is not", doubtful, echo(seen()), "", v1alpha1.ReasonConverging},
		{"the old value within the settling time is neither drift nor proof", trusted, after(seen(), roster.Settle-1), "", v1alpha1.ReasonInSync},
		{"after it, it is tried again", trusted, after(seen(), roster.Settle), "Muted=true", v1alpha1.ReasonConverging},
		{"after it, the new value is proof", doubtful, after(seen(muted), roster.Settle), "", v1alpha1.ReasonInSync},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			history := c.history.Confirm(c.seen, c.seen.ObservedAt)
			decision := Next(mute, c.seen, history, c.seen.ObservedAt)
			if request(decision.Update) != c.send || decision.Progress.Reason() != c.reason {
				t.Errorf("sends %q with %s, want %q with %s", request(decision.Update), decision.Progress.Reason(), c.send, c.reason)
			}
		})
	}
}

func TestR6AnEditIsNotFooledByAStaleRead(t *testing.T) {
	history := accepted(Desired{Muted: new(true)}, seen(), seen(muted))
	stale := after(seen(), time.Second)
	if !history.Lagging(stale) {
		t.Error("a read that shows the old value is not taken for lagging")
	}
	decision := Next(Desired{Muted: new(false)}, stale, history.ForNewGeneration(), stale.ObservedAt)
	if got := request(decision.Update); got != "Muted=false" {
		t.Errorf("sends %q, want the unmute: the mute before it was accepted", got)
	}
}

func TestR6ThreeFruitlessTriesAreNotApplied(t *testing.T) {
	mute := Desired{Muted: new(true)}
	var history History
	now := start
	for try := range unconfirmedLimit {
		decision := Next(mute, after(seen(), now.Sub(start)), history, now)
		if request(decision.Update) != "Muted=true" {
			t.Fatalf("try %d sends %q", try+1, request(decision.Update))
		}
		history = history.Accept(decision, voice.Participant{Muted: true}, now)
		now = now.Add(roster.Settle)
		history = history.Confirm(after(seen(), now.Sub(start)), now)
	}
	waits := []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute}
	for _, wait := range waits {
		decision := Next(mute, after(seen(), now.Sub(start)), history, now)
		if decision.Progress.Reason() != v1alpha1.ReasonNotApplied || !decision.Update.IsZero() || !decision.Next.Equal(now.Add(wait)) {
			t.Fatalf("%s, sends %q, next in %s; want NotApplied, nothing, %s",
				decision.Progress.Reason(), request(decision.Update), decision.Next.Sub(now), wait)
		}
		now = decision.Next
		again := Next(mute, after(seen(), now.Sub(start)), history, now)
		history = history.Accept(again, voice.Participant{Muted: true}, now)
		now = now.Add(roster.Settle)
		history = history.Confirm(after(seen(), now.Sub(start)), now)
	}
	stuck := after(seen(muted), now.Sub(start)+roster.Settle)
	again := Next(mute, after(seen(), now.Sub(start)), history, now.Add(backoff.Unconfirmed.Longest()))
	history = history.Accept(again, voice.Participant{Muted: true}, now).Confirm(stuck, stuck.ObservedAt)
	if history != (History{}) {
		t.Errorf("what stuck in the end is still held against it: %+v", history)
	}
}

func TestNotAppliedResumesSlowly(t *testing.T) {
	decision := Next(Desired{Muted: new(true)}, seen(), History{}.ResumeNotApplied(start), start)
	if decision.Progress.Reason() != v1alpha1.ReasonNotApplied || !decision.Next.Equal(start.Add(backoff.Unconfirmed.Longest())) {
		t.Errorf("%s, next in %s; want NotApplied in %s", decision.Progress.Reason(), decision.Next.Sub(start), backoff.Unconfirmed.Longest())
	}
	if fresh := Next(Desired{Muted: new(true)}, seen(), History{}.ResumeNotApplied(start).ForNewGeneration(), start); fresh.Update.IsZero() {
		t.Error("an edit does not clear the wait")
	}
}

func refused(code int) *voice.Error {
	return &voice.Error{Class: voice.ClassRefused, HTTPStatus: 422, Code: code}
}

func TestR8RefusedIsSentPartByPart(t *testing.T) {
	desired := Desired{Muted: new(true), Hold: new(true), HoldURL: music, HoldMethod: "POST"}
	decision := Next(desired, seen(), History{}, start)
	history := History{}.Refuse(decision, refused(21402), start)
	decision = Next(desired, seen(), history, start)
	if got := request(decision.Update); got != "Muted=true" {
		t.Fatalf("sends %q, want the mute by itself: a bad holdURL never blocks it", got)
	}
	history = history.Accept(decision, voice.Participant{Muted: true}, start)
	decision = Next(desired, seen(muted), history, start)
	if got := request(decision.Update); got != "Hold=true HoldMethod=POST HoldUrl="+music {
		t.Fatalf("sends %q, want the hold by itself", got)
	}
	permanent := refused(21402)
	permanent.Permanent = true
	history = history.Refuse(decision, permanent, start)
	decision = Next(desired, seen(muted), history, start.Add(24*time.Hour))
	if decision.Progress.Reason() != v1alpha1.ReasonRejected || !decision.Update.IsZero() || !decision.Next.IsZero() {
		t.Errorf("%s, sends %q at %s; want Rejected for ever", decision.Progress.Reason(), request(decision.Update), decision.Next)
	}
}

func TestR8AnUnknownRefusalIsTriedFastThenSlowly(t *testing.T) {
	mute := Desired{Muted: new(true)}
	var history History
	now := start
	for _, wait := range []time.Duration{10 * time.Second, time.Minute, 5 * time.Minute} {
		history = history.Refuse(Next(mute, seen(), history, now), refused(99999), now)
		decision := Next(mute, seen(), history, now)
		if decision.Progress.Reason() != v1alpha1.ReasonConverging || !decision.Next.Equal(now.Add(wait)) {
			t.Fatalf("%s, next in %s; want Converging in %s", decision.Progress.Reason(), decision.Next.Sub(now), wait)
		}
		now = decision.Next
	}
	for range 3 {
		history = history.Refuse(Next(mute, seen(), history, now), refused(99999), now)
		decision := Next(mute, seen(), history, now)
		if decision.Progress.Reason() != v1alpha1.ReasonRejected || !decision.Next.Equal(now.Add(15*time.Minute)) {
			t.Errorf("%s after the last retry, next in %s; want Rejected in 15 min", decision.Progress.Reason(), decision.Next.Sub(now))
		}
		now = decision.Next
	}
}

func TestR4AnUndeclaredPairIsDroppedOnce(t *testing.T) {
	mute := Desired{Muted: new(true)}
	decision := Next(mute, seen(coaching(trainee)), History{}, start)
	if !decision.PairCarried {
		t.Fatal("the observed pair is not carried")
	}
	history := History{}.Refuse(decision, refused(16002), start)
	if got := request(Next(mute, seen(coaching(trainee)), history, start).Update); got != "Muted=true" {
		t.Errorf("sends %q, want it without the pair", got)
	}
}

func TestR8AMissingCoacheeIsAwaited(t *testing.T) {
	desired := coach(Desired{Muted: new(true)}, CoacheeReady)
	missing := &voice.Error{Class: voice.ClassCoacheeMissing, HTTPStatus: 422, Code: 16002}
	history := History{}.Refuse(Next(desired, seen(), History{}, start), missing, start)
	decision := Next(desired, seen(), history, start)
	if got := request(decision.Update); got != "Coaching=false Muted=true" {
		t.Errorf("sends %q, want the rest without the new pair", got)
	}
	decision = Next(desired, seen(muted), history, start)
	if decision.Progress.Reason() != v1alpha1.ReasonWaitingForCoachee || !decision.Next.Equal(start.Add(time.Second)) {
		t.Errorf("%s, next in %s; want WaitingForCoachee in 1s", decision.Progress.Reason(), decision.Next.Sub(start))
	}
	if got := request(Next(desired, seen(muted), history, decision.Next).Update); got != "CallSidToCoach="+trainee+" Coaching=true" {
		t.Errorf("then sends %q, want the pair", got)
	}
	running := Next(coach(Desired{Hold: new(true)}, CoacheeReady), seen(coaching(trainee)), history, start)
	if got := request(running.Update); got != "Hold=true" {
		t.Errorf("sends %q, want the refused pair left out", got)
	}
}
