package participant

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
)

// finalizers stores and removes finalizers.
type finalizers struct {
	client   client.Client
	accounts Accounts
	persist  persister
}

// ensureFinalizer has an object with a deletion policy wait for the operator when
// it is deleted, from first sight, before anything is sent; no other (R11). gone
// says that the object is no more.
func (f finalizers) ensureFinalizer(ctx context.Context, x *reconciliation) (gone bool, err error) {
	policy := x.object.Spec.DeletionPolicy
	wanted := policy == v1alpha1.DeletionReset || policy == v1alpha1.DeletionRemove
	if !x.object.DeletionTimestamp.IsZero() || wanted == index.HasFinalizer(x.object) {
		return false, nil
	}
	after := x.object.DeepCopy()
	if wanted {
		controllerutil.AddFinalizer(after, v1alpha1.Finalizer)
	} else {
		controllerutil.RemoveFinalizer(after, v1alpha1.Finalizer)
	}
	if err := f.patchFinalizers(ctx, x, after); apierrors.IsNotFound(err) {
		return true, nil
	} else if err != nil {
		return false, fmt.Errorf("store the finalizer: %w", err)
	}
	x.memory.Stored = storedOf(after)
	x.object = after
	return false, nil
}

// removeFinalizer ends the wait of a deleted object for the operator.
func (f finalizers) removeFinalizer(ctx context.Context, x *reconciliation) (outcome, error) {
	if finalized, err := f.finalizeAnnouncement(ctx, x); err != nil || !finalized {
		return noReport().at(x.now.Add(retryAfterResponse)), err
	}
	after := x.object.DeepCopy()
	controllerutil.RemoveFinalizer(after, v1alpha1.Finalizer)
	if err := client.IgnoreNotFound(f.patchFinalizers(ctx, x, after)); err != nil {
		return outcome{}, fmt.Errorf("remove the finalizer: %w", err)
	}
	x.memory.Stored = storedOf(after)
	return outcome{finalized: true}, f.releaseAccount(ctx, x)
}

// patchFinalizers replaces the whole list, and so nothing that was not seen.
func (f finalizers) patchFinalizers(ctx context.Context, x *reconciliation, after *v1alpha1.ConferenceParticipant) error {
	return f.client.Patch(ctx, after, client.MergeFromWithOptions(x.object, client.MergeFromWithOptimisticLock{}))
}

// finalizeAnnouncement gives up an intent to announce, which no other process can
// once the object is gone, and has it reported what became of it.
func (f finalizers) finalizeAnnouncement(ctx context.Context, x *reconciliation) (finalized bool, err error) {
	if record := recordOf(x.status); record.Intended() {
		x.setRecord(record.Unknown(nil, x.now))
	}
	err = f.persist.write(ctx, x, noReport())
	return !recordOf(x.object.Status).Intended(), err
}

// releaseAccount drops the account's retained credentials with the last object that
// may have needed them.
func (f finalizers) releaseAccount(ctx context.Context, x *reconciliation) error {
	if !f.accounts.Retains(x.memory.Key.Account) {
		return nil
	}
	needed, err := index.AnyFinalizer(ctx, f.client, x.memory.Key.Account, x.object.UID)
	if err == nil && !needed {
		f.accounts.Release(x.memory.Key.Account)
	}
	return err
}
