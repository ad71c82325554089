package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/resource"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/edit"
	"github.com/voiceops/conference-operator/internal/cli/preview"
	"github.com/voiceops/conference-operator/internal/voice"
)

func (t *tool) plan() *cobra.Command {
	var files []string
	output := newFormat()
	c := &cobra.Command{
		Use: "plan [[cpart/|conf/]NAME...] [-f FILE]", Short: "Show what the operator would send, for manifests or for what is in the cluster",
		Long: `Show what the operator would send, for manifests or for what is in the cluster. The
provider is asked what is the case now, with the accounts' Secrets. Nothing is changed.`,
		Example:           "  kubectl conference plan -f all-hands.yaml\n  kubectl conference plan conf/all-hands",
		ValidArgsFunction: t.completeNames(true),
		RunE: func(c *cobra.Command, args []string) error {
			reader, namespace, err := t.scope(false)
			if err != nil {
				return err
			}
			p := &planner{tool: t, reader: reader, namespace: namespace, apis: map[string]*voice.Client{}}
			defer p.close()
			previews, err := p.previews(c.Context(), files, args)
			if err != nil {
				return err
			}
			if output.forPrograms() {
				return output.encode(t.Out, previews)
			}
			for _, shown := range previews {
				if err := shown.Write(t.Out); err != nil {
					return err
				}
			}
			return nil
		},
	}
	c.Flags().StringSliceVarP(&files, "filename", "f", nil, "Files, folders, URLs, or - for standard input.")
	output.bind(c)
	return c
}

// planner makes previews of objects of one namespace.
type planner struct {
	*tool
	reader    client.Client
	namespace string
	scene     preview.Scene
	// apis are the clients of accounts that were asked, by name.
	apis map[string]*voice.Client
	// conferences are the conferences in progress, by account.
	conferences map[string][]voice.Conference
}

func (p *planner) close() {
	for _, api := range p.apis {
		api.Close()
	}
}

// previews are those of the objects in files, of the named ones, or of all.
func (p *planner) previews(ctx context.Context, files, names []string) (previews []preview.Preview, err error) {
	objects, err := objectsOf(ctx, p.reader, p.namespace)
	if err != nil {
		return nil, err
	}
	p.conferences = map[string][]voice.Conference{}
	p.scene = preview.Scene{Participants: objects.Participants, Conferences: objects.Conferences, Rooms: map[string][]voice.Participant{}, Now: time.Now()}
	participants, conferences := objects.Participants, objects.Conferences
	switch {
	case len(files) > 0:
		participants, conferences, err = p.read(ctx, files)
	case len(names) > 0:
		participants, conferences, err = named(objects.Participants, objects.Conferences, names)
	}
	if err != nil {
		return nil, err
	}
	for i := range conferences {
		shown, err := p.conference(ctx, &conferences[i])
		if err != nil {
			return nil, err
		}
		previews = append(previews, shown)
	}
	for i := range participants {
		object := &participants[i]
		if err := p.look(ctx, object.Spec.AccountRef.Name, string(object.Spec.ConferenceSID)); err != nil {
			return nil, err
		}
		previews = append(previews, p.scene.Participant(object))
	}
	return previews, nil
}

// named chooses objects by their names.
func named(participants []v1alpha1.ConferenceParticipant, conferences []v1alpha1.Conference, names []string) (p []v1alpha1.ConferenceParticipant, c []v1alpha1.Conference, err error) {
	for _, name := range names {
		kind, bare := kindOf(name)
		before := len(p) + len(c)
		for i := range participants {
			if participants[i].Name == bare && kind != "conf" {
				p = append(p, participants[i])
			}
		}
		for i := range conferences {
			if conferences[i].Name == bare && kind != "cpart" {
				c = append(c, conferences[i])
			}
		}
		if len(p)+len(c) == before {
			return nil, nil, fmt.Errorf("there is neither a Conference nor a ConferenceParticipant %s", bare)
		}
	}
	return p, c, nil
}

// read reads manifests, as the API server would store them.
func (p *planner) read(ctx context.Context, files []string) (participants []v1alpha1.ConferenceParticipant, conferences []v1alpha1.Conference, err error) {
	found := resource.NewBuilder(p.flags).Unstructured().NamespaceParam(p.namespace).DefaultNamespace().RequireNamespace().ContinueOnError().
		FilenameParam(false, &resource.FilenameOptions{Filenames: files}).Flatten().Do()
	infos, err := found.Infos()
	if err != nil {
		return nil, nil, err
	}
	for _, info := range infos {
		object, isObject := info.Object.(*unstructured.Unstructured)
		if !isObject || object.GroupVersionKind().Group != v1alpha1.GroupVersion.Group {
			continue
		}
		if err := p.stored(ctx, object); err != nil {
			return nil, nil, err
		}
		switch object.GetKind() {
		case "ConferenceParticipant":
			participants = append(participants, v1alpha1.ConferenceParticipant{})
			err = runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &participants[len(participants)-1])
		case "Conference":
			conferences = append(conferences, v1alpha1.Conference{})
			err = runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &conferences[len(conferences)-1])
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return participants, conferences, nil
}

// stored makes of a manifest what the API server would store: with defaults, checked by
// the rules, and merged with what is there. A user that may not apply gets it as it is.
func (p *planner) stored(ctx context.Context, object *unstructured.Unstructured) error {
	manifest := object.DeepCopy()
	err := p.reader.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), client.FieldOwner(edit.Manager), client.ForceOwnership, client.DryRunAll)
	if apierrors.IsForbidden(err) {
		*object = *manifest
		return nil
	}
	return err
}
