package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/edit"
)

// announcing are the flags of announce.
type announcing struct {
	id, url, method string
	within          time.Duration
}

// change is the announcement at a time. Without an id it has one of its own each time.
func (o announcing) change(now time.Time) edit.Change {
	id := o.id
	if id == "" {
		id = "kubectl-" + now.UTC().Format("20060102T150405.000")
	}
	return edit.Announce(edit.Announcement{ID: id, URL: o.url, Method: o.method, NotAfter: now.Add(o.within)})
}

func (t *tool) announce() *cobra.Command {
	o, what := newWriting(), announcing{}
	c := &cobra.Command{
		Use: "announce NAME|conf/NAME --url URL", Short: "Play a document to a participant, or to a room, once", Args: cobra.ExactArgs(1),
		Example:           "  kubectl conference announce conf/all-hands --url https://media.example.com/closing.xml",
		ValidArgsFunction: t.completeNames(true),
		RunE: func(c *cobra.Command, args []string) error {
			writer, namespace, err := t.begin(o)
			if err != nil {
				return err
			}
			change := what.change(time.Now())
			if kind, name := kindOf(args[0]); kind == "conf" {
				return t.announceRoom(c.Context(), writer, client.ObjectKey{Namespace: namespace, Name: name}, change, o)
			}
			return t.change(c.Context(), writer, client.ObjectKey{Namespace: namespace, Name: args[0]}, change, o)
		},
	}
	c.Flags().StringVar(&what.url, "url", "", "The document to play, fetched by the provider.")
	c.Flags().StringVar(&what.method, "method", "", "How the provider fetches it: GET, or POST, the default.")
	c.Flags().StringVar(&what.id, "id", "", "The id of the announcement; one that was played is not played again. Default: a new one.")
	c.Flags().DurationVar(&what.within, "within", time.Minute, "How long from now it may still be played.")
	_ = c.MarkFlagRequired("url")
	o.bind(c)
	return c
}

// announceRoom plays an announcement to the rooms of a Conference.
func (t *tool) announceRoom(ctx context.Context, writer client.Client, key client.ObjectKey, change edit.Change, o *writing) error {
	stored := &unstructured.Unstructured{}
	stored.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("Conference"))
	if err := writer.Get(ctx, key, stored); err != nil {
		return err
	}
	if _, prefix, _ := unstructured.NestedString(stored.Object, "spec", "friendlyNamePrefix"); prefix {
		return edit.Refuse("Conference %s is about every room of a prefix, which an announcement can't be played to", key.Name)
	}
	patch, err := edit.Amend(stored, change, o.force)
	if err != nil || patch == nil {
		return err
	}
	if err := o.apply(ctx, writer, patch); err != nil {
		return err
	}
	if o.quiet() {
		return t.report(o, patch, "")
	}
	_, err = fmt.Fprintf(t.Out, "conference/%s %s\n", key.Name, change.Says)
	return err
}
