package participant

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func TestR15OurOwnWritesAreNotWorthAPass(t *testing.T) {
	now := metav1.Now()
	for name, tt := range map[string]struct {
		change func(*v1alpha1.ConferenceParticipant)
		want   bool
	}{
		"a status":     {func(p *v1alpha1.ConferenceParticipant) { p.Status.CallState = v1alpha1.CallLive }, false},
		"a label":      {func(p *v1alpha1.ConferenceParticipant) { p.Labels = map[string]string{"a": "b"} }, false},
		"a finalizer":  {func(p *v1alpha1.ConferenceParticipant) { p.Finalizers = []string{v1alpha1.Finalizer} }, false},
		"a generation": {func(p *v1alpha1.ConferenceParticipant) { p.Generation = 2 }, true},
		"a deletion":   {func(p *v1alpha1.ConferenceParticipant) { p.DeletionTimestamp = &now }, true},
		"a demand": {func(p *v1alpha1.ConferenceParticipant) {
			p.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now"}
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			before := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Generation: 1, ResourceVersion: "1"}}
			after := before.DeepCopy()
			after.ResourceVersion = "2"
			tt.change(after)
			if got := ReconcileTriggers().Update(event.UpdateEvent{ObjectOld: before, ObjectNew: after}); got != tt.want {
				t.Errorf("worth a pass: %v", got)
			}
		})
	}
}
