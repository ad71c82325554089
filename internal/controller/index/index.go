// Package index names the indexes of the participants' cache, so that no reconcile
// lists more than it needs: by account, by call leg across namespaces (the rivals of
// R9), and by the participant that is referred to as coachee. KeyOf names a
// participant's conference as package roster does.
package index

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
)

const (
	account = "account"
	call    = "call"
	coachee = "coachee"
	room    = "room"
	owner   = "owner"
)

// Add declares the indexes; call it before the cache starts.
func Add(ctx context.Context, indexer client.FieldIndexer) error {
	values := map[string]func(*v1alpha1.ConferenceParticipant) string{
		account: func(p *v1alpha1.ConferenceParticipant) string { return p.Spec.AccountRef.Name },
		call:    func(p *v1alpha1.ConferenceParticipant) string { return string(p.Spec.CallSID) },
		coachee: func(p *v1alpha1.ConferenceParticipant) string {
			if p.Spec.ParticipantToCoachRef == nil {
				return ""
			}
			return p.Spec.ParticipantToCoachRef.Name
		},
		room: func(p *v1alpha1.ConferenceParticipant) string {
			if conference := ConferenceOf(p); conference != nil {
				return roomOf(conference.UID, string(p.Spec.ConferenceSID))
			}
			return ""
		},
		owner: func(p *v1alpha1.ConferenceParticipant) string {
			if conference := ConferenceOf(p); conference != nil {
				return conference.Name
			}
			return ""
		},
	}
	for name, value := range values {
		err := indexer.IndexField(ctx, &v1alpha1.ConferenceParticipant{}, name, func(object client.Object) []string {
			if v := value(object.(*v1alpha1.ConferenceParticipant)); v != "" {
				return []string{v}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("index participants by %s: %w", name, err)
		}
	}
	return nil
}

// ConferenceOf returns the reference to the Conference that has made a participant; nil
// if none has.
func ConferenceOf(p *v1alpha1.ConferenceParticipant) *metav1.OwnerReference {
	controller := metav1.GetControllerOfNoCopy(p)
	if controller == nil || controller.Kind != "Conference" {
		return nil
	}
	if group, _, _ := strings.Cut(controller.APIVersion, "/"); group != v1alpha1.GroupVersion.Group {
		return nil
	}
	return controller
}

// Abstains reports whether an object claims nothing by its spec: it sends nothing.
func Abstains(p *v1alpha1.ConferenceParticipant) bool {
	return p.Spec.Suspend || p.Spec.Mode == v1alpha1.ModeObserve
}

// Withdrawn reports whether an object wants no call leg: it claims nothing, is being
// deleted, or its call has left.
func Withdrawn(p *v1alpha1.ConferenceParticipant) bool {
	return Abstains(p) || !p.DeletionTimestamp.IsZero() || p.Status.CallState == v1alpha1.CallLeft
}

// roomOf names a room as one Conference governs it.
func roomOf(conference types.UID, sid string) string { return string(conference) + "/" + sid }

// OfRoom returns the participants that a Conference has made in one room.
func OfRoom(ctx context.Context, reader client.Reader, conference *v1alpha1.Conference, sid string) ([]v1alpha1.ConferenceParticipant, error) {
	return list(ctx, reader, client.InNamespace(conference.Namespace), client.MatchingFields{room: roomOf(conference.UID, sid)})
}

// OfOwner returns the participants that a Conference of a name has made, this one or one
// before it.
func OfOwner(ctx context.Context, reader client.Reader, name types.NamespacedName) ([]v1alpha1.ConferenceParticipant, error) {
	return list(ctx, reader, client.InNamespace(name.Namespace), client.MatchingFields{owner: name.Name})
}

// KeyOf names the conference of a participant.
func KeyOf(p *v1alpha1.ConferenceParticipant) roster.Key {
	return roster.Key{
		Account:    types.NamespacedName{Namespace: p.Namespace, Name: p.Spec.AccountRef.Name},
		Conference: string(p.Spec.ConferenceSID),
	}
}

// OfAccount returns the participants of an account.
func OfAccount(ctx context.Context, reader client.Reader, name types.NamespacedName) ([]v1alpha1.ConferenceParticipant, error) {
	return list(ctx, reader, client.InNamespace(name.Namespace), client.MatchingFields{account: name.Name})
}

// HasFinalizer reports whether an object waits for the operator when it is deleted.
func HasFinalizer(p *v1alpha1.ConferenceParticipant) bool {
	return controllerutil.ContainsFinalizer(p, v1alpha1.Finalizer)
}

// AnyFinalizer reports whether any participant of an account, except one, waits for
// the operator when it is deleted, so that its credentials are needed even when the
// account or its Secret has gone (R11).
func AnyFinalizer(ctx context.Context, reader client.Reader, account types.NamespacedName, except types.UID) (bool, error) {
	participants, err := OfAccount(ctx, reader, account)
	return slices.ContainsFunc(participants, func(p v1alpha1.ConferenceParticipant) bool {
		return p.UID != except && HasFinalizer(&p)
	}), err
}

// OfCall returns the participants with a call SID, in every namespace.
func OfCall(ctx context.Context, reader client.Reader, callSID v1alpha1.SID) ([]v1alpha1.ConferenceParticipant, error) {
	return list(ctx, reader, client.MatchingFields{call: string(callSID)})
}

// OfCoachee returns the participants that refer to one as their coachee.
func OfCoachee(ctx context.Context, reader client.Reader, name types.NamespacedName) ([]v1alpha1.ConferenceParticipant, error) {
	return list(ctx, reader, client.InNamespace(name.Namespace), client.MatchingFields{coachee: name.Name})
}

// list reads from the cache without copying: what it returns must not be
// changed.
func list(ctx context.Context, reader client.Reader, options ...client.ListOption) ([]v1alpha1.ConferenceParticipant, error) {
	found := &v1alpha1.ConferenceParticipantList{}
	if err := reader.List(ctx, found, append(options, client.UnsafeDisableDeepCopy)...); err != nil {
		return nil, fmt.Errorf("list participants in the cache: %w", err)
	}
	return found.Items, nil
}
