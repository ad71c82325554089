package doctor

import (
	"context"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/ask"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	token      = "PT-doctor"
	operator   = testkit.OperatorUser
)

// patient is a cluster with a provider behind it.
type patient struct {
	t       *testing.T
	sim     *voicesim.Simulator
	url     string
	objects []client.Object
	// kinds are served.
	kinds []string
	// denied are rights that nobody has, as "verb resource"; asking for those of the
	// operator is forbidden if blind.
	denied []string
	blind  bool
}

func newPatient(t *testing.T) *patient {
	t.Helper()
	p := &patient{t: t, sim: voicesim.New(voicesim.Config{}), kinds: []string{"VoiceAccount", "ConferenceParticipant", "Conference"}}
	p.sim.AddAccount(accountSID, token)
	server := httptest.NewServer(p.sim.Handler())
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *patient) review(_ context.Context, _ client.WithWatch, object client.Object, _ ...client.CreateOption) error {
	may := func(a *authorizationv1.ResourceAttributes) bool {
		return !slices.Contains(p.denied, strings.Trim(a.Verb+" "+a.Resource+"/"+a.Subresource, "/"))
	}
	switch review := object.(type) {
	case *authorizationv1.SelfSubjectAccessReview:
		review.Status.Allowed = may(review.Spec.ResourceAttributes)
	case *authorizationv1.SubjectAccessReview:
		if p.blind {
			return apierrors.NewForbidden(schema.GroupResource{}, "", nil)
		}
		review.Status.Allowed = may(review.Spec.ResourceAttributes) && len(review.Spec.Groups) == 3
	}
	return nil
}

// list denies what review says is denied.
func (p *patient) list(ctx context.Context, reader client.WithWatch, list client.ObjectList, options ...client.ListOption) error {
	if _, accounts := list.(*v1alpha1.VoiceAccountList); accounts && slices.Contains(p.denied, "list voiceaccounts") {
		return apierrors.NewForbidden(schema.GroupResource{Resource: "voiceaccounts"}, "", nil)
	}
	return reader.List(ctx, list, options...)
}

// examine is what the doctor finds, a line each.
func (p *patient) examine() string {
	p.t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			p.t.Fatal(err)
		}
	}
	mapper := meta.NewDefaultRESTMapper([]schema.GroupVersion{v1alpha1.GroupVersion})
	for _, kind := range p.kinds {
		mapper.Add(v1alpha1.GroupVersion.WithKind(kind), meta.RESTScopeNamespace)
	}
	mapper.Add(schema.GroupVersionKind{Version: "v1", Kind: "Secret"}, meta.RESTScopeNamespace)
	c := fake.NewClientBuilder().WithScheme(scheme).WithRESTMapper(mapper).WithObjects(p.objects...).
		WithInterceptorFuncs(interceptor.Funcs{Create: p.review, List: p.list}).Build()
	allowed, err := provider.ParseAllowList([]string{p.url})
	if err != nil {
		p.t.Fatal(err)
	}
	d := Doctor{Client: c, Namespace: "support", Operator: operator, Asker: &ask.Asker{Reader: c, Allowed: allowed}}
	found, err := d.Examine(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	var lines []string
	for _, f := range found {
		lines = append(lines, string(f.Level)+" "+f.Message)
		if f.Level == Fail && len(f.Type) == 0 && !strings.Contains(f.Message, "says nothing") {
			p.t.Errorf("nothing to type: %s", f.Message)
		}
	}
	text := strings.Join(lines, "\n")
	if Failed(found) != strings.Contains(text, "FAIL") || strings.Contains(text, token) {
		p.t.Errorf("failed %v:\n%s", Failed(found), text)
	}
	return text
}

// account is one about which the operator says something.
func (p *patient) account(status metav1.ConditionStatus, reason string) *v1alpha1.VoiceAccount {
	account := testkit.Account("support", "acme", p.url, accountSID, "acme-voice")
	account.Generation, account.Status.ObservedGeneration = 1, 1
	account.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: status, Reason: reason, Message: "As it is."}}
	return account
}

func wants(t *testing.T, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%q is not in\n%s", part, got)
		}
	}
}

func TestHealthy(t *testing.T) {
	p := newPatient(t)
	p.objects = []client.Object{p.account(metav1.ConditionTrue, v1alpha1.ReasonTokenAccepted), testkit.Secret("support", "acme-voice", token)}
	got := p.examine()
	wants(t, got, "ok the API server serves", "ok you may see rooms", "ok you may ask the provider", "ok the operator, as "+operator,
		"ok VoiceAccount support/acme: the operator says TokenAccepted", "answers from here, and accepts account and token with the scope Voice", "ok none of 0 Conferences")
	if strings.Contains(got, "warn") || strings.Contains(got, "FAIL") {
		t.Errorf("got\n%s", got)
	}
}

func TestKindsAreMissing(t *testing.T) {
	p := newPatient(t)
	p.kinds = []string{"VoiceAccount"}
	wants(t, p.examine(), "FAIL the API server does not serve the kind Conference:")
}

func TestRightsAreMissing(t *testing.T) {
	p := newPatient(t)
	p.denied = []string{"get secrets", "list conferences", "patch conferenceparticipants/status"}
	wants(t, p.examine(), "FAIL you may not see rooms: list conferences is missing", "warn you may not ask the provider", "ok you may carry out verbs",
		"lacks get secrets, patch conferenceparticipants/status; if it is another user", "warn there is no VoiceAccount")
	p.blind = true
	wants(t, p.examine(), "warn it is not known what the operator may do")
	// What can't be looked at leaves out nothing else.
	p.denied = []string{"list voiceaccounts"}
	wants(t, p.examine(), "FAIL you may not see rooms: list voiceaccounts is missing", "warn not examined: list VoiceAccounts: voiceaccounts", "ok none of 0 Conferences")
}

func TestAccounts(t *testing.T) {
	p := newPatient(t)
	p.objects = []client.Object{p.account(metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)}
	wants(t, p.examine(), "FAIL VoiceAccount support/acme: the operator says SecretNotFound: As it is.", "FAIL VoiceAccount support/acme: from here: Secret acme-voice does not exist")

	unseen := p.account(metav1.ConditionTrue, v1alpha1.ReasonTokenAccepted)
	unseen.Generation = 2
	p.objects = []client.Object{unseen, testkit.Secret("support", "acme-voice", token)}
	p.sim.RevokeTokens(accountSID)
	wants(t, p.examine(), "FAIL VoiceAccount support/acme: the operator has not looked at it", "from here: The provider refuses the token, or it lacks the scope Voice")

	elsewhere := p.account(metav1.ConditionTrue, v1alpha1.ReasonTokenAccepted)
	elsewhere.Spec.BaseURL = "https://elsewhere.example.com"
	p.objects = []client.Object{elsewhere}
	wants(t, p.examine(), "warn VoiceAccount support/acme: from here: https://elsewhere.example.com may not be reached")

	suspended := p.account(metav1.ConditionTrue, v1alpha1.ReasonSuspended)
	suspended.Spec.Suspend, suspended.Status.Conditions[0].Type = true, v1alpha1.ConditionSuspended
	p.objects = []client.Object{suspended}
	if got := p.examine(); !strings.Contains(got, "warn VoiceAccount support/acme: spec.suspend is true") || strings.Contains(got, "from here") {
		t.Errorf("suspended:\n%s", got)
	}
	suspended.Status.Conditions = nil
	p.objects = []client.Object{suspended}
	wants(t, p.examine(), "FAIL VoiceAccount support/acme: the operator says nothing of it")
}

func TestStuckObjects(t *testing.T) {
	p := newPatient(t)
	stalled := func(name, reason string) *v1alpha1.ConferenceParticipant {
		object := testkit.Participant("support", name, "acme", "room", "call")
		object.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, Reason: reason}}
		return object
	}
	p.objects = []client.Object{stalled("a", v1alpha1.ReasonContested), stalled("b", v1alpha1.ReasonContested), stalled("c", v1alpha1.ReasonParticipantLeft)}
	got := p.examine()
	wants(t, got, "warn ConferenceParticipant Contested: 2 stuck")
	if strings.Contains(got, "ParticipantLeft") {
		t.Errorf("a call that is over is stuck:\n%s", got)
	}
}
