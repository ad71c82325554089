package testkit

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// What kstatus makes of an object of a kind that it doesn't know: `kubectl apply`
// tools and Flux wait until it is Current.
const (
	// Terminating is an object that is being deleted.
	Terminating = "Terminating"
	// InProgress is an object that is not there yet.
	InProgress = "InProgress"
	// Failed is an object that needs a person.
	Failed = "Failed"
	// Current is an object as it should be.
	Current = "Current"
)

// Progress computes the status of an object by the generic rules of kstatus
// (sigs.k8s.io/cli-utils): the deletion first, then the generation, then Reconciling
// and Stalled, in the order in which they stand, then Ready; an object that has none
// of them is Current.
func Progress(object client.Object) (string, error) {
	view, err := viewOf(object)
	if err != nil {
		return "", err
	}
	if !object.GetDeletionTimestamp().IsZero() {
		return Terminating, nil
	}
	return view.progress(), nil
}

func (v statusView) progress() string {
	if v.observed != v.generation {
		return InProgress
	}
	ready := Current
	for _, condition := range v.conditions {
		isTrue := condition.Status == metav1.ConditionTrue
		switch {
		case condition.Type == v1alpha1.ConditionReconciling && isTrue:
			return InProgress
		case condition.Type == v1alpha1.ConditionStalled && isTrue:
			return Failed
		case condition.Type == v1alpha1.ConditionReady && !isTrue:
			ready = InProgress
		}
	}
	return ready
}
