package account

import (
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func TestAnUnknownProviderIsNamed(t *testing.T) {
	object := &v1alpha1.VoiceAccount{Spec: v1alpha1.VoiceAccountSpec{Provider: "Acme", BaseURL: "https://acme.example.com"}}
	if _, err := (&Reconciler{}).build(object, "identity", "token"); err == nil || !strings.Contains(err.Error(), `"Acme"`) {
		t.Errorf("got %v", err)
	}
}
