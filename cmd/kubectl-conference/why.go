package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/edit"
	"github.com/voiceops/conference-operator/internal/cli/story"
)

func (t *tool) why() *cobra.Command {
	output := newFormat()
	c := &cobra.Command{
		Use: "why [cpart/|conf/|va/]NAME", Short: "Say why a participant, a room or an account is as it is, and what to do", Args: cobra.ExactArgs(1),
		Example:           "  kubectl conference why all-hands\n  kubectl conference why 9b1f6a52\n  kubectl conference why va/acme",
		ValidArgsFunction: t.completeNames(true),
		RunE: func(c *cobra.Command, args []string) error {
			reader, namespace, err := t.scope(false)
			if err != nil {
				return err
			}
			stories, err := storiesOf(c.Context(), reader, namespace, args[0])
			if err != nil {
				return err
			}
			if output.forPrograms() {
				return output.encode(t.Out, stories)
			}
			for i, told := range stories {
				if i > 0 {
					fmt.Fprintln(t.Out)
				}
				if err := told.Write(t.Out); err != nil {
					return err
				}
			}
			return nil
		},
	}
	output.bind(c)
	return c
}

// storiesOf are those of every object of a name, of the kinds that its prefix allows.
func storiesOf(ctx context.Context, reader client.Client, namespace, name string) (stories []story.Story, err error) {
	kind, bare := kindOf(name)
	tellers := map[string]func(context.Context, client.Client, client.ObjectKey) (story.Story, error){
		"cpart": participantStory, "conf": conferenceStory, "va": accountStory,
	}
	for _, candidate := range []string{"conf", "cpart", "va"} {
		if kind != "" && kind != candidate {
			continue
		}
		told, err := tellers[candidate](ctx, reader, client.ObjectKey{Namespace: namespace, Name: bare})
		switch {
		case apierrors.IsNotFound(err):
		case err != nil:
			return nil, err
		default:
			stories = append(stories, told)
		}
	}
	if len(stories) > 0 {
		return stories, nil
	}
	if kind == "conf" || kind == "va" {
		return nil, fmt.Errorf("there is no %s in namespace %s", name, namespace)
	}
	told, err := legStory(ctx, reader, namespace, bare)
	return []story.Story{told}, err
}

// legStory is the story of a call leg by its SID: of the object that says most of it, or
// of its place in the room if there is none.
func legStory(ctx context.Context, reader client.Client, namespace, name string) (told story.Story, err error) {
	found, err := find(ctx, reader, namespace, name)
	if err != nil {
		return told, err
	}
	if about := found.about(); about != nil {
		return participantStory(ctx, reader, client.ObjectKeyFromObject(about))
	}
	conference := &v1alpha1.Conference{}
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: found.leg.Conference}, conference); err != nil {
		return told, err
	}
	return story.OfLeg(conference, found.leg.CallSID), nil
}

// kindOf splits a name such as conf/all-hands.
func kindOf(name string) (kind, bare string) {
	kind, bare, found := strings.Cut(name, "/")
	if !found {
		return "", name
	}
	short := map[string]string{
		"conferenceparticipant": "cpart", "conferenceparticipants": "cpart", "conference": "conf", "conferences": "conf",
		"voiceaccount": "va", "voiceaccounts": "va",
	}
	plain, _, _ := strings.Cut(strings.ToLower(kind), ".")
	if known, there := short[plain]; there {
		return known, bare
	}
	return plain, bare
}

func participantStory(ctx context.Context, reader client.Client, key client.ObjectKey) (told story.Story, err error) {
	object := &v1alpha1.ConferenceParticipant{}
	if err := reader.Get(ctx, key, object); err != nil {
		return told, err
	}
	facts, err := factsOf(ctx, reader, object, object.Spec.AccountRef.Name)
	if err != nil {
		return told, err
	}
	if facts.Conference, err = governing(ctx, reader, object); err != nil {
		return told, err
	}
	facts.Rivals, err = ofCall(ctx, reader, object)
	return story.OfParticipant(object, facts), err
}

// governing is the Conference that has made a participant, or from which the call leg is
// taken, or that shows it; nil for none.
func governing(ctx context.Context, reader client.Client, object *v1alpha1.ConferenceParticipant) (*v1alpha1.Conference, error) {
	name := object.Annotations[edit.TakenFromAnnotation]
	if owner := metav1.GetControllerOfNoCopy(object); owner != nil {
		name = owner.Name
	}
	conferences := &v1alpha1.ConferenceList{}
	if err := reader.List(ctx, conferences, client.InNamespace(object.Namespace)); err != nil {
		return nil, fmt.Errorf("list Conferences: %w", err)
	}
	for i := range conferences.Items {
		c := &conferences.Items[i]
		if c.Name == name || name == "" && shows(c, string(object.Spec.CallSID), string(object.Spec.ConferenceSID)) {
			return c, nil
		}
	}
	return nil, nil
}

func conferenceStory(ctx context.Context, reader client.Client, key client.ObjectKey) (told story.Story, err error) {
	object := &v1alpha1.Conference{}
	if err := reader.Get(ctx, key, object); err != nil {
		return told, err
	}
	facts, err := factsOf(ctx, reader, object, object.Spec.AccountRef.Name)
	if err != nil {
		return told, err
	}
	children := &v1alpha1.ConferenceParticipantList{}
	err = reader.List(ctx, children, client.InNamespace(key.Namespace), client.MatchingLabels{v1alpha1.ConferenceLabel: key.Name})
	facts.Children = children.Items
	return story.OfConference(object, facts), err
}

func accountStory(ctx context.Context, reader client.Client, key client.ObjectKey) (told story.Story, err error) {
	object := &v1alpha1.VoiceAccount{}
	if err := reader.Get(ctx, key, object); err != nil {
		return told, err
	}
	facts, err := factsOf(ctx, reader, object, key.Name)
	return story.OfAccount(object, facts), err
}

// factsOf are those that every story has: the account, and the events of the object. A
// user that may not read one of them gets the story without.
func factsOf(ctx context.Context, reader client.Client, object client.Object, accountName string) (facts story.Facts, err error) {
	account := &v1alpha1.VoiceAccount{}
	failed := reader.Get(ctx, client.ObjectKey{Namespace: object.GetNamespace(), Name: accountName}, account)
	if failed == nil {
		facts.Account = account
	}
	events, unlisted := eventsOf(ctx, reader, object)
	facts.Events = events
	for _, err := range []error{failed, unlisted} {
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err) {
			return facts, errors.Join(failed, unlisted)
		}
	}
	return facts, nil
}
