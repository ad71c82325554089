package testkit

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// Secret returns a Secret with an API token under the default key.
func Secret(namespace, name, token string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Data:       map[string][]byte{v1alpha1.DefaultTokenKey: []byte(token)},
	}
}

// Account returns a VoiceAccount with the required fields and nothing else, so
// that the defaults of the API server apply.
func Account(namespace, name, baseURL, accountSID, secretName string) *v1alpha1.VoiceAccount {
	return &v1alpha1.VoiceAccount{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.VoiceAccountSpec{
			BaseURL:        baseURL,
			AccountSID:     v1alpha1.AccountSID(accountSID),
			TokenSecretRef: v1alpha1.SecretKeyReference{Name: secretName},
		},
	}
}

// Participant returns a ConferenceParticipant for a call leg, without any desired
// state.
func Participant(namespace, name, account, conferenceSID, callSID string) *v1alpha1.ConferenceParticipant {
	return &v1alpha1.ConferenceParticipant{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: v1alpha1.ConferenceParticipantSpec{
			AccountRef:    v1alpha1.LocalReference{Name: account},
			ConferenceSID: v1alpha1.SID(conferenceSID),
			CallSID:       v1alpha1.SID(callSID),
		},
	}
}

// With changes an object in place and returns it, so that an object can be
// built in one expression.
func With[T client.Object](object T, mutations ...func(T)) T {
	for _, mutate := range mutations {
		mutate(object)
	}
	return object
}
