package participant

import (
	"time"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/voice"
)

// join takes over when the participant has joined. A later time than the latest one
// that was seen is another join, which begins afresh, save that no announcement is
// played again; a time that can't be read changes nothing (R7).
func (x *reconciliation) join() {
	joined, known := x.seen.Joined(), x.memory.Joined
	if !x.seen.Present || !joined.After(known) {
		return
	}
	x.memory.Joined = joined
	if !known.IsZero() {
		x.beginAnew()
		x.status.Initial = nil
	}
	x.refreshOnce()
}

// inheritJoin takes up a join that another process has reported: what this one
// remembers is about an earlier one.
func (x *reconciliation) inheritJoin() {
	m, current := &x.memory, x.object.Status
	reported := latestJoin(current)
	if !reported.After(m.Joined) {
		return
	}
	if !m.Joined.IsZero() {
		m.Updates = m.Updates.ForAnotherAnswer()
		m.Updates.AppliedInputs, m.Updates.Synced = current.AppliedInputsDigest, current.LastSyncedDigest == x.desired.Digest
	}
	m.Joined = reported
}

// latestJoin is the latest join that a status tells of. Its participant may have been
// observed since with a date that can't be read.
func latestJoin(current v1alpha1.ConferenceParticipantStatus) time.Time {
	latest := joinOf(current.Participant)
	for _, entry := range current.Once {
		if entry.DateCreated != nil && entry.DateCreated.After(latest) {
			latest = entry.DateCreated.UTC()
		}
	}
	return latest
}

// joinOf is when the participant of a status has joined; zero if that is not known.
func joinOf(known *v1alpha1.ParticipantState) time.Time {
	if known == nil {
		return time.Time{}
	}
	return voice.ParseDate(known.DateCreated)
}

// reportJoin has another join reported, whatever a reconcile comes to: from then on no
// process takes the participant for the one of before.
func (x *reconciliation) reportJoin(found outcome) outcome {
	if found.verdict == nil && x.joinUnreported() {
		verdict := status.Reconciling(v1alpha1.ReasonConverging, "The participant has joined anew; what is declared is applied afresh.")
		found.verdict = &verdict
	}
	return found
}

// joinUnreported reports whether the status is about an earlier join.
func (x *reconciliation) joinUnreported() bool {
	reported := joinOf(x.object.Status.Participant)
	return !reported.IsZero() && joinOf(x.status.Participant).After(reported)
}
