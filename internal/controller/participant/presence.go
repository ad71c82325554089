package participant

import (
	"fmt"
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/roster"
)

// checkPresence ends the reconciles of objects that can't be judged now: because
// the last observation is too old, or because the participant is not there.
func checkPresence(x *reconciliation) (outcome, bool) {
	m := &x.memory
	if m.Unreadable = x.seen.Flaw != ""; m.Unreadable && !x.mustMute() {
		return x.unreadable(), true
	}
	if !m.Look.Accepts(x.seen, x.need(), x.now) {
		if x.dormant() {
			x.searchRarely()
			return noReport(), true
		}
		return x.awaitObservation(), true
	}
	m.Look = m.Look.Cancel()
	x.join()
	switch {
	case x.seen.Present && x.seen.Ended():
		x.finish()
		return x.left(), true
	case x.seen.Rings():
		return x.ringing(), true
	case x.seen.Present:
		x.arrive()
		x.recordInitial()
		return outcome{}, false
	case x.wasLive():
		m.Backlog = m.Backlog.Restart()
		return x.missing(), true
	default:
		m.Backlog = m.Backlog.Restart()
		return x.awaited(), true
	}
}

// mustMute reports whether a participant that only its coachee was to hear can be
// heard by everybody: it is muted by what was known of it last (R17).
func (x *reconciliation) mustMute() bool {
	return x.seen.Present && !x.seen.Muted && x.desired.Whisper() && x.desired.Coachee.State == plan.CoacheeGone
}

// unreadable waits for a response about the participant that can be read: what it
// is like is not known, so that nothing is sent (R7).
func (x *reconciliation) unreadable() outcome {
	switch {
	case x.pending():
		x.refresh(x.memory.CallSID, x.now.Add(backoff.Search(x.now.Sub(x.seen.FlawSince))))
	case x.account.ResyncInterval == 0:
		x.refresh(x.memory.CallSID, x.now.Add(backoff.SlowSearch))
	}
	return report(status.Reconciling(v1alpha1.ReasonAPIUnavailable, fmt.Sprintf(
		"What the participant is like is not known: the provider's response %s. It is asked again; changes wait until then.",
		x.seen.Flaw.Explain())))
}

// need is which observation may decide: a fresh one while an edit is to be judged,
// something to send was kept back or refused, or a coachee is waited for (R2); any
// for a mute that can't wait for a participant to be readable.
func (x *reconciliation) need() memory.Need {
	switch m := x.memory; {
	case m.Unreadable:
		return memory.Any
	case m.Edit.Settled() && !m.Backlog.Planned() && m.Coachee.AwaitedSince.IsZero() && !m.Updates.RetryDue(x.now):
		return memory.Any
	case m.Edit.RequestedAt() != x.status.LastHandledReconcileAt:
		return memory.Requested
	default:
		return memory.Fresh
	}
}

// awaitObservation requests a fresh observation and waits for it.
func (x *reconciliation) awaitObservation() outcome {
	x.memory.Look = x.memory.Look.Request(x.now)
	x.refresh(x.memory.CallSID, x.now)
	return x.delayed(memory.Observation, time.Time{})
}

// arrive takes over that the participant is in the conference, and how; not what
// lags behind an accepted change.
func (x *reconciliation) arrive() {
	back := x.object.Status.CallState != v1alpha1.CallLive
	if x.status.CallState == v1alpha1.CallWaiting && x.wasLive() {
		x.beginAnew()
	}
	x.status.CallState, x.status.FinishTime = v1alpha1.CallLive, nil
	x.memory.Updates = x.memory.Updates.Confirm(x.seen, x.now)
	if !x.memory.Updates.Lagging(x.seen) && (back || x.differs()) {
		x.status.Participant = stateOf(x.seen.Participant)
	}
}

// recordInitial keeps how the participant was first observed, for the deletion
// policy Reset. What a child undoes does not depend on it.
func (x *reconciliation) recordInitial() {
	switch {
	case x.object.Spec.DeletionPolicy != v1alpha1.DeletionReset, x.child.made():
		x.status.Initial = nil
	case x.status.Initial == nil:
		x.status.Initial = &v1alpha1.InitialState{Muted: x.seen.Muted, Hold: x.seen.Hold, Coaching: x.seen.Coaching}
	}
}

// differs reports whether what was observed differs from the status in what can be
// compared, or has joined since; the other fields are refreshed with the next change
// (R2).
func (x *reconciliation) differs() bool {
	known := x.status.Participant
	return stripped(known) || x.seen.Joined().After(joinOf(known)) ||
		roster.StateOf(participantOf(known)) != roster.StateOf(x.seen.Participant)
}

// missing gathers the evidence that a participant which was there has left; one 404
// is none (R7), and a conference that is over is enough.
func (x *reconciliation) missing() outcome {
	departed, readAt := x.seen.Absence.Departed(x.now)
	if departed || x.seen.Conference == roster.ConferenceOver {
		x.finish()
		return x.left()
	}
	x.requestRefresh(roster.RefreshRequest{CallSID: x.memory.CallSID, At: readAt, Read: true})
	if !x.pending() {
		return noReport()
	}
	return report(status.Reconciling(v1alpha1.ReasonConverging,
		"The participant was not there at the last look; it is confirmed whether it has left."))
}

// awaited waits for a participant that was never seen.
func (x *reconciliation) awaited() outcome {
	x.status.CallState = v1alpha1.CallWaiting
	x.memory.Edit = x.memory.Edit.Judge()
	if x.seen.Conference == roster.ConferenceOver {
		return x.conferenceOver()
	}
	deadline, passed := x.joinDeadline()
	if passed {
		x.searchRarely()
		return x.untilExpiry(x.deadlinePassed())
	}
	// An edit may have moved the deadline.
	x.status.FinishTime = nil
	if x.seen.Conference == roster.ConferenceMissing {
		x.refresh(x.memory.CallSID, x.now.Add(backoff.SlowSearch))
		return report(status.Stalled(v1alpha1.ReasonConferenceNotFound,
			"The provider does not know the conference; check conferenceSID, and the account. The participant is looked for until the join deadline.")).at(deadline)
	}
	x.refresh(x.memory.CallSID, x.now.Add(backoff.Search(x.memory.Look.Since(x.now))))
	return report(status.Reconciling(v1alpha1.ReasonWaitingForParticipant,
		"The participant was not seen in the conference so far; it is looked for until the join deadline.")).at(deadline)
}

// dormant reports whether nothing but the rare lists of its conference can change
// what an object reports: a process that has just started asks for none on its
// behalf.
func (x *reconciliation) dormant() bool {
	return x.memory.DeadlinePassed && neverJoined(x.status) && x.need() == memory.Any
}
