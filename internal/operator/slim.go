package operator

import (
	"maps"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Slim drops from a participant what nobody here reads, before it is kept in a
// cache: managed fields, labels, owners and other people's annotations, among
// them a copy of the whole object that kubectl makes. Writes are patches of what
// differs, so that nothing is lost by it.
func Slim(object any) (any, error) {
	kept, err := meta.Accessor(object)
	if err != nil {
		// A tombstone holds an object that was slim before.
		return object, nil
	}
	kept.SetManagedFields(nil)
	kept.SetLabels(nil)
	kept.SetOwnerReferences(nil)
	annotations := kept.GetAnnotations()
	maps.DeleteFunc(annotations, func(name, _ string) bool {
		return name != v1alpha1.ReconcileRequestedAtAnnotation && name != v1alpha1.AllowEndConferenceAnnotation
	})
	if len(annotations) == 0 {
		annotations = nil
	}
	kept.SetAnnotations(annotations)
	return object, nil
}
