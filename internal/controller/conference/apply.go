package conference

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/policy"
)

// fieldManager owns what a policy declares of its children.
const fieldManager = "conference-operator-rooms"

// labelsOf are the keys of labels that a selector asks for.
func labelsOf(selector labels.Selector) (keys []string) {
	if selector == nil {
		return nil
	}
	requirements, _ := selector.Requirements()
	for _, requirement := range requirements {
		keys = append(keys, requirement.Key())
	}
	return keys
}

// manifest is a child as it is applied. One that is known to be there has its UID, so
// that none is made again that has expired meanwhile.
func manifest(conference *v1alpha1.Conference, want policy.Want, uid types.UID, inherited []string) (*unstructured.Unstructured, error) {
	spec, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&want.Spec)
	if err != nil {
		return nil, err
	}
	record, err := json.Marshal(want.Record)
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("ConferenceParticipant"))
	object.SetNamespace(conference.Namespace)
	object.SetName(want.Name)
	object.SetUID(uid)
	object.SetLabels(labelsFor(conference, want, inherited))
	object.SetAnnotations(map[string]string{v1alpha1.PolicyAnnotation: string(record)})
	controller, blocks := true, false
	object.SetOwnerReferences([]metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: Kind, Name: conference.Name, UID: conference.UID,
		Controller: &controller, BlockOwnerDeletion: &blocks,
	}})
	return object, nil
}

// labelsFor are the labels of a child. Of the Conference's own it has those alone that
// the operator's cache is selected by: other tools delete by labels that they find.
func labelsFor(conference *v1alpha1.Conference, want policy.Want, inherited []string) map[string]string {
	made := map[string]string{v1alpha1.ConferenceLabel: conference.Name}
	if want.Role != "" {
		made[v1alpha1.RoleLabel] = string(want.Role)
	}
	for _, key := range inherited {
		if value, there := conference.Labels[key]; there {
			made[key] = value
		}
	}
	return made
}

// differs reports whether a child has to be applied: the policy's digest or record is
// another one, or a declared field is not as declared. What people have added beside is
// theirs.
func differs(stored policy.Child, want policy.Want) bool {
	return stored.Role != want.Role || !sameRecord(stored.Record, want.Record) || !declaredIn(want.Spec, stored.Spec)
}

// sameRecord compares records as they are stored. Most are the same in memory, which is
// cheap to see.
func sameRecord(a, b policy.Record) bool {
	if a == b {
		return true
	}
	one, errOne := json.Marshal(a)
	other, errOther := json.Marshal(b)
	return errOne == nil && errOther == nil && string(one) == string(other)
}

// declaredIn reports whether every field that a spec declares has the same value in
// another one. Most are the same in memory, which is cheap to see.
func declaredIn(declared, stored v1alpha1.ConferenceParticipantSpec) bool {
	if reflect.DeepEqual(declared, stored) {
		return true
	}
	want, errWant := runtime.DefaultUnstructuredConverter.ToUnstructured(&declared)
	have, errHave := runtime.DefaultUnstructuredConverter.ToUnstructured(&stored)
	return errWant == nil && errHave == nil && contains(have, want)
}

// contains reports whether an object has every field of a part of it.
func contains(whole, part map[string]any) bool {
	return !slices.ContainsFunc(slices.Collect(maps.Keys(part)), func(key string) bool {
		inner, nested := part[key].(map[string]any)
		if !nested {
			return !reflect.DeepEqual(whole[key], part[key])
		}
		outer, there := whole[key].(map[string]any)
		return !there || !contains(outer, inner)
	})
}
