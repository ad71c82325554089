package edit

import (
	"encoding/json"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// fieldSet is a set of fields in the form of managedFields.
type fieldSet map[string]any

// setsOf are the fields of the object itself, without its status, by manager.
func setsOf(managed []metav1.ManagedFieldsEntry) map[string][]fieldSet {
	sets := map[string][]fieldSet{}
	for _, entry := range managed {
		if set := setOf(entry); entry.Subresource == "" && set != nil {
			sets[entry.Manager] = append(sets[entry.Manager], set)
		}
	}
	return sets
}

func setOf(entry metav1.ManagedFieldsEntry) (set fieldSet) {
	if entry.FieldsV1 == nil || json.Unmarshal(entry.FieldsV1.GetRawBytes(), &set) != nil {
		return nil
	}
	return set
}

// has reports whether a field is in a set, itself or by anything in it.
func (s fieldSet) has(path []string) bool {
	current := map[string]any(s)
	for _, name := range path {
		next, there := current["f:"+name].(map[string]any)
		if !there {
			return false
		}
		current = next
	}
	return true
}

// managersOf are the managers of a field, in order.
func managersOf(managed []metav1.ManagedFieldsEntry, path []string) (names []string) {
	for manager, sets := range setsOf(managed) {
		if slices.ContainsFunc(sets, func(s fieldSet) bool { return s.has(path) }) {
			names = append(names, manager)
		}
	}
	slices.Sort(names)
	return names
}

// owners are the managers of a field, save this one, in order.
func owners(object *unstructured.Unstructured, path []string) []string {
	return slices.DeleteFunc(managersOf(object.GetManagedFields(), path), func(name string) bool { return name == Manager })
}

// Authors are the managers of a spec, save this one, in order.
func Authors(object *unstructured.Unstructured) []string { return owners(object, []string{"spec"}) }

// Writers are the managers of a spec by the managedFields of its object, with this one, in
// order.
func Writers(managed []metav1.ManagedFieldsEntry) []string {
	return managersOf(managed, []string{"spec"})
}

// owned is the part of an object that this manager has applied.
func owned(object *unstructured.Unstructured) map[string]any {
	part := map[string]any{}
	for _, set := range setsOf(object.GetManagedFields())[Manager] {
		take(part, object.Object, set)
	}
	return part
}

// take copies the fields of a set from an object. No list in these kinds is owned item by
// item, save owner references, which this manager never applies.
func take(part, whole map[string]any, set fieldSet) {
	for key, inner := range set {
		name, field := strings.CutPrefix(key, "f:")
		value, there := whole[name]
		if !field || !there {
			continue
		}
		nested, _ := inner.(map[string]any)
		below, isMap := value.(map[string]any)
		if !isMap || len(nested) == 0 {
			part[name] = value
			continue
		}
		into, _ := part[name].(map[string]any)
		if into == nil {
			into = map[string]any{}
		}
		take(into, below, nested)
		part[name] = into
	}
}

// pathOf is a field of the spec as a path.
func pathOf(field string) []string { return append([]string{"spec"}, strings.Split(field, ".")...) }
