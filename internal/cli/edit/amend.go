package edit

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// RefusedError is why a verb is not carried out: another writer would undo it, or it would do
// something that was not asked for.
type RefusedError struct {
	// Why is a sentence.
	Why string
}

// Error returns the sentence.
func (r *RefusedError) Error() string { return r.Why }

// Refuse makes a RefusedError.
func Refuse(format string, values ...any) error { return &RefusedError{fmt.Sprintf(format, values...)} }

// Amend is what to apply to an object that is there, so that a change holds; nil if it
// does already. It is refused if another manager owns a field that would change, unless
// it is forced. A field of another manager can't be removed, not even by force.
func Amend(stored *unstructured.Unstructured, change Change, force bool) (*unstructured.Unstructured, error) {
	patch := applied(stored)
	changed, err := set(patch, stored, change.Set, force)
	if err != nil {
		return nil, err
	}
	removed, err := unset(patch, stored, change.Unset)
	if err != nil || !changed && !removed {
		return nil, err
	}
	return patch, nil
}

// applied is what this manager has applied so far: what an apply leaves out is removed.
func applied(stored *unstructured.Unstructured) *unstructured.Unstructured {
	patch := base(stored)
	mine := owned(stored)
	spec, _ := mine["spec"].(map[string]any)
	patch.Object["spec"] = mapOf(spec)
	if metadata, _ := mine["metadata"].(map[string]any); metadata != nil {
		for _, name := range []string{"labels", "annotations"} {
			if kept, there := metadata[name]; there {
				_ = unstructured.SetNestedField(patch.Object, kept, "metadata", name)
			}
		}
	}
	return patch
}

// Remove is what to apply to an object so that its deletion removes the participant from
// the conference; with end also one with which the conference ends for everybody.
func Remove(stored *unstructured.Unstructured, end, force bool) (*unstructured.Unstructured, error) {
	change := Change{Set: map[string]any{"deletionPolicy": string(v1alpha1.DeletionRemove)}}
	patch, err := Amend(stored, change, force)
	if err != nil {
		return nil, err
	}
	if patch == nil {
		patch = applied(stored)
	}
	if end {
		annotations := patch.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[v1alpha1.AllowEndConferenceAnnotation] = "true"
		patch.SetAnnotations(annotations)
	}
	return patch, nil
}

// base is an object without anything but its identity: with the UID, so that one that is
// gone is not made again.
func base(stored *unstructured.Unstructured) *unstructured.Unstructured {
	patch := &unstructured.Unstructured{Object: map[string]any{}}
	patch.SetGroupVersionKind(stored.GroupVersionKind())
	patch.SetNamespace(stored.GetNamespace())
	patch.SetName(stored.GetName())
	patch.SetUID(stored.GetUID())
	return patch
}

func mapOf(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// set writes fields into a patch that are not so already.
func set(patch, stored *unstructured.Unstructured, fields map[string]any, force bool) (changed bool, err error) {
	var conflicts []string
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		path := pathOf(field)
		value, there, _ := unstructured.NestedFieldNoCopy(stored.Object, path...)
		if there && reflect.DeepEqual(value, fields[field]) {
			continue
		}
		changed = true
		if by := owners(stored, path); len(by) > 0 {
			conflicts = append(conflicts, fmt.Sprintf("%s is owned by %s", strings.Join(path, "."), strings.Join(by, ", ")))
		}
		if err := unstructured.SetNestedField(patch.Object, fields[field], path...); err != nil {
			return false, fmt.Errorf("set %s: %w", field, err)
		}
	}
	if len(conflicts) > 0 && !force {
		return false, Refuse("%s %s: %s, and would undo the change. Change it there, or take it over with --force.",
			stored.GetKind(), stored.GetName(), strings.Join(conflicts, "; "))
	}
	return changed, nil
}

// unset leaves fields out of a patch that this manager owns. One that another manager
// has set stays, so that the change would be against the rules of the type.
func unset(patch, stored *unstructured.Unstructured, fields []string) (changed bool, err error) {
	for _, field := range fields {
		path := pathOf(field)
		if _, there, _ := unstructured.NestedFieldNoCopy(stored.Object, path...); !there {
			continue
		}
		if by := owners(stored, path); len(by) > 0 {
			if harmless(field) {
				continue
			}
			return false, Refuse("%s %s: %s is owned by %s and can't stay beside the change: remove it there.",
				stored.GetKind(), stored.GetName(), strings.Join(path, "."), strings.Join(by, ", "))
		}
		unstructured.RemoveNestedField(patch.Object, path...)
		prune(patch, path)
		changed = true
	}
	return changed, nil
}

// harmless reports whether a field may stay: a coachee beside coaching: false says
// nothing.
func harmless(field string) bool { return field == "callSIDToCoach" }

// prune removes what is empty above a field.
func prune(patch *unstructured.Unstructured, path []string) {
	for above := path[:len(path)-1]; len(above) > 1; above = above[:len(above)-1] {
		if left, _, _ := unstructured.NestedMap(patch.Object, above...); len(left) == 0 {
			unstructured.RemoveNestedField(patch.Object, above...)
		}
	}
}
