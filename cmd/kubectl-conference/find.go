package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/edit"
	"github.com/voiceops/conference-operator/internal/cli/view"
)

// minPrefix is how many characters of a call SID have to be given.
const minPrefix = 8

// target is a call leg that a person has named.
type target struct {
	// object is the one that people have written; nil for none.
	object *v1alpha1.ConferenceParticipant
	// leg is the call leg, with the child of its Conference.
	leg edit.Leg
}

// about is the object that says most of the call leg; nil for none.
func (t target) about() *v1alpha1.ConferenceParticipant {
	if t.object != nil {
		return t.object
	}
	return t.leg.Child
}

// find finds a call leg by the name of an object, by its call SID, or by the beginning
// of that.
func find(ctx context.Context, reader client.Reader, namespace, name string) (target, error) {
	objects, err := objectsOf(ctx, reader, namespace)
	if err != nil {
		return target{}, err
	}
	return search(objects, namespace, name)
}

// search does the same among objects.
func search(objects view.Objects, namespace, name string) (target, error) {
	kind, name := kindOf(name)
	if kind != "" && kind != "cpart" {
		return target{}, fmt.Errorf("%s/%s is no participant", kind, name)
	}
	for i := range objects.Participants {
		if p := &objects.Participants[i]; p.Name == name {
			return legOf(objects, namespace, string(p.Spec.CallSID), string(p.Spec.ConferenceSID)), nil
		}
	}
	legs := matching(objects, name)
	switch {
	case len(legs) == 0:
		return target{}, fmt.Errorf("no ConferenceParticipant of this name, and no call with this SID, is known in namespace %s: %s", namespace, name)
	case len(legs) > 1:
		return target{}, fmt.Errorf("%s may be any of %d calls; give more of the SID", name, len(legs))
	}
	return legOf(objects, namespace, legs[0].callSID, legs[0].conferenceSID), nil
}

// begin checks the flags of a verb, and is the client and the namespace.
func (t *tool) begin(o *writing) (client.Client, string, error) {
	if err := o.check(); err != nil {
		return nil, "", err
	}
	return t.scope(false)
}

// aim begins a verb, and finds its call leg.
func (t *tool) aim(ctx context.Context, o *writing, name string) (client.Client, target, error) {
	writer, namespace, err := t.begin(o)
	if err != nil {
		return nil, target{}, err
	}
	found, err := find(ctx, writer, namespace, name)
	return writer, found, err
}

// spot is a call leg in a conference.
type spot struct{ callSID, conferenceSID string }

// matching are the call legs with a SID that begins so; those in the rooms of a status
// come first, since a call may have left another conference.
func matching(objects view.Objects, prefix string) (legs []spot) {
	if len(prefix) < minPrefix {
		return nil
	}
	prefix = strings.ToLower(prefix)
	add := func(callSID, conferenceSID string) {
		known := slices.ContainsFunc(legs, func(s spot) bool { return s.callSID == callSID })
		if strings.HasPrefix(callSID, prefix) && !known {
			legs = append(legs, spot{callSID, conferenceSID})
		}
	}
	for i := range objects.Conferences {
		for _, p := range objects.Conferences[i].Status.Participants {
			add(p.CallSID, p.ConferenceSID)
		}
	}
	for i := range objects.Participants {
		if p := &objects.Participants[i]; p.Status.CallState != v1alpha1.CallLeft {
			add(string(p.Spec.CallSID), string(p.Spec.ConferenceSID))
		}
	}
	return legs
}

// legOf is everything that is known of a call leg.
func legOf(objects view.Objects, namespace, callSID, conferenceSID string) target {
	found := target{leg: edit.Leg{Namespace: namespace, CallSID: callSID, ConferenceSID: conferenceSID}}
	for i := range objects.Conferences {
		if c := &objects.Conferences[i]; shows(c, callSID, conferenceSID) {
			found.leg.Conference, found.leg.Account = c.Name, c.Spec.AccountRef.Name
		}
	}
	var idle *v1alpha1.ConferenceParticipant
	for i := range objects.Participants {
		p := &objects.Participants[i]
		if string(p.Spec.CallSID) == callSID && string(p.Spec.ConferenceSID) == conferenceSID && p.DeletionTimestamp.IsZero() {
			idle = found.add(p, idle)
		}
	}
	if found.object == nil && found.leg.Conference == "" {
		found.object = idle
	}
	return found
}

// shows reports whether the status of a Conference has a call leg.
func shows(c *v1alpha1.Conference, callSID, conferenceSID string) bool {
	return slices.ContainsFunc(c.Status.Participants, func(p v1alpha1.RoomParticipant) bool {
		return p.CallSID == callSID && p.ConferenceSID == conferenceSID
	})
}

// add adds an object that is about the call leg: the child of its Conference, or the
// oldest that people have written. One of these that claims nothing counts only where
// nothing else is about the call leg, and is returned in place of idle.
func (t *target) add(p, idle *v1alpha1.ConferenceParticipant) *v1alpha1.ConferenceParticipant {
	owner := metav1.GetControllerOfNoCopy(p)
	switch {
	case owner != nil:
		t.leg.Child, t.leg.Conference, t.leg.Account = p, owner.Name, p.Spec.AccountRef.Name
	case p.Spec.Suspend || p.Spec.Mode == v1alpha1.ModeObserve:
		return p
	case t.object == nil || p.CreationTimestamp.Before(&t.object.CreationTimestamp):
		t.object = p
	}
	return idle
}

// completeNames completes the names of participants, and of Conferences if they are
// allowed.
func (t *tool) completeNames(conferences bool) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		reader, namespace, err := t.scope(false)
		if err != nil || len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		objects, err := objectsOf(c.Context(), reader, namespace)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var names []cobra.Completion
		for i := range objects.Participants {
			names = append(names, objects.Participants[i].Name)
		}
		for i := range objects.Conferences {
			if conferences {
				names = append(names, objects.Conferences[i].Name)
			}
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}
