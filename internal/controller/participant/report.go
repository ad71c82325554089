package participant

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/status"
)

// report turns the outcome into effects, status, events and the time of the next
// reconcile: one write, and none if nothing changed.
func (r *Reconciler) report(ctx context.Context, x *reconciliation, found outcome) (ctrl.Result, error) {
	if found.finalized {
		return ctrl.Result{}, nil
	}
	if found.accountWide && !r.mayReportNow(x, found) {
		found = noReport().at(found.requeueAt).by(x.memory.ReportAt)
	}
	if err := r.persist.write(ctx, x, found); err != nil {
		return ctrl.Result{}, err
	}
	x.memory.Unsaved = nil
	if found.expired {
		return ctrl.Result{}, r.persist.expire(ctx, x)
	}
	if found.requeueNow || x.merged {
		// A result can ask for a delay only.
		r.Queue.Enqueue(enqueue.PriorityEdit, 0, reconcile.Request{NamespacedName: x.memory.Name})
		return ctrl.Result{}, nil
	}
	found = found.by(x.recordAt)
	if found.requeueAt.IsZero() {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{RequeueAfter: max(found.requeueAt.Sub(r.Now()), time.Millisecond)}, nil
}

// mayReportNow reports whether it is the object's turn to report what all objects of
// its account have to, and gives it one if not.
func (r *Reconciler) mayReportNow(x *reconciliation, found outcome) bool {
	if equality.Semantic.DeepEqual(x.object.Status, x.statusAfter(found)) {
		return true
	}
	if x.memory.ReportAt.IsZero() {
		x.memory.ReportAt = x.now.Add(r.ReportLimiter.ReserveN(x.now, 1).DelayFrom(x.now))
	}
	return !x.now.Before(x.memory.ReportAt)
}

// statusAfter is the status that an outcome leaves behind. It is pure. An outcome
// without a verdict keeps only what must not be lost.
func (x *reconciliation) statusAfter(found outcome) v1alpha1.ConferenceParticipantStatus {
	if found.verdict == nil {
		return x.statusUnreported()
	}
	after := x.status
	generation := x.object.Generation
	if after.Participant == nil {
		// The cache may lack it; no reconcile takes it away.
		after.Participant = x.object.Status.Participant
	}
	after.ObservedGeneration = generation
	after.Conditions = status.Apply(x.object.Status.Conditions, *found.verdict, generation, x.now)
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
	if index.HasFinalizer(x.object) && x.status.CallState == v1alpha1.CallLive {
		after.CallState, after.FinishTime = v1alpha1.CallLive, nil
	}
	if x.status.LastSyncedDigest == "" {
		after.LastSyncedDigest = ""
	}
	return after
}
