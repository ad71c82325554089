package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/ask"
	"github.com/voiceops/conference-operator/internal/cli/view"
)

// wide is the format of list that has whole SIDs and accounts.
const wide = "wide"

// listing are the flags of list and watch.
type listing struct {
	all, live, numbers bool
}

func (o *listing) bind(c *cobra.Command) {
	c.Flags().BoolVarP(&o.all, "all-namespaces", "A", false, "Every namespace.")
	c.Flags().BoolVar(&o.live, "live", false, "Ask the provider with the accounts' Secrets, in place of what the operator saw last.")
	c.Flags().BoolVar(&o.numbers, "numbers", false, "Show phone numbers, which are personal data. Needs --live.")
}

// begin checks the flags, and is the client and the namespace, which is empty for all.
func (o *listing) begin(t *tool) (client.WithWatch, string, error) {
	if o.numbers && !o.live {
		return nil, "", fmt.Errorf("--numbers needs --live: numbers are in no object")
	}
	return t.scope(o.all)
}

func (t *tool) list() *cobra.Command {
	o, output := &listing{}, newFormat(wide)
	c := &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "Show the rooms and the people in them", Args: cobra.NoArgs,
		Example: "  kubectl conference list -A\n  kubectl conference list --live --numbers",
		RunE: func(c *cobra.Command, _ []string) error {
			reader, namespace, err := o.begin(t)
			if err != nil {
				return err
			}
			found, err := t.rooms(c.Context(), reader, namespace, *o)
			if err != nil {
				return err
			}
			if output.forPrograms() {
				return output.encode(t.Out, found)
			}
			return view.Write(t.Out, found, view.Style{Colour: t.coloured(), Wide: output.name == wide, Namespaces: o.all})
		},
	}
	o.bind(c)
	output.bind(c)
	return c
}

// rooms is the List of a namespace, or of all.
func (t *tool) rooms(ctx context.Context, reader client.Client, namespace string, o listing) (view.List, error) {
	objects, err := objectsOf(ctx, reader, namespace)
	if err != nil {
		return view.List{}, err
	}
	found := view.Of(objects)
	if !o.live {
		return found, nil
	}
	observed, err := t.observed(ctx, reader, namespace, o.numbers)
	return view.Observe(found, observed), err
}

// objectsOf reads the objects of a namespace, or of all.
func objectsOf(ctx context.Context, reader client.Reader, namespace string) (found view.Objects, err error) {
	conferences, participants := &v1alpha1.ConferenceList{}, &v1alpha1.ConferenceParticipantList{}
	if err := reader.List(ctx, conferences, client.InNamespace(namespace)); err != nil {
		return found, fmt.Errorf("list Conferences: %w", err)
	}
	if err := reader.List(ctx, participants, client.InNamespace(namespace)); err != nil {
		return found, fmt.Errorf("list ConferenceParticipants: %w", err)
	}
	return view.Objects{Conferences: conferences.Items, Participants: participants.Items}, nil
}

// observed is what the provider shows of every account. An account that can't be used
// is told of, and leaves out no other.
func (t *tool) observed(ctx context.Context, reader client.Client, namespace string, numbers bool) (all []view.Observed, err error) {
	accounts := &v1alpha1.VoiceAccountList{}
	if err := reader.List(ctx, accounts, client.InNamespace(namespace)); err != nil {
		return nil, fmt.Errorf("list VoiceAccounts: %w", err)
	}
	asker, err := t.asker(reader)
	if err != nil {
		return nil, err
	}
	failed := 0
	for i := range accounts.Items {
		account := &accounts.Items[i]
		seen, err := observe(ctx, asker, account, numbers)
		if err != nil {
			failed++
			fmt.Fprintf(t.ErrOut, "VoiceAccount %s: %v\n", account.Name, err)
		}
		all = append(all, seen...)
	}
	if failed > 0 && failed == len(accounts.Items) {
		return nil, fmt.Errorf("no account could be asked")
	}
	return all, nil
}

func observe(ctx context.Context, asker ask.Asker, account *v1alpha1.VoiceAccount, numbers bool) ([]view.Observed, error) {
	api, err := asker.Client(ctx, account)
	if err != nil {
		return nil, err
	}
	defer api.Close()
	seen, err := ask.Observe(ctx, api, numbers)
	for i := range seen {
		seen[i].Namespace, seen[i].Account = account.Namespace, account.Name
	}
	return seen, err
}
