package main

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// ofCall lists the participants with the call of one, in its namespace; it is one of them
// while it is there.
func ofCall(ctx context.Context, reader client.Reader, object *v1alpha1.ConferenceParticipant, options ...client.ListOption) ([]v1alpha1.ConferenceParticipant, error) {
	found := &v1alpha1.ConferenceParticipantList{}
	options = append(options, client.InNamespace(object.Namespace), client.MatchingFields{"spec.callSID": string(object.Spec.CallSID)})
	err := reader.List(ctx, found, options...)
	return found.Items, err
}

// eventsOf lists the events about an object.
func eventsOf(ctx context.Context, reader client.Reader, object client.Object) ([]corev1.Event, error) {
	found := &corev1.EventList{}
	err := reader.List(ctx, found, client.InNamespace(object.GetNamespace()), client.MatchingFields{"involvedObject.uid": string(object.GetUID())})
	return found.Items, err
}
