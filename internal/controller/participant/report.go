package participant

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
)

// report turns the outcome into status, event and the time of the next pass:
// one write, and none if nothing changed.
func (r *Reconciler) report(ctx context.Context, p *pass, found outcome) (ctrl.Result, error) {
	if found.verdict != nil {
		after := p.before.DeepCopy()
		after.Status = p.statusAfter(found)
		if err := r.write(ctx, p, after, *found.verdict); err != nil {
			return ctrl.Result{}, err
		}
	}
	if found.expire {
		return ctrl.Result{}, r.expire(ctx, p)
	}
	if found.next.IsZero() {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{RequeueAfter: max(found.next.Sub(r.Now()), time.Millisecond)}, nil
}

// statusAfter is the status that an outcome leaves behind. It is pure.
func (p *pass) statusAfter(found outcome) v1alpha1.ConferenceParticipantStatus {
	status := p.status
	generation := p.before.Generation
	status.ObservedGeneration = generation
	status.Conditions = conditions.Apply(p.before.Status.Conditions, *found.verdict, generation, p.now)
	status.AppliedInputsDigest = p.notes.history.AppliedInputs
	if p.notes.judged {
		status.LastHandledReconcileAt = p.notes.request.requestedAt
	}
	return status
}

// write stores the status if it differs, with the version that it was computed
// from. On a conflict the outcome is written onto the live object, unless that
// is another one (R14).
func (r *Reconciler) write(ctx context.Context, p *pass, after *v1alpha1.ConferenceParticipant, verdict conditions.Verdict) error {
	if equality.Semantic.DeepEqual(p.before.Status, after.Status) {
		return nil
	}
	err := r.patch(ctx, p.before, after)
	if apierrors.IsConflict(err) {
		live := &v1alpha1.ConferenceParticipant{}
		if err = r.Live.Get(ctx, p.name, live); err == nil && live.UID == p.before.UID {
			rewritten := live.DeepCopy()
			rewritten.Status = after.Status
			err, after = r.patch(ctx, live, rewritten), rewritten
		}
	}
	switch {
	case apierrors.IsNotFound(err) || err == nil && after.UID != p.before.UID:
		return nil
	case err != nil:
		return fmt.Errorf("write the participant's status: %w", err)
	}
	p.notes.written = written{status: *after.Status.DeepCopy(), resourceVersion: after.ResourceVersion}
	r.announce(p.before, after, verdict)
	return nil
}

func (r *Reconciler) patch(ctx context.Context, before, after *v1alpha1.ConferenceParticipant) error {
	return r.Client.Status().Patch(ctx, after, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

// expire deletes the object, if it still is the one that was looked at.
func (r *Reconciler) expire(ctx context.Context, p *pass) error {
	version := p.before.ResourceVersion
	if p.notes.written.resourceVersion != "" {
		version = p.notes.written.resourceVersion
	}
	err := r.Client.Delete(ctx, p.before, client.Preconditions{UID: &p.before.UID, ResourceVersion: ptr.To(version)})
	if err := client.IgnoreNotFound(err); err != nil {
		return fmt.Errorf("delete after the call has ended: %w", err)
	}
	return nil
}
