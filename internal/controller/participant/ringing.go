package participant

import (
	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
)

// ringing waits for a participant that is listed and was not answered yet. Nothing
// is sent to it, and what an update has met that found it ringing does not count.
// The roster looks often while it rings. Before it was ever in the conference the
// join deadline counts; one that was and rings again, as when a call is
// transferred, is waited for until it is answered or ends.
func (x *reconciliation) ringing() outcome {
	known := x.status.Participant
	again := x.wasLive()
	x.status.CallState = v1alpha1.CallWaiting
	x.memory = x.memory.Unanswered()
	if again {
		x.status.FinishTime = nil
		if known == nil || known.Status != x.seen.Status {
			x.status.Participant = stateOf(x.seen.Participant)
		}
		return x.reportRinging()
	}
	deadline, passed := x.joinDeadline()
	if passed {
		// The object is not deleted while the call may be answered.
		return x.deadlinePassed()
	}
	x.status.FinishTime = nil
	return x.reportRinging().at(deadline)
}

// reportRinging reports a participant that rings.
func (x *reconciliation) reportRinging() outcome {
	return report(status.Reconciling(v1alpha1.ReasonWaitingForParticipant,
		"The participant's call was not answered yet; the declared state is applied once it is."))
}

// wasLive reports whether the participant was in the conference before, also if it
// is waited for now because it rings again.
func (x *reconciliation) wasLive() bool {
	switch x.status.CallState {
	case v1alpha1.CallLive:
		return true
	case v1alpha1.CallWaiting:
		// The cache does not keep the participant of an object that has left.
		return x.status.Participant != nil || x.object.Status.CallState == v1alpha1.CallLeft
	default:
		return false
	}
}

// beginAnew takes up a participant that was in the conference, has rung again and
// is answered: what differs is not drift, and hold music was not applied.
func (x *reconciliation) beginAnew() {
	x.status.LastSyncedDigest = ""
	x.memory.Updates = x.memory.Updates.ForAnotherAnswer()
}
