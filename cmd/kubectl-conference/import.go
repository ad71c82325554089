package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/adopt"
	"github.com/voiceops/conference-operator/internal/cli/ask"
	"github.com/voiceops/conference-operator/internal/cli/edit"
	"github.com/voiceops/conference-operator/internal/voice"
)

// What import makes.
const (
	kindParticipant = "participant"
	kindConference  = "conference"
)

// adopting are the flags of import.
type adopting struct {
	account, conference, kind string
	numbers                   []string
	apply                     bool
}

func (t *tool) importing() *cobra.Command {
	o := &adopting{}
	c := &cobra.Command{
		Use: "import --conference SID|NAME", Short: "Make objects of what the provider shows, without changing anything", Args: cobra.NoArgs,
		Long: `Make objects of what the provider shows, without changing anything: a participant in mode
Observe for each call leg, or a Conference without roles. They are printed, or applied
with --apply. With --number only the call legs with that far party are taken; no number
is printed.`,
		Example: "  kubectl conference import --conference support --number +15555550100 --apply\n  kubectl conference import --conference support --kind conference",
		RunE: func(c *cobra.Command, _ []string) error {
			if o.kind != kindParticipant && o.kind != kindConference {
				return fmt.Errorf("--kind %s is neither %s nor %s", o.kind, kindParticipant, kindConference)
			}
			writer, namespace, err := t.scope(false)
			if err != nil {
				return err
			}
			made, err := t.adopted(c.Context(), writer, namespace, o)
			if err != nil {
				return err
			}
			for _, object := range made {
				if err := t.emit(c.Context(), writer, object, o.apply); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringVar(&o.conference, "conference", "", "The SID of a conference, or its friendly name.")
	c.Flags().StringVar(&o.account, "account", "", "The VoiceAccount; needed if there are several.")
	c.Flags().StringVar(&o.kind, "kind", kindParticipant, `What to make: "participant", for each call leg, or "conference".`)
	c.Flags().StringSliceVar(&o.numbers, "number", nil, "Take only call legs with this far party, such as +15555550100.")
	c.Flags().BoolVar(&o.apply, "apply", false, "Apply the objects in place of printing them.")
	_ = c.MarkFlagRequired("conference")
	return c
}

// adopted are the objects that are made.
func (t *tool) adopted(ctx context.Context, reader client.Client, namespace string, o *adopting) (made []client.Object, err error) {
	account, err := accountOf(ctx, reader, namespace, o.account)
	if err != nil {
		return nil, err
	}
	api, err := t.apiOf(ctx, reader, namespace, account)
	if err != nil {
		return nil, err
	}
	defer api.Close()
	rooms, err := ask.Rooms(ctx, api)
	if err != nil {
		return nil, err
	}
	rooms = slices.DeleteFunc(rooms, func(c voice.Conference) bool { return c.SID != o.conference && c.FriendlyName != o.conference })
	if len(rooms) == 0 {
		return nil, fmt.Errorf("no conference with this SID or name is in progress: see kubectl conference list --live")
	}
	if o.kind == kindConference {
		return []client.Object{adopt.Conference(namespace, account, adopt.Name(rooms[0].FriendlyName), rooms[0].FriendlyName)}, nil
	}
	return participants(ctx, api, rooms, func(leg voice.Participant) client.Object { return adopt.Participant(namespace, account, leg) }, o.numbers)
}

// participants are the objects that are made of the call legs in conferences.
func participants(ctx context.Context, api *voice.Client, rooms []voice.Conference, make func(voice.Participant) client.Object, numbers []string) (made []client.Object, err error) {
	for _, room := range rooms {
		legs, err := chosen(ctx, api, room.SID, numbers)
		if err != nil {
			return nil, err
		}
		for _, leg := range legs {
			made = append(made, make(leg))
		}
	}
	if len(made) == 0 {
		return nil, fmt.Errorf("no call leg in it matches")
	}
	return made, nil
}

// accountOf is the account of a name, or the only one.
func accountOf(ctx context.Context, reader client.Reader, namespace, name string) (string, error) {
	if name != "" {
		return name, nil
	}
	accounts := &v1alpha1.VoiceAccountList{}
	if err := reader.List(ctx, accounts, client.InNamespace(namespace)); err != nil {
		return "", err
	}
	if len(accounts.Items) == 0 {
		return "", fmt.Errorf("there is no VoiceAccount in namespace %s", namespace)
	}
	if len(accounts.Items) > 1 {
		return "", fmt.Errorf("there are %d VoiceAccounts in namespace %s: name one with --account", len(accounts.Items), namespace)
	}
	return accounts.Items[0].Name, nil
}

// chosen are the call legs of a conference, those with one of the numbers if any is
// given.
func chosen(ctx context.Context, api *voice.Client, sid string, numbers []string) ([]voice.Participant, error) {
	legs, err := ask.Participants(ctx, api, sid)
	legs = slices.DeleteFunc(legs, func(p voice.Participant) bool { return p.Ended() })
	if err != nil || len(numbers) == 0 {
		return legs, err
	}
	calls, err := ask.Calls(ctx, api, legs)
	return slices.DeleteFunc(legs, func(p voice.Participant) bool {
		return !slices.Contains(numbers, ask.FarParty(calls[p.CallSID]).Reveal())
	}), err
}

// emit prints an object as a manifest, or applies it.
func (t *tool) emit(ctx context.Context, writer client.Client, object client.Object, apply bool) error {
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return err
	}
	manifest := &unstructured.Unstructured{Object: fields}
	unstructured.RemoveNestedField(manifest.Object, "status")
	unstructured.RemoveNestedField(manifest.Object, "metadata", "creationTimestamp")
	if !apply {
		text, err := yaml.Marshal(manifest.Object)
		if err == nil {
			_, err = fmt.Fprintf(t.Out, "---\n%s", text)
		}
		return err
	}
	if err := writer.Apply(ctx, client.ApplyConfigurationFromUnstructured(manifest), client.FieldOwner(edit.Manager)); err != nil {
		return edit.Explain(err)
	}
	_, err = fmt.Fprintf(t.Out, "%s/%s imported\n", manifest.GetKind(), manifest.GetName())
	return err
}
