package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/edit"
)

// verbs are those that change one participant and need no more than a name and flags.
func (t *tool) verbs() []*cobra.Command {
	var made []*cobra.Command
	for verb, short := range map[string]string{
		"mute": "Mute a participant", "unmute": "Let a participant be heard", "unhold": "Take a participant off hold",
	} {
		made = append(made, t.verb(verb, short, func(context.Context, client.Client, string) (edit.Change, error) { return edit.Audio(verb) }))
	}
	made = append(made, t.hold(), t.coach("whisper", "Have a participant speak to another one alone", true),
		t.coach("listen", "Have a participant coach another one without being heard", false),
		t.verb("barge", "Have a coach speak to the whole room", func(context.Context, client.Client, string) (edit.Change, error) {
			return edit.Barge(), nil
		}),
		t.verb("uncoach", "End a coaching; the coach is left muted", func(context.Context, client.Client, string) (edit.Change, error) {
			return edit.Uncoach(), nil
		}))
	return made
}

// changer makes the change of a verb.
type changer func(ctx context.Context, reader client.Client, namespace string) (edit.Change, error)

// verb is a command that changes one participant.
func (t *tool) verb(name, short string, make changer) *cobra.Command {
	o := newWriting()
	c := &cobra.Command{
		Use: name + " NAME", Short: short, Args: cobra.ExactArgs(1), ValidArgsFunction: t.completeNames(false),
		RunE: func(c *cobra.Command, args []string) error {
			writer, namespace, err := t.begin(o)
			if err != nil {
				return err
			}
			change, err := make(c.Context(), writer, namespace)
			if err != nil {
				return err
			}
			return t.change(c.Context(), writer, client.ObjectKey{Namespace: namespace, Name: args[0]}, change, o)
		},
	}
	o.bind(c)
	return c
}

func (t *tool) hold() *cobra.Command {
	url, method := "", ""
	c := t.verb("hold", "Put a participant on hold", func(context.Context, client.Client, string) (edit.Change, error) {
		change, err := edit.Audio("hold")
		return change.Music(url, method), err
	})
	c.Flags().StringVar(&url, "url", "", "A document with the music, fetched by the provider.")
	c.Flags().StringVar(&method, "method", "", "How the provider fetches it: GET, or POST, the default.")
	return c
}

func (t *tool) coach(name, short string, audible bool) *cobra.Command {
	to := ""
	c := t.verb(name, short, func(ctx context.Context, reader client.Client, namespace string) (edit.Change, error) {
		coachee, err := find(ctx, reader, namespace, to)
		if err != nil {
			return edit.Change{}, fmt.Errorf("--to: %w", err)
		}
		if about := coachee.about(); about != nil && about.Status.CallState == v1alpha1.CallLeft {
			return edit.Change{}, fmt.Errorf("--to: %w", errLeft)
		}
		return edit.Coach(coachee.leg.CallSID, audible).In(coachee.leg.ConferenceSID), nil
	})
	c.Flags().StringVar(&to, "to", "", "The participant to coach: the name of an object or a call SID.")
	_ = c.MarkFlagRequired("to")
	_ = c.RegisterFlagCompletionFunc("to", func(c *cobra.Command, _ []string, part string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return t.completeNames(false)(c, nil, part)
	})
	return c
}

// change finds a call leg and carries out a change of it.
func (t *tool) change(ctx context.Context, writer client.Client, leg client.ObjectKey, change edit.Change, o *writing) error {
	found, err := find(ctx, writer, leg.Namespace, leg.Name)
	if err == nil {
		err = change.Fits(found.leg)
	}
	if err != nil {
		return err
	}
	return t.carryOut(ctx, writer, found, change, o)
}

// carryOut writes a change of a call leg, and waits until it is in effect.
func (t *tool) carryOut(ctx context.Context, writer client.Client, found target, change edit.Change, o *writing) error {
	if err := sendable(found); err != nil {
		return err
	}
	patch, err := patchOf(found, change, o.force)
	if err != nil {
		return err
	}
	says := change.Says
	if patch == nil {
		// What is declared already may not be in effect, and is waited for all the same.
		says = "unchanged: it is declared already"
		patch, err = toUnstructured(found.object)
	} else if err = o.apply(ctx, writer, patch); err == nil {
		t.tell(found, patch)
	}
	if err != nil {
		return err
	}
	if o.wait && !o.dry() {
		if _, err := o.until(ctx, writer, client.ObjectKeyFromObject(patch), settled); err != nil {
			return err
		}
	}
	return t.report(o, patch, says)
}

// patchOf is what to apply: to an object that people have written, or a new one that takes
// the call leg out of its policy.
func patchOf(found target, change edit.Change, force bool) (*unstructured.Unstructured, error) {
	if found.object != nil {
		stored, err := toUnstructured(found.object)
		if err != nil {
			return nil, err
		}
		return edit.Amend(stored, change, force)
	}
	if found.leg.Account == "" {
		return nil, fmt.Errorf("call %s is in no Conference and has no object: import it first", found.leg.CallSID)
	}
	return edit.Take(found.leg, change)
}

// tell says that a call leg is taken out of a policy, and how it is given back.
func (t *tool) tell(found target, patch *unstructured.Unstructured) {
	if found.object == nil && found.leg.Conference != "" {
		t.note("Conference %s governs this call leg. %s takes it out of that policy,\nwith all that the policy declares for it, until %d s after the call. To give it back:\n  kubectl conference release %s -n %s",
			found.leg.Conference, patch.GetName(), ttlOf(patch), patch.GetName(), patch.GetNamespace())
	}
}

func ttlOf(patch *unstructured.Unstructured) int64 {
	seconds, _, _ := unstructured.NestedInt64(patch.Object, "spec", "ttlSecondsAfterFinished")
	return seconds
}

// release gives a call leg back.
func (t *tool) release() *cobra.Command {
	o := newWriting()
	c := &cobra.Command{
		Use: "release NAME", Short: "Give a call leg back to the policy of its room", Args: cobra.ExactArgs(1),
		Long: `Give a call leg back to the policy of its room: delete the object by which a verb has
taken it, after opening what the policy had closed for a while. Of an object that others
have written, too, only the fields of the verbs are given back.`,
		ValidArgsFunction: t.completeNames(false),
		RunE: func(c *cobra.Command, args []string) error {
			writer, found, err := t.aim(c.Context(), o, args[0])
			if err != nil {
				return err
			}
			if found.object == nil {
				return edit.Refuse("call %s is not taken out of any policy", found.leg.CallSID)
			}
			err = t.giveBack(c.Context(), writer, found.object, o)
			if err == nil && !o.dry() {
				o.takenOver(c.Context(), writer, found.object)
			}
			return err
		},
	}
	o.bind(c)
	return c
}

// giveBack carries out a release.
func (t *tool) giveBack(ctx context.Context, writer client.Client, object *v1alpha1.ConferenceParticipant, o *writing) error {
	stored, err := toUnstructured(object)
	if err != nil {
		return err
	}
	release, err := edit.ReleaseOf(stored)
	if err != nil {
		return err
	}
	if release.Open != nil && object.Status.CallState == v1alpha1.CallLive {
		if err := t.open(ctx, writer, release.Open, o); err != nil {
			return err
		}
	}
	if release.Drop != nil {
		if err := o.apply(ctx, writer, release.Drop); err != nil {
			return err
		}
		return t.report(o, release.Drop, "released: it is left to its other writers")
	}
	if !o.dry() {
		if err := o.delete(ctx, writer, object); err != nil {
			return err
		}
	}
	return t.report(o, stored, "released")
}

// open opens what was closed, and waits until that is done.
func (t *tool) open(ctx context.Context, writer client.Client, patch *unstructured.Unstructured, o *writing) error {
	if err := o.apply(ctx, writer, patch); err != nil || o.dry() {
		return err
	}
	_, err := o.until(ctx, writer, client.ObjectKeyFromObject(patch), settled)
	return err
}
