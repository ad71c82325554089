package main

import (
	"context"
	"crypto/rand"
	"maps"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/ask"
	"github.com/voiceops/conference-operator/internal/cli/preview"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/voice"
)

// look asks which call legs are in a conference, once.
func (p *planner) look(ctx context.Context, account, sid string) error {
	if _, known := p.scene.Rooms[sid]; known {
		return nil
	}
	api, err := p.api(ctx, account)
	if err != nil {
		return err
	}
	p.scene.Rooms[sid], err = ask.Participants(ctx, api, sid)
	return err
}

// api is the client of an account.
func (p *planner) api(ctx context.Context, name string) (*voice.Client, error) {
	if known, there := p.apis[name]; there {
		return known, nil
	}
	api, err := p.apiOf(ctx, p.reader, p.namespace, name)
	if err == nil {
		p.apis[name] = api
	}
	return api, err
}

// apiOf is a new client of an account.
func (t *tool) apiOf(ctx context.Context, reader client.Client, namespace, name string) (*voice.Client, error) {
	account := &v1alpha1.VoiceAccount{}
	if err := reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, account); err != nil {
		return nil, err
	}
	asker, err := t.asker(reader)
	if err != nil {
		return nil, err
	}
	return asker.Client(ctx, account)
}

// conference is the preview of a Conference: its rooms, the calls if a role needs them,
// and the numbers of Secrets.
func (p *planner) conference(ctx context.Context, object *v1alpha1.Conference) (shown preview.Preview, err error) {
	account := object.Spec.AccountRef.Name
	api, err := p.api(ctx, account)
	if err != nil {
		return shown, err
	}
	rooms, known := p.conferences[account]
	if !known {
		if rooms, err = ask.Rooms(ctx, api); err != nil {
			return shown, err
		}
		p.conferences[account] = rooms
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	callers := preview.Callers{Calls: map[string]voice.Call{}, Hasher: policy.NewHasher(key)}
	for _, room := range rooms {
		if !policy.Matches(&object.Spec, room.FriendlyName) {
			continue
		}
		if err := p.look(ctx, account, room.SID); err != nil {
			return shown, err
		}
		if err := p.calls(ctx, api, object, room.SID, callers.Calls); err != nil {
			return shown, err
		}
	}
	callers.Numbers, err = p.numbers(ctx, object)
	return p.scene.Conference(object, rooms, callers), err
}

// calls reads the calls of a room, if a role asks for more than the list shows.
func (p *planner) calls(ctx context.Context, api *voice.Client, object *v1alpha1.Conference, sid string, calls map[string]voice.Call) error {
	needed := false
	for _, role := range object.Spec.Roles {
		for _, term := range role.Match {
			needed = needed || policy.AboutCall(&term)
		}
	}
	if !needed {
		return nil
	}
	read, err := ask.Calls(ctx, api, p.scene.Rooms[sid])
	maps.Copy(calls, read)
	return err
}

// numbers reads the Secrets that the roles name. One that is missing or can't be used
// leaves its roles unknown, as with the operator.
func (p *planner) numbers(ctx context.Context, object *v1alpha1.Conference) (map[v1alpha1.SecretKeySelector][]string, error) {
	found := map[v1alpha1.SecretKeySelector][]string{}
	for _, key := range policy.Secrets(&object.Spec) {
		secret := &corev1.Secret{}
		err := p.reader.Get(ctx, client.ObjectKey{Namespace: p.namespace, Name: key.Name}, secret)
		if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err) {
			return nil, err
		}
		numbers, parsed := policy.ParseNumbers(secret.Data[key.Key])
		if err != nil || parsed != nil {
			p.note("Secret %s, key %s, can't be used, so that its roles are not known.", key.Name, key.Key)
			continue
		}
		found[key] = numbers
	}
	return found, nil
}
