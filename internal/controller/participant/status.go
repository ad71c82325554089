package participant

import (
	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/plan"
)

// statusAfter is the status that an outcome leaves behind. It is pure. An outcome
// without a verdict keeps only what must not be lost.
func (x *reconciliation) statusAfter(found outcome) v1alpha1.ConferenceParticipantStatus {
	if found.verdict == nil {
		return x.statusUnreported()
	}
	after := x.status
	generation := x.object.Generation
	if stripped(after.Participant) {
		// The cache may lack it; no reconcile takes it away.
		after.Participant = x.object.Status.Participant
	}
	after.ObservedGeneration = generation
	verdict := *found.verdict
	if verdict.Status != "" {
		verdict.Message = x.child.explain(verdict.Message)
	}
	after.Conditions = status.Apply(x.object.Status.Conditions, verdict, generation, x.now)
	after.AppliedInputsDigest = x.memory.Updates.AppliedInputs
	if x.memory.Edit.Judged() {
		after.LastHandledReconcileAt = x.memory.Edit.RequestedAt()
	}
	return after
}

// statusUnreported is the status after an outcome that reports nothing.
func (x *reconciliation) statusUnreported() v1alpha1.ConferenceParticipantStatus {
	after := *x.object.Status.DeepCopy()
	after.Announcement, after.HandledAnnouncementIDs = x.status.Announcement, x.status.HandledAnnouncementIDs
	after.Initial = x.status.Initial
	if plan.OnceForgotten(after.Once, x.status.Once) || plan.OnceForgotten(x.status.Once, after.Once) {
		after.Once = x.status.Once
	}
	if index.HasFinalizer(x.object) && x.status.CallState == v1alpha1.CallLive {
		after.CallState, after.FinishTime = v1alpha1.CallLive, nil
	}
	if x.status.LastSyncedDigest == "" {
		after.LastSyncedDigest = ""
	}
	return after
}
