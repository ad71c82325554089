package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/edit"
)

// kicking are the flags of kick.
type kicking struct {
	yes, endConference bool
}

func (t *tool) kick() *cobra.Command {
	o, how := newWriting(), kicking{}
	c := &cobra.Command{
		Use: "kick NAME", Short: "Remove a participant from the conference", Args: cobra.ExactArgs(1),
		Long: `Remove a participant from the conference, which ends the call. It asks first, and waits
until it is done. A participant whose leaving would end the conference for everybody, or
of which that is not known, stays, unless --end-conference allows that.`,
		ValidArgsFunction: t.completeNames(false),
		RunE: func(c *cobra.Command, args []string) error {
			writer, found, err := t.aim(c.Context(), o, args[0])
			if err != nil {
				return err
			}
			return t.removeSurely(c.Context(), writer, found, how, o)
		},
	}
	c.Flags().BoolVarP(&how.yes, "yes", "y", false, "Don't ask.")
	c.Flags().BoolVar(&how.endConference, "end-conference", false, "Remove the participant although that ends the conference for everybody.")
	o.bind(c)
	return c
}

// remove removes a participant: the call leg is taken without a change, so that it is
// known whether the conference would end; then the object is deleted with deletionPolicy
// Remove.
func (t *tool) remove(ctx context.Context, writer client.Client, found target, how kicking, o *writing) error {
	if err := removable(found, how, o); err != nil {
		return err
	}
	if err := t.confirm(found, how, o); err != nil {
		return err
	}
	object, err := t.claim(ctx, writer, found, o)
	if err == nil && !o.dry() {
		err = ends(object, how)
	}
	switch {
	case o.dry():
		return err
	case err != nil:
		return errors.Join(err, t.abandon(context.WithoutCancel(ctx), writer, found, o))
	}
	return t.removeBy(ctx, writer, object, how, o)
}

// abandon gives a call leg back that was taken to be removed.
func (t *tool) abandon(ctx context.Context, writer client.Client, found target, o *writing) error {
	if found.object != nil {
		return nil
	}
	object := &v1alpha1.ConferenceParticipant{}
	err := writer.Get(ctx, client.ObjectKey{Namespace: found.leg.Namespace, Name: edit.NameOf(found.leg.CallSID)}, object)
	if err != nil {
		return client.IgnoreNotFound(err)
	}
	return t.giveBack(ctx, writer, object, o)
}

// removable refuses what would take an object from its writers, or end the conference as
// far as is known already.
func removable(found target, how kicking, o *writing) error {
	if err := sendable(found); err != nil {
		return err
	}
	if found.object != nil && !o.force {
		stored, err := toUnstructured(found.object)
		if err != nil {
			return err
		}
		if by := edit.Authors(stored); len(by) > 0 {
			return edit.Refuse("ConferenceParticipant %s is owned by %s, and removing the participant deletes it: delete it there, or do so with --force.",
				stored.GetName(), strings.Join(by, ", "))
		}
	}
	if about := found.about(); about != nil && about.Status.Participant != nil {
		return ends(about, how)
	}
	return nil
}

// claim is the object by which a participant is removed, once the operator has looked at
// it: the one that is there, or a new one with all that the policy declares.
func (t *tool) claim(ctx context.Context, writer client.Client, found target, o *writing) (*v1alpha1.ConferenceParticipant, error) {
	object, err := claiming(found, o)
	if err != nil {
		return nil, err
	}
	if found.object == nil {
		if err := o.apply(ctx, writer, object); err != nil {
			return nil, err
		}
	}
	if o.dry() {
		return nil, t.report(o, object, "to be removed")
	}
	return o.until(ctx, writer, client.ObjectKeyFromObject(object), func(p *v1alpha1.ConferenceParticipant) bool {
		return p.Status.Participant != nil && p.Status.ObservedGeneration == p.Generation
	})
}

// claiming is the object that people have written, or a new one of which the deletion
// changes nothing so far.
func claiming(found target, o *writing) (*unstructured.Unstructured, error) {
	if found.object != nil {
		return toUnstructured(found.object)
	}
	retain := edit.Change{Set: map[string]any{"deletionPolicy": string(v1alpha1.DeletionRetain)}}
	return patchOf(found, retain, o.force)
}

// removeBy has the deletion of an object remove its participant, deletes it and waits.
func (t *tool) removeBy(ctx context.Context, writer client.Client, object *v1alpha1.ConferenceParticipant, how kicking, o *writing) error {
	stored, err := toUnstructured(object)
	if err != nil {
		return err
	}
	patch, err := edit.Remove(stored, how.endConference, o.force)
	if err != nil {
		return err
	}
	if err := o.apply(ctx, writer, patch); err != nil {
		return err
	}
	key := client.ObjectKeyFromObject(object)
	object, err = o.until(ctx, writer, key, func(p *v1alpha1.ConferenceParticipant) bool {
		return slices.Contains(p.Finalizers, v1alpha1.Finalizer) && p.Status.ObservedGeneration == p.Generation
	})
	if err != nil {
		return err
	}
	if err := o.delete(ctx, writer, object); err != nil {
		return err
	}
	if err := t.warned(ctx, writer, object); err != nil {
		return err
	}
	if err := o.leaves(ctx, writer, object); err != nil {
		return err
	}
	return t.report(o, stored, "removed from the conference")
}

// warned returns what an event says went wrong with a removal.
func (t *tool) warned(ctx context.Context, reader client.Client, object *v1alpha1.ConferenceParticipant) error {
	events, err := eventsOf(ctx, reader, object)
	if err != nil {
		t.note("It is not known whether the operator has warned, since events can't be listed: %v", err)
		return nil
	}
	for _, event := range events {
		if event.Reason == v1alpha1.EventWouldEndConference || event.Reason == v1alpha1.EventNotReset {
			return fmt.Errorf("%s was not removed: %s", object.Name, event.Message)
		}
	}
	return nil
}

// ends refuses to remove a participant with which the conference would end.
func ends(object *v1alpha1.ConferenceParticipant, how kicking) error {
	seen := object.Status.Participant
	switch {
	case how.endConference:
		return nil
	case seen == nil || seen.EndConferenceOnExit == nil:
		return edit.Refuse("the provider does not say whether the conference ends for everybody when %s leaves; --end-conference removes it all the same", object.Name)
	case *seen.EndConferenceOnExit:
		return edit.Refuse("the conference ends for everybody when %s leaves; --end-conference removes it all the same", object.Name)
	default:
		return nil
	}
}

// confirm asks. Without an answer nothing is done.
func (t *tool) confirm(found target, how kicking, o *writing) error {
	if how.yes || o.dry() {
		return nil
	}
	fmt.Fprintf(t.ErrOut, "Remove call %s from conference %s? The call ends. [y/N] ", found.leg.CallSID, found.leg.ConferenceSID)
	answer, _ := bufio.NewReader(t.In).ReadString('\n')
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return edit.Refuse("nothing was removed")
	}
	return nil
}
