package participant

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/plan"
)

// anchored says whether an object waits for us when it is deleted.
func anchored(object *v1alpha1.ConferenceParticipant) bool {
	return controllerutil.ContainsFinalizer(object, v1alpha1.Finalizer)
}

// anchor has an object with a deletion policy wait for us when it is deleted,
// from first sight, before anything is sent; no other (R11).
func (r *Reconciler) anchor(ctx context.Context, p *pass) (outcome, bool, error) {
	policy := p.before.Spec.DeletionPolicy
	wanted := policy == v1alpha1.DeletionReset || policy == v1alpha1.DeletionRemove
	if !p.before.DeletionTimestamp.IsZero() || wanted == anchored(p.before) {
		return outcome{}, false, nil
	}
	after := p.before.DeepCopy()
	if wanted {
		controllerutil.AddFinalizer(after, v1alpha1.Finalizer)
	} else {
		controllerutil.RemoveFinalizer(after, v1alpha1.Finalizer)
	}
	if err := r.patchFinalizers(ctx, p, after); apierrors.IsNotFound(err) {
		return outcome{gone: true}, true, nil
	} else if err != nil {
		return outcome{}, true, fmt.Errorf("store the finalizer: %w", err)
	}
	p.notes.written = writtenTo(after)
	p.before = after
	return outcome{}, false, nil
}

// letGo has a deleted object wait for us no longer.
func (r *Reconciler) letGo(ctx context.Context, p *pass) (outcome, bool, error) {
	if settled, err := r.settleRecord(ctx, p); err != nil || !settled {
		return silent().at(p.now.Add(lookAfterAnswer)), true, err
	}
	after := p.before.DeepCopy()
	controllerutil.RemoveFinalizer(after, v1alpha1.Finalizer)
	if err := client.IgnoreNotFound(r.patchFinalizers(ctx, p, after)); err != nil {
		return outcome{}, true, fmt.Errorf("remove the finalizer: %w", err)
	}
	p.notes.written = writtenTo(after)
	return outcome{gone: true}, true, r.releaseAccount(ctx, p)
}

// patchFinalizers replaces the whole list, and so nothing that was not seen.
func (r *Reconciler) patchFinalizers(ctx context.Context, p *pass, after *v1alpha1.ConferenceParticipant) error {
	return r.Client.Patch(ctx, after, client.MergeFromWithOptions(p.before, client.MergeFromWithOptimisticLock{}))
}

// releaseAccount drops the account's retained credentials with the last object
// that may have needed them.
func (r *Reconciler) releaseAccount(ctx context.Context, p *pass) error {
	if !r.Registry.Retains(p.key.Account) {
		return nil
	}
	dependents, err := index.OfAccount(ctx, r.Client, p.key.Account)
	if err != nil {
		return err
	}
	needed := slices.ContainsFunc(dependents, func(other v1alpha1.ConferenceParticipant) bool {
		return other.UID != p.before.UID && anchored(&other)
	})
	if !needed {
		r.Registry.Release(p.key.Account)
	}
	return nil
}

// keep stores, before an update, what would be lost with its answer: that the
// participant was seen, and how, for who resets or removes it; and that what was
// in sync is not any more, for who leaves drift alone.
func (r *Reconciler) keep(ctx context.Context, p *pass) (kept bool, err error) {
	stored := p.before.Status
	unseen := anchored(p.before) && (stored.CallState != v1alpha1.CallLive || p.status.Initial != nil && stored.Initial == nil)
	policy := p.before.Spec.DriftPolicy
	unsynced := stored.LastSyncedDigest != p.status.LastSyncedDigest && (policy == v1alpha1.DriftRestrict || policy == v1alpha1.DriftReport)
	if !unseen && !unsynced {
		return true, nil
	}
	status := p.status
	won, err := r.secure(ctx, p, silent())
	p.status = status
	return won, err
}

// warnOfRelease says which fields an edit has left closed that nobody manages
// any more (R11).
func (r *Reconciler) warnOfRelease(p *pass) {
	if state := p.status.Participant; state != nil {
		for _, field := range plan.Released(p.notes.closed, &p.before.Spec, participantOf(state)) {
			r.warn(p.before, v1alpha1.EventNoLongerManaged, fmt.Sprintf(
				"%s is no longer managed and is still true; write %s: false to end it.", field, field))
		}
	}
	p.notes.closed = plan.ClosedBy(&p.before.Spec)
}
