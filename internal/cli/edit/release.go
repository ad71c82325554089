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
	// Open is applied, and waited for, before anything else: it opens what the Conference
	// had closed for a while, ends what a coaching has begun, and has the deletion remove
	// no participant; of an object of others it opens what verbs have closed. nil if there
	// is nothing of that.
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
		open, err := Amend(stored, opened(stored), true)
		return Release{Drop: base(stored), Open: open}, err
	}
	open, err := Amend(stored, reopened(stored), true)
	return Release{Delete: true, Open: open}, err
}

// opened is what opens the fields of an object of others that this manager alone has
// closed, since no other writer would.
func opened(stored *unstructured.Unstructured) Change {
	change := Change{Set: map[string]any{}}
	mine := func(field string) bool { return isSet(stored, field) && len(owners(stored, pathOf(field))) == 0 }
	switch {
	case mine("coaching"):
		change.quiet(stored)
	case mine("muted"):
		change.open("muted")
	}
	if mine("hold") {
		change.open("hold")
	}
	return change
}

// reopened is what opens the fields that were closed for a while, and are closed still,
// and takes back a removal that was begun. A coaching that was not there before ends: a
// policy that declares none leaves it alone, and with its mute opened the coach would go
// on whispering.
func reopened(stored *unstructured.Unstructured) Change {
	change := Change{Set: map[string]any{}}
	if policy, _, _ := unstructured.NestedString(stored.Object, "spec", "deletionPolicy"); policy == string(v1alpha1.DeletionRemove) {
		change.Set["deletionPolicy"] = string(v1alpha1.DeletionReset)
	}
	if before, _, _ := unstructured.NestedBool(stored.Object, "status", "initial", "coaching"); isSet(stored, "coaching") && !before {
		change.quiet(stored)
	}
	for _, field := range strings.Split(stored.GetAnnotations()[ForAWhileAnnotation], ",") {
		if slices.Contains([]string{"muted", "hold"}, field) && isSet(stored, field) {
			change.open(field)
		}
	}
	return change
}

// isSet reports whether a field of the spec is true.
func isSet(stored *unstructured.Unstructured, field string) bool {
	set, _, _ := unstructured.NestedBool(stored.Object, pathOf(field)...)
	return set
}

// open has a field opened once, and then left alone.
func (c *Change) open(field string) {
	c.Set["once."+field] = false
	c.Unset = append(c.Unset, field)
	if field == "hold" {
		c.Unset = append(c.Unset, "holdURL", "holdMethod")
	}
}

// quiet ends a coaching, and mutes a coach that was heard by one person, unless another
// manager declares that it is heard.
func (c *Change) quiet(stored *unstructured.Unstructured) {
	c.Set["coaching"] = false
	c.Unset = append(c.Unset, "callSIDToCoach", "participantToCoachRef")
	if !isSet(stored, "muted") && len(owners(stored, pathOf("muted"))) == 0 {
		c.Set["muted"] = true
		c.Unset = append(c.Unset, "once.muted")
	}
}
