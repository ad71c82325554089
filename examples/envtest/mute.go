// Package mute is the part of a program that mutes callers: it declares a muted
// ConferenceParticipant for a call leg, and the operator does the rest.
//
// It is an example. The test beside it runs it in envtest, with the operator and a
// simulated provider.
package mute

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Caller is a call in a conference, as the provider's callbacks name it.
type Caller struct {
	ConferenceSID, CallSID string
}

// Room is where callers are muted: the namespace and the name of the VoiceAccount.
type Room struct {
	client.Client

	Namespace, Account string
}

// Mute declares that a caller is muted. The object has the name of the call, so that to
// call it again changes nothing, and is deleted an hour after the call.
func (r *Room) Mute(ctx context.Context, caller Caller) (*v1alpha1.ConferenceParticipant, error) {
	participant := &v1alpha1.ConferenceParticipant{
		ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: "mute-" + caller.CallSID},
		Spec: v1alpha1.ConferenceParticipantSpec{
			AccountRef:    v1alpha1.LocalReference{Name: r.Account},
			ConferenceSID: v1alpha1.SID(caller.ConferenceSID), CallSID: v1alpha1.SID(caller.CallSID),
			AudioControls:           v1alpha1.AudioControls{Muted: new(true)},
			TTLSecondsAfterFinished: new(int32(3600)),
		},
	}
	if err := client.IgnoreAlreadyExists(r.Create(ctx, participant)); err != nil {
		return nil, fmt.Errorf("muting call %s: %w", caller.CallSID, err)
	}
	return participant, nil
}

// Unmute lets a caller speak again. To delete the object would not: a deletion leaves the
// call as it is.
func (r *Room) Unmute(ctx context.Context, caller Caller) error {
	participant := &v1alpha1.ConferenceParticipant{
		ObjectMeta: metav1.ObjectMeta{Namespace: r.Namespace, Name: "mute-" + caller.CallSID},
	}
	patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"muted":false}}`))
	if err := r.Patch(ctx, participant, patch); err != nil {
		return fmt.Errorf("unmuting call %s: %w", caller.CallSID, err)
	}
	return nil
}
