package v1alpha1_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

const (
	conferenceSID = "0d6a0a7e-3b0a-4a41-8f0f-5c7d2a9b7e21"
	callSID       = "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"
	otherSID      = "2c7e4b18-5a0f-4d39-8d66-7b1e0c9f3a52"
	accountSID    = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	music         = "https://music.example.com/hold.xml"
	space         = "https://acme.signalwire.com"
)

// apiServer is a real one, with the CRDs of this repository.
type apiServer struct {
	*testkit.ControlPlane
	// client refuses unknown fields, as kubectl does.
	client    client.Client
	namespace string
	// refusals are all that were seen.
	refusals []metav1.StatusCause
}

// TestAPIServer shares one API server among all tests that need one.
func TestAPIServer(t *testing.T) {
	plane, err := testkit.StartControlPlane()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	scheme := runtime.NewScheme()
	made, clientErr := client.New(plane.Config, client.Options{Scheme: scheme})
	namespace, namespaceErr := plane.NewNamespace(t.Context())
	if err := errors.Join(clientErr, namespaceErr, corev1.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	server := &apiServer{
		ControlPlane: plane, client: client.WithFieldValidation(made, metav1.FieldValidationStrict), namespace: namespace,
	}
	for name, test := range map[string]func(*testing.T){
		"participant rules":    server.participantRules,
		"participant edits":    server.participantEdits,
		"participant URLs":     server.participantURLs,
		"participant names":    server.participantNames,
		"conference rules":     server.conferenceRules,
		"conference roles":     server.roleRules,
		"conference terms":     server.termRules,
		"conference URLs":      server.conferenceURLs,
		"conference names":     server.conferenceNames,
		"conference edits":     server.conferenceEdits,
		"conference status":    server.conferenceStatus,
		"designed conferences": server.designedConferences,
		"account rules":        server.accountRules,
		"account base URLs":    server.accountBaseURLs,
		"account edits":        server.accountEdits,
		"status as returned":   server.statusAsReturned,
		"unset stays unset":    server.unsetStaysUnset,
		"apply configuration":  server.appliedConfiguration,
		"account defaults":     server.accountDefaults,
		"conference defaults":  server.conferenceDefaults,
		"status defaults":      server.statusDefaults,
		"participant table":    server.participantTable,
		"account table":        server.accountTable,
		"conference table":     server.conferenceTable,
		"selectable fields":    server.selectableFields,
		"names and categories": server.namesAndCategories,
		"samples":              server.samples,
		"documents":            server.documents,
	} {
		t.Run(name, test)
	}
	t.Run("every rule has refused", server.everyRuleHasRefused)
}

// fields are changes to a spec; nil removes a field.
type fields = map[string]any

// verdict is what the API server says to a manifest: refused for a field, with
// words that tell what to write instead; accepted if empty.
type verdict struct{ field, says string }

func (s *apiServer) participant(changes fields) *unstructured.Unstructured {
	return s.object("ConferenceParticipant", fields{
		"accountRef": fields{"name": "acme"}, "conferenceSID": conferenceSID, "callSID": callSID,
	}, changes)
}

func (s *apiServer) account(changes fields) *unstructured.Unstructured {
	return s.object("VoiceAccount", fields{
		"baseURL": space, "accountSID": accountSID, "tokenSecretRef": fields{"name": "acme-voice"},
	}, changes)
}

func (s *apiServer) object(kind string, spec, changes fields) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: fields{"spec": spec}}
	object.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	object.SetNamespace(s.namespace)
	object.SetGenerateName("test-")
	change(object, changes)
	return object
}

func change(object *unstructured.Unstructured, changes fields) {
	spec := object.Object["spec"].(fields)
	maps.Copy(spec, changes)
	maps.DeleteFunc(spec, func(_ string, value any) bool { return value == nil })
}

// create stores an object and returns it as it was stored.
func (s *apiServer) create(t *testing.T, object client.Object) {
	t.Helper()
	if err := s.client.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

// wantCreate checks what the API server says to an object, and stores nothing.
func (s *apiServer) wantCreate(t *testing.T, object client.Object, want ...verdict) {
	t.Helper()
	s.wantVerdict(t, s.client.Create(t.Context(), object, client.DryRunAll), want...)
}

// wantEdit checks what the API server says to a change of a stored object.
func (s *apiServer) wantEdit(t *testing.T, object *unstructured.Unstructured, changes fields, want ...verdict) {
	t.Helper()
	s.create(t, object)
	change(object, changes)
	s.wantVerdict(t, s.client.Update(t.Context(), object, client.DryRunAll), want...)
}

// wantVerdict checks that each of the verdicts is there, and none about another field.
func (s *apiServer) wantVerdict(t *testing.T, err error, want ...verdict) {
	t.Helper()
	want = slices.DeleteFunc(slices.Clone(want), func(one verdict) bool { return one == verdict{} })
	if len(want) == 0 {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	status := apierrors.APIStatus(nil)
	if !errors.As(err, &status) || !apierrors.IsInvalid(err) {
		t.Errorf("%v, want refused: %v", err, want)
		return
	}
	causes := status.Status().Details.Causes
	s.refusals = append(s.refusals, causes...)
	for _, cause := range causes {
		// Rules that could not be checked are reported without a field.
		if cause.Field != "<nil>" && !slices.ContainsFunc(want, func(one verdict) bool { return cause.Field == one.field }) {
			t.Errorf("%s is refused too: %s", cause.Field, cause.Message)
		}
	}
	for _, one := range want {
		if !slices.ContainsFunc(causes, func(cause metav1.StatusCause) bool {
			return cause.Field == one.field && strings.Contains(cause.Message, one.says)
		}) {
			t.Errorf("%v, want %s refused: %s", err, one.field, one.says)
		}
	}
}
