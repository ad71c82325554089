package conferencetest

import (
	"net/http/httptest"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// accountSID is the account of each Provider: they don't know each other.
const accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"

// Provider is a simulated provider with one account, served on a port of the loopback
// interface. Its conferences and calls are those of the Simulator.
type Provider struct {
	*voicesim.Simulator

	// URL is the base URL of a VoiceAccount.
	URL string
	// AccountSID is the SID of the account.
	AccountSID string
	// Token is the API token of the account.
	Token string

	server *httptest.Server
}

// StartProvider starts a provider that behaves as the settings say; the zero value has the
// defaults. It panics if they are not valid. Stop it with Stop.
func StartProvider(settings voicesim.Settings) *Provider {
	p := &Provider{
		Simulator:  voicesim.New(voicesim.Config{Settings: settings}),
		AccountSID: accountSID, Token: voicesim.NewToken(),
	}
	p.AddAccount(p.AccountSID, p.Token)
	p.server = httptest.NewServer(p.Handler())
	p.URL = p.server.URL
	return p
}

// Stop stops the server once it has answered the requests in progress. What the simulator
// knows can still be read.
func (p *Provider) Stop() { p.server.Close() }

// Account returns a VoiceAccount of this provider, and the Secret with its token, both
// with the same namespace and name. The account is observed each second, so that a change
// at the provider is seen soon.
func (p *Provider) Account(namespace, name string) []client.Object {
	const key = "token"
	meta := metav1.ObjectMeta{Namespace: namespace, Name: name}
	return []client.Object{
		&corev1.Secret{ObjectMeta: meta, StringData: map[string]string{key: p.Token}},
		&v1alpha1.VoiceAccount{ObjectMeta: meta, Spec: v1alpha1.VoiceAccountSpec{
			BaseURL: p.URL, AccountSID: v1alpha1.AccountSID(p.AccountSID), ResyncIntervalSeconds: new(int32(1)),
			TokenSecretRef: v1alpha1.SecretKeyReference{Name: name, Key: key},
		}},
	}
}
