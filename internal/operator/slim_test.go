package operator

import (
	"reflect"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func TestSlimKeepsWhatIsRead(t *testing.T) {
	read := map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now", v1alpha1.AllowEndConferenceAnnotation: "true"}
	object := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{
		Name: "agent", Finalizers: []string{v1alpha1.Finalizer}, Labels: map[string]string{"shard": "a"},
		ManagedFields: []metav1.ManagedFieldsEntry{{}}, OwnerReferences: []metav1.OwnerReference{{}},
		Annotations: map[string]string{"kubectl.kubernetes.io/last-applied-configuration": "{}"},
	}}
	for name, value := range read {
		object.Annotations[name] = value
	}
	slim, err := Slim(object)
	want := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{
		Name: "agent", Finalizers: []string{v1alpha1.Finalizer}, Annotations: read,
	}}
	if err != nil || !reflect.DeepEqual(slim, want) {
		t.Errorf("%+v, %v", slim, err)
	}
	tombstone := cache.DeletedFinalStateUnknown{Key: "agent", Obj: want}
	if kept, err := Slim(tombstone); err != nil || !reflect.DeepEqual(kept, tombstone) {
		t.Errorf("a tombstone becomes %+v, %v", kept, err)
	}
}
