package ask

import (
	"errors"
	"net/http/httptest"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/internal/voice"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	token      = "PT-ask"
)

// scene is a simulated provider and an account at it.
type scene struct {
	sim     *voicesim.Simulator
	url     string
	account *v1alpha1.VoiceAccount
}

func newScene(t *testing.T) scene {
	t.Helper()
	sim := voicesim.New(voicesim.Config{})
	sim.AddAccount(accountSID, token)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	return scene{sim, server.URL, testkit.Account("support", "acme", server.URL, accountSID, "acme-voice")}
}

func (s scene) asker(t *testing.T, objects ...client.Object) Asker {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	allowed, err := provider.ParseAllowList([]string{s.url})
	if err != nil {
		t.Fatal(err)
	}
	return Asker{Reader: fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build(), Allowed: allowed}
}

func (s scene) client(t *testing.T) *voice.Client {
	t.Helper()
	api, err := s.asker(t, testkit.Secret("support", "acme-voice", token+"\n")).Client(t.Context(), s.account)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api
}

func reason(err error) string {
	problem, _ := errors.AsType[*AccountError](err)
	if problem == nil {
		return ""
	}
	return problem.Reason
}

func TestWhatAnAccountLacks(t *testing.T) {
	s := newScene(t)
	if _, err := s.asker(t).Client(t.Context(), s.account); reason(err) != v1alpha1.ReasonSecretNotFound {
		t.Errorf("no Secret: %v", err)
	}
	empty := &corev1.Secret{ObjectMeta: testkit.Secret("support", "acme-voice", "").ObjectMeta}
	if _, err := s.asker(t, empty).Client(t.Context(), s.account); reason(err) != v1alpha1.ReasonSecretKeyMissing {
		t.Errorf("no key: %v", err)
	}
	s.account.Spec.BaseURL = "https://elsewhere.example.com"
	if _, err := s.asker(t).Client(t.Context(), s.account); reason(err) != v1alpha1.ReasonBaseURLNotAllowed {
		t.Errorf("another URL: %v", err)
	}
}

func TestObserve(t *testing.T) {
	s := newScene(t)
	room, host := s.sim.JoinRoom(accountSID, "support", voicesim.JoinOptions{From: "+15555550100", To: "+15555550199"})
	_, guest := s.sim.JoinRoom(accountSID, "support", voicesim.JoinOptions{Direction: voicesim.DirectionOutbound, From: "+15555550199", To: "+15555550142"})
	s.sim.JoinRoom(accountSID, "waiting", voicesim.JoinOptions{})
	api := s.client(t)
	seen, err := Observe(t.Context(), api, false)
	if err != nil || len(seen) != 2 {
		t.Fatalf("%v, %v", seen, err)
	}
	counts := s.sim.Counts()
	if counts[voicesim.OpGetCall] != 0 {
		t.Error("calls are read although nobody has asked for numbers")
	}
	seen, err = Observe(t.Context(), api, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, observed := range seen {
		if observed.Room.SID == room && (len(observed.Participants) != 2 || observed.Numbers[host] != "+15555550100" || observed.Numbers[guest] != "+15555550142") {
			t.Errorf("got %+v", observed.Numbers)
		}
	}
	if found, err := Participants(t.Context(), api, guest); err != nil || found != nil {
		t.Errorf("a conference that is none: %v, %v", found, err)
	}
}

func TestExplain(t *testing.T) {
	s := newScene(t)
	api := s.client(t)
	s.sim.SetTokens(accountSID, "PT-other")
	_, err := Rooms(t.Context(), api)
	if reason(err) != v1alpha1.ReasonUnauthorized || strings.Contains(err.Error(), token) {
		t.Errorf("a token that is refused: %v", err)
	}
	for want, failure := range map[string]*voice.Error{
		v1alpha1.ReasonAddressNotAllowed: {Cause: voice.CauseAddressNotAllowed, Address: "loopback"},
		v1alpha1.ReasonAccountNotFound:   {HTTPStatus: 404},
		v1alpha1.ReasonAccountRefused:    {HTTPStatus: 402},
		v1alpha1.ReasonAPIUnavailable:    {HTTPStatus: 503},
	} {
		if got := Explain(failure); reason(got) != want {
			t.Errorf("%+v is %v", failure, got)
		}
	}
	if got := Explain(&voice.Error{Cause: voice.CauseNoSuchHost}); reason(got) != v1alpha1.ReasonAPIUnavailable || !strings.Contains(got.Error(), "no such host") {
		t.Errorf("no such host is %v", got)
	}
	plain := errors.New("plain")
	if got := Explain(plain); !errors.Is(got, plain) {
		t.Errorf("got %v", got)
	}
}
