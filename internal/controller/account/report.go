package account

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/provider"
)

// logTransition logs what an account has come to, once each time that it changes.
func logTransition(ctx context.Context, before provider.State, found result) {
	if before.Phase == found.state.Phase && before.Reason == found.state.Reason && before.Message == found.state.Message {
		return
	}
	details := []any{"reason", found.verdict.Reason, "message", found.verdict.Message}
	if found.failure != nil {
		details = append(details, "cause", found.failure.Cause, "error", found.failure.Error())
	}
	logf.FromContext(ctx).Info("The state of the account has changed", details...)
}

// roomsListedSlowly is the condition of that name while it is true; nil if not (R18).
func (r *Reconciler) roomsListedSlowly(object *v1alpha1.VoiceAccount) *metav1.Condition {
	if !r.Rosters.RoomsListedSlowly(client.ObjectKeyFromObject(object)) {
		return nil
	}
	return &metav1.Condition{Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonTooManyRooms, Message: "The account has more rooms than can be listed every 5 s with 100 lists a second: each is listed more seldom, so that what happens in it is seen later."}
}

// report writes the status if it differs and is this shard's to write, and an event
// if a person would call it a transition.
func (r *Reconciler) report(ctx context.Context, object *v1alpha1.VoiceAccount, found result) error {
	if !r.Selector.Matches(labels.Set(object.Labels)) {
		return nil
	}
	after := object.DeepCopy()
	after.Status.ObservedGeneration = object.Generation
	after.Status.Conditions = status.Apply(object.Status.Conditions, found.verdict, object.Generation, r.Now())
	status.SetWhileTrue(&after.Status.Conditions, v1alpha1.ConditionRoomsListedSlowly, r.roomsListedSlowly(object), object.Generation, r.Now())
	if equality.Semantic.DeepEqual(object.Status, after.Status) {
		return nil
	}
	// A conflict is left to the next reconcile: an account is checked again anyway.
	err := status.Writer[*v1alpha1.VoiceAccount]{Client: r.Client}.Patch(ctx, object, after)
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write the account's status: %w", err)
	}
	if told, changed := status.Transition(object.Status.Conditions, after.Status.Conditions, found.verdict); changed {
		r.Recorder.Eventf(after, nil, told.Type, told.Reason, "Verify", "%s", told.Message)
	}
	return nil
}
