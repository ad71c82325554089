package participant

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/plan"
)

// persister writes the status of participants.
type persister struct {
	client client.Client
	writer status.Writer[*v1alpha1.ConferenceParticipant]
	notify notifier
}

// storedOf is what was just written to an object, as it is remembered.
func storedOf(after *v1alpha1.ConferenceParticipant) status.Stored[v1alpha1.ConferenceParticipantStatus] {
	return status.Store(after, after.Status.DeepCopy())
}

// write stores the status that an outcome leaves behind, if it differs, with the
// version that it was computed from, or else onto the live object (R14).
func (p persister) write(ctx context.Context, x *reconciliation, found outcome) error {
	before, after := x.object, x.object.DeepCopy()
	computed := x.statusAfter(found)
	if equality.Semantic.DeepEqual(before.Status, computed) {
		return nil
	}
	after.Status = computed
	before, after, err := p.completed(ctx, before, after)
	if err == nil {
		after, err = p.writer.Write(ctx, before, after, func(live *v1alpha1.ConferenceParticipant) *v1alpha1.ConferenceParticipant {
			return x.mergeLive(live, computed)
		})
	}
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("write the participant's status: %w", err)
	}
	p.afterPersist(x, after, found)
	return nil
}

// completed returns what a patch is computed from: the cache lacks the participant of
// an object that has left, so that a new one would be merged into it on the API
// server. One that was changed meanwhile stays, and meets a conflict.
func (p persister) completed(ctx context.Context, before, after *v1alpha1.ConferenceParticipant) (_, _ *v1alpha1.ConferenceParticipant, err error) {
	if before.Status.CallState != v1alpha1.CallLeft || !stripped(before.Status.Participant) || stripped(after.Status.Participant) {
		return before, after, nil
	}
	live := p.writer.New()
	if err := p.writer.Live.Get(ctx, client.ObjectKeyFromObject(before), live); err != nil {
		return nil, nil, err
	}
	if live.UID != before.UID || live.ResourceVersion != before.ResourceVersion {
		return before, after, nil
	}
	whole := live.DeepCopy()
	whole.Status = after.Status
	return live, whole, nil
}

// mergeLive is the live object with a status that was computed from an older one.
// What may be another process's intent to announce stays as it stands there, save
// what became of our own.
func (x *reconciliation) mergeLive(live *v1alpha1.ConferenceParticipant, computed v1alpha1.ConferenceParticipantStatus) *v1alpha1.ConferenceParticipant {
	merged := live.DeepCopy()
	merged.Status = computed
	if stripped(merged.Status.Participant) {
		// It was not in the cache; no reconcile takes it away.
		merged.Status.Participant = live.Status.Participant
	}
	ours, theirs := recordOf(computed), recordOf(live.Status)
	if x.memory.Unsaved != nil && theirs.Intended() && theirs.Current.ID == ours.Current.ID {
		return merged
	}
	merged.Status.Announcement, merged.Status.HandledAnnouncementIDs = theirs.Current, theirs.Handled
	if live.Status.Initial != nil {
		merged.Status.Initial = live.Status.Initial
	}
	if !equality.Semantic.DeepEqual(ours, theirs) {
		x.merged = true
	}
	return merged
}

// afterPersist remembers what was written, and records events for what a person
// would call a transition.
func (p persister) afterPersist(x *reconciliation, after *v1alpha1.ConferenceParticipant, found outcome) {
	x.memory.Stored = storedOf(after)
	x.memory.ReportAt = time.Time{}
	p.notify.recordEvents(x.object, after, found)
	x.object = after
}

// intent stores the status before a request that must not be sent without it. A
// reconcile that loses a race for the object sends nothing.
func (p persister) intent(ctx context.Context, x *reconciliation, found outcome) (stored bool, err error) {
	before, after := x.object, x.object.DeepCopy()
	after.Status = x.statusAfter(found)
	before, after, err = p.completed(ctx, before, after)
	if err == nil {
		err = p.writer.Patch(ctx, before, after)
	}
	switch {
	case apierrors.IsConflict(err), apierrors.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("write down what is about to be sent: %w", err)
	}
	p.afterPersist(x, after, found)
	x.status = *after.Status.DeepCopy()
	return true, nil
}

// beforeUpdate writes the status that must survive a crash during an update:
// callState and initial, which the deletion policies Reset and Remove need, the
// cleared lastSyncedDigest, which the drift policies Restrict and Report need, that
// what was done once is not any more, and another join.
func (p persister) beforeUpdate(ctx context.Context, x *reconciliation) (stored bool, err error) {
	before := x.object.Status
	unseen := index.HasFinalizer(x.object) && (before.CallState != v1alpha1.CallLive || x.status.Initial != nil && before.Initial == nil)
	unsynced := before.LastSyncedDigest != x.status.LastSyncedDigest && x.leavesDrift()
	forgotten := plan.OnceForgotten(before.Once, x.status.Once)
	if !unseen && !unsynced && !forgotten && !x.joinUnreported() {
		return true, nil
	}
	draft := x.status
	stored, err = p.intent(ctx, x, x.reportJoin(noReport()))
	x.status = draft
	return stored, err
}

// expire deletes the object, if it still is the one that was observed: the newest
// that is known, as written last, or as changed since by another party (R14).
func (p persister) expire(ctx context.Context, x *reconciliation) error {
	err := p.client.Delete(ctx, x.object, client.Preconditions{UID: &x.object.UID, ResourceVersion: ptr.To(x.object.ResourceVersion)})
	if err := client.IgnoreNotFound(err); err != nil {
		return fmt.Errorf("delete what is not needed any more: %w", err)
	}
	return nil
}
