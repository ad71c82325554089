package conferencetest_test

import (
	"net/http"
	"path/filepath"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/conferencetest"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// There is a definition for each file that an installation applies.
func TestCRDs(t *testing.T) {
	files, err := filepath.Glob("../../config/crd/bases/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files (%v)", err)
	}
	definitions := conferencetest.CRDs()
	if len(definitions) != len(files) {
		t.Errorf("%d definitions of %d files", len(definitions), len(files))
	}
	for _, definition := range definitions {
		if definition.Spec.Group != v1alpha1.GroupVersion.Group || definition.Spec.Versions[0].Schema == nil {
			t.Errorf("%s has no schema", definition.Name)
		}
	}
}

// The objects have what a request to the provider needs.
func TestProviderAccount(t *testing.T) {
	provider := conferencetest.StartProvider(voicesim.Settings{})
	defer provider.Stop()
	objects := provider.Account("calls", "acme")
	secret, account := objects[0].(*corev1.Secret), objects[1].(*v1alpha1.VoiceAccount)
	if account.Namespace != "calls" || secret.Namespace != "calls" || account.Spec.TokenSecretRef.Name != secret.Name {
		t.Errorf("got %+v, %+v", account, secret)
	}
	sid := string(account.Spec.AccountSID)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		account.Spec.BaseURL+"/api/laml/2010-04-01/Accounts/"+sid+"/Conferences", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth(sid, secret.StringData[account.Spec.TokenSecretRef.Key])
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK || provider.Counts()[voicesim.OpListConferences] != 1 {
		t.Errorf("got %s", response.Status)
	}
}

// A suite that names no provider by mistake is told so.
func TestStartOperatorWithABadURL(t *testing.T) {
	if _, err := conferencetest.StartOperator(&rest.Config{}, "not a URL"); err == nil {
		t.Error("no error")
	}
}
