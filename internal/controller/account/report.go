package account

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
)

// report writes the status if it differs and is ours to write, and an event if a
// person would call it a transition.
func (r *Reconciler) report(ctx context.Context, object *v1alpha1.VoiceAccount, found finding) error {
	if !r.Selector.Matches(labels.Set(object.Labels)) {
		return nil
	}
	before := object.DeepCopy()
	object.Status.ObservedGeneration = object.Generation
	object.Status.Conditions = conditions.Apply(before.Status.Conditions, found.verdict, object.Generation, r.Now())
	if equality.Semantic.DeepEqual(before.Status, object.Status) {
		return nil
	}
	err := r.Client.Status().Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the account's status: %w", err)
	}
	if conditions.Changed(before.Status.Conditions, object.Status.Conditions) {
		kind := corev1.EventTypeWarning
		if found.verdict.Also != v1alpha1.ConditionStalled {
			kind = corev1.EventTypeNormal
		}
		r.Recorder.Eventf(object, nil, kind, found.verdict.Reason, "Verify", "%s", found.verdict.Message)
	}
	return nil
}
