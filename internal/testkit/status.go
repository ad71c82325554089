package testkit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// ErrUnknownKind says that an object is of neither kind of this operator.
var ErrUnknownKind = errors.New("neither a VoiceAccount nor a ConferenceParticipant nor a Conference")

// statusView has the fields of a status that all kinds share.
type statusView struct {
	generation int64
	observed   int64
	conditions []metav1.Condition
	status     any
}

// CheckStatus returns an error for every invariant that the status of an object
// breaks, or nil. The invariants are the conventions of kstatus, the closed set of
// reasons, and that no secret is in the status. An object that was never reconciled
// (observedGeneration -1) need not have Ready, nor need one that is suspended. The error is
// ErrUnknownKind for a kind of another operator.
func CheckStatus(object client.Object, secrets ...string) error {
	view, err := viewOf(object)
	if err != nil {
		return err
	}
	problems := []error{view.checkSecrets(secrets)}
	for _, condition := range view.conditions {
		problems = append(problems, view.checkCondition(condition))
	}
	switch {
	case meta.IsStatusConditionTrue(view.conditions, v1alpha1.ConditionSuspended):
		problems = append(problems, view.checkSuspended())
	case view.observed >= 0:
		problems = append(problems, view.checkReady())
	}
	return errors.Join(problems...)
}

func viewOf(object client.Object) (statusView, error) {
	view := statusView{generation: object.GetGeneration()}
	switch typed := object.(type) {
	case *v1alpha1.ConferenceParticipant:
		view.observed, view.conditions, view.status = typed.Status.ObservedGeneration, typed.Status.Conditions, typed.Status
	case *v1alpha1.Conference:
		view.observed, view.conditions, view.status = typed.Status.ObservedGeneration, typed.Status.Conditions, typed.Status
	case *v1alpha1.VoiceAccount:
		view.observed, view.conditions, view.status = typed.Status.ObservedGeneration, typed.Status.Conditions, typed.Status
	default:
		return view, fmt.Errorf("%T: %w", object, ErrUnknownKind)
	}
	return view, nil
}

// checkCondition checks the invariants of a single condition.
func (v statusView) checkCondition(condition metav1.Condition) error {
	var problems []error
	if condition.ObservedGeneration > v.generation {
		problems = append(problems, fmt.Errorf("%s is about generation %d of an object of generation %d",
			condition.Type, condition.ObservedGeneration, v.generation))
	}
	if !slices.Contains(v1alpha1.Reasons(), condition.Reason) {
		problems = append(problems, fmt.Errorf("%s has the unknown reason %q", condition.Type, condition.Reason))
	}
	if onlyWhileTrue(condition.Type) && condition.Status != metav1.ConditionTrue {
		problems = append(problems, fmt.Errorf("%s is there with status %s, want it gone", condition.Type, condition.Status))
	}
	return errors.Join(problems...)
}

// onlyWhileTrue reports whether conditions of a type are there only while they are
// True.
func onlyWhileTrue(conditionType string) bool {
	switch conditionType {
	case v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled, v1alpha1.ConditionSuspended:
		return true
	}
	return false
}

// checkReady checks Ready, and that Reconciling and Stalled agree with it.
func (v statusView) checkReady() error {
	ready := meta.FindStatusCondition(v.conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return fmt.Errorf("no condition Ready, and observedGeneration is %d", v.observed)
	}
	var problems []error
	companions, want := v.companions(), 0
	if ready.Status == metav1.ConditionFalse {
		want = 1
	}
	if ready.Status == metav1.ConditionUnknown {
		problems = append(problems, errors.New("condition Ready is Unknown"))
	}
	if len(companions) != want {
		problems = append(problems, fmt.Errorf("condition Ready is %s beside %d of Reconciling and Stalled %v, want %d",
			ready.Status, len(companions), companions, want))
	}
	if ready.Status != metav1.ConditionTrue && ready.Message == "" {
		problems = append(problems, fmt.Errorf("condition Ready is %s without a message", ready.Status))
	}
	current := ready.ObservedGeneration == v.observed && v.observed == v.generation
	if ready.Status == metav1.ConditionTrue && !current {
		problems = append(problems, fmt.Errorf("condition Ready is True for generation %d, with observedGeneration %d and generation %d",
			ready.ObservedGeneration, v.observed, v.generation))
	}
	return errors.Join(problems...)
}

// checkSuspended checks that a suspended object is Current to kstatus, unless its
// latest generation was not looked at: it has no other verdict than a Ready from
// before that is True.
func (v statusView) checkSuspended() error {
	var problems []error
	if progress := v.progress(); progress != Current && v.observed == v.generation {
		problems = append(problems, fmt.Errorf("condition Suspended is True, and kstatus calls the object %s", progress))
	}
	if companions := v.companions(); len(companions) > 0 {
		problems = append(problems, fmt.Errorf("condition Suspended is True beside %v", companions))
	}
	if ready := meta.FindStatusCondition(v.conditions, v1alpha1.ConditionReady); ready != nil && ready.Status != metav1.ConditionTrue {
		problems = append(problems, fmt.Errorf("condition Ready is %s beside Suspended, want True or none", ready.Status))
	}
	return errors.Join(problems...)
}

// companions returns which of the conditions Reconciling and Stalled there are: one
// of them with Ready False, none otherwise.
func (v statusView) companions() []string {
	var found []string
	for _, name := range []string{v1alpha1.ConditionReconciling, v1alpha1.ConditionStalled} {
		if meta.FindStatusCondition(v.conditions, name) != nil {
			found = append(found, name)
		}
	}
	return found
}

// checkSecrets checks that no secret is in the status. The error has the number of
// the secret, never its text.
func (v statusView) checkSecrets(secrets []string) error {
	rendered, err := json.Marshal(v.status)
	if err != nil {
		return fmt.Errorf("rendering the status: %w", err)
	}
	for i, secret := range secrets {
		escaped, err := json.Marshal(secret)
		if err != nil {
			return fmt.Errorf("rendering secret %d: %w", i, err)
		}
		if secret != "" && bytes.Contains(rendered, escaped[1:len(escaped)-1]) {
			return fmt.Errorf("the status shows secret %d", i)
		}
	}
	return nil
}
