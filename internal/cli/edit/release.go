package edit

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Release is how a call leg is given back.
type Release struct {
	// Delete says that the object is deleted, since this manager alone has written it.
	Delete bool
	// Open is applied, and waited for, before that: it opens what the Conference had
	// closed for a while, and has the deletion remove no participant. nil if there is
	// nothing of that.
	Open *unstructured.Unstructured
	// Drop is applied if the object is not deleted: it gives back the fields of this
	// manager. nil if there are none.
	Drop *unstructured.Unstructured
}

// ReleaseOf decides how the call leg of an object is given back to its Conference, or to
// the other writers of the object.
func ReleaseOf(stored *unstructured.Unstructured) (Release, error) {
	mine := owned(stored)
	switch {
	case len(mine) == 0:
		return Release{}, Refuse("ConferenceParticipant %s has nothing that a verb has written; it is owned by %s.",
			stored.GetName(), strings.Join(Authors(stored), ", "))
	case len(Authors(stored)) > 0:
		return Release{Drop: base(stored)}, nil
	}
	open, err := reopen(stored)
	return Release{Delete: true, Open: open}, err
}

// reopen is what opens the fields that were closed for a while, and are closed still, and
// takes back a removal that was begun; nil if there is nothing of that.
func reopen(stored *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	change := Change{Set: map[string]any{}}
	if policy, _, _ := unstructured.NestedString(stored.Object, "spec", "deletionPolicy"); policy == string(v1alpha1.DeletionRemove) {
		change.Set["deletionPolicy"] = string(v1alpha1.DeletionReset)
	}
	for _, field := range strings.Split(stored.GetAnnotations()[ForAWhileAnnotation], ",") {
		closed, _, _ := unstructured.NestedBool(stored.Object, "spec", field)
		if !closed || !slices.Contains([]string{"muted", "hold"}, field) {
			continue
		}
		change.Set["once."+field] = false
		change.Unset = append(change.Unset, field)
		if field == "hold" {
			change.Unset = append(change.Unset, "holdURL", "holdMethod")
		}
	}
	if len(change.Set) == 0 {
		return nil, nil
	}
	return Amend(stored, change, true)
}
