package participant

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/backoff"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/provider"
)

// checkNeverJoined ends the reconciles of objects that are finished and wait for
// nothing any more: their conference is over, or their time to live is.
func checkNeverJoined(x *reconciliation) (outcome, bool) {
	switch {
	case !neverJoined(x.status) || x.seen.Present && !x.seen.Ended():
		return outcome{}, false
	case x.memory.ConferenceOver:
		return x.conferenceOver(), true
	}
	found := x.untilExpiry(noReport())
	return found, found.expired
}

// finish takes over that the call has ended or left.
func (x *reconciliation) finish() {
	if x.status.CallState != v1alpha1.CallLeft {
		x.status.CallState, x.status.FinishTime = v1alpha1.CallLeft, x.finishTime()
		x.memory.Look = x.memory.Look.VoidUntil(x.now)
	}
	if x.seen.Present {
		x.status.Participant = stateOf(x.seen.Participant)
	}
	x.memory = x.memory.Finished()
}

// finishTime is the present time as an object that ends now has it.
func (x *reconciliation) finishTime() *metav1.Time {
	return ptr.To(metav1.NewTime(x.now.Truncate(time.Second)))
}

// left reports the end, and expires the object when its time has come.
func (x *reconciliation) left() outcome {
	verdict := status.Stalled(v1alpha1.ReasonParticipantLeft,
		"The participant left before the declared state was in sync; a new call is a new object.")
	if x.status.LastSyncedDigest == x.desired.Digest {
		verdict = status.Ready(v1alpha1.ReasonParticipantLeft,
			"The call has ended or left this conference; nothing is left to do.")
	}
	x.markReconcileHandled()
	return x.untilExpiry(report(verdict))
}

// conferenceOver reports that the participant can't come any more.
func (x *reconciliation) conferenceOver() outcome {
	if x.status.FinishTime == nil {
		x.status.FinishTime = x.finishTime()
	}
	x.memory = x.memory.Finished()
	x.memory.ConferenceOver = true
	x.setClaim(claim.None)
	x.markReconcileHandled()
	return x.untilExpiry(x.retire(report(status.Stalled(v1alpha1.ReasonConferenceOver,
		"The conference is over and the participant was never in it; a new conference has a new SID: look for the one in progress by its name."))))
}

// deadlinePassed reports that the participant did not join in time. It may still come.
func (x *reconciliation) deadlinePassed() outcome {
	if x.status.FinishTime == nil {
		x.status.FinishTime = x.finishTime()
	}
	return report(status.Stalled(v1alpha1.ReasonParticipantNotFound,
		"The participant did not join before the deadline; check conferenceSID and callSID. It is still found if it comes."))
}

// searchRarely looks for a participant that is not expected any more, where its
// conference is not polled.
func (x *reconciliation) searchRarely() {
	if x.account.ResyncInterval == 0 {
		x.refresh(x.memory.CallSID, x.now.Add(backoff.RareSearch))
	}
}

// retire has an object reconciled once more, when the cache must have seen its end
// and what is remembered of it can go.
func (x *reconciliation) retire(found outcome) outcome {
	if at := plan.RevivableUntil(x.status.FinishTime.Time); at.After(x.now) {
		return found.by(at)
	}
	return found
}

// forgettable reports whether nothing need be remembered of an object that has no
// interest in its conference: it is finished, and all of it is in the cache.
func (x *reconciliation) forgettable() bool {
	current := x.object.Status
	return current.FinishTime != nil && x.memory.Forgettable() && !x.now.Before(plan.RevivableUntil(current.FinishTime.Time))
}

// expiresAt is when a finished object is deleted; zero is never.
func (x *reconciliation) expiresAt() time.Time {
	if x.status.FinishTime == nil {
		return time.Time{}
	}
	return provider.TTLOf(x.object.Spec.TTLSecondsAfterFinished).Or(x.account.TTL).EndsAt(x.status.FinishTime.Time)
}

// untilExpiry has a finished object deleted once its time has come.
func (x *reconciliation) untilExpiry(found outcome) outcome {
	if at := x.expiresAt(); !at.IsZero() {
		found = found.by(at)
		found.expired = !x.now.Before(at)
	}
	return found
}

// joinDeadline is until when a participant that was never in the conference is
// waited for, and whether that has passed; zero is for ever.
func (x *reconciliation) joinDeadline() (deadline time.Time, passed bool) {
	deadline = plan.Deadline(x.object.CreationTimestamp.Time, x.account.ReadySince, ptr.Deref(x.object.Spec.JoinDeadlineSeconds, 900))
	if !deadline.IsZero() && !x.now.Before(deadline) {
		x.memory.DeadlinePassed = true
	}
	return deadline, x.memory.DeadlinePassed
}
