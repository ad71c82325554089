package sim

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// apply is a server-side apply of a participant. One with a UID must be there.
func (s *Sim) apply(ctx context.Context, c client.WithWatch, configuration runtime.ApplyConfiguration, options ...client.ApplyOption) error {
	content, err := json.Marshal(configuration)
	if err != nil {
		return err
	}
	wanted := &unstructured.Unstructured{}
	if err := json.Unmarshal(content, wanted); err != nil {
		return err
	}
	object := &Object{}
	object.SetNamespace(wanted.GetNamespace())
	object.SetName(wanted.GetName())
	err = s.observe(ctx, c, object, func(old client.Object) error {
		if uid := wanted.GetUID(); uid != "" && (old == nil || old.GetUID() != uid) {
			return apierrors.NewConflict(v1alpha1.GroupVersion.WithResource("conferenceparticipants").GroupResource(), wanted.GetName(),
				fmt.Errorf("the UID in the precondition is %s", uid))
		}
		if err := c.Apply(ctx, configuration, options...); err != nil {
			return err
		}
		return s.complete(ctx, c, old, object)
	})
	if err != nil {
		return err
	}
	object.SetGroupVersionKind(wanted.GroupVersionKind())
	stored, err := json.Marshal(object)
	if err != nil {
		return err
	}
	return json.Unmarshal(stored, configuration)
}

// complete gives an applied object what the API server gives it: UID, time, generation
// and defaults.
func (s *Sim) complete(ctx context.Context, c client.WithWatch, old client.Object, object *Object) error {
	if err := c.Get(ctx, client.ObjectKeyFromObject(object), object); err != nil {
		return err
	}
	if err := setDefaults(object); err != nil {
		return err
	}
	if old == nil {
		object.SetUID(types.UID(fmt.Sprintf("%T/%s/%s@%s", object, object.GetNamespace(), object.GetName(), s.Now())))
		object.SetGeneration(1)
		object.SetCreationTimestamp(metav1.NewTime(s.Now()))
	} else {
		object.SetGeneration(old.GetGeneration())
		if !reflect.DeepEqual(specOf(old), specOf(object)) {
			object.SetGeneration(old.GetGeneration() + 1)
		}
	}
	object.SetManagedFields(nil)
	return c.Update(ctx, object)
}
