package testkit

import (
	"errors"
	"os"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func TestControlPlane(t *testing.T) {
	plane, err := StartControlPlane()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
		if err := plane.Stop(); err != nil {
			t.Errorf("stopped again: %v", err)
		}
		if _, err := os.Stat(plane.scratch); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the audit log is left behind: %v", err)
		}
	})
	ctx := t.Context()
	namespace, other := newNamespace(t, plane), newNamespace(t, plane)
	if namespace == other {
		t.Errorf("both namespaces are called %s", namespace)
	}
	admin := newClient(t, plane.Config)
	for _, object := range []client.Object{
		Secret(namespace, "acme-voice", "PT-canary"),
		Account(namespace, "acme", "https://acme.signalwire.com", "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11", "acme-voice"),
		With(
			Participant(namespace, "agent", "acme", "0d6a0a7e-3b0a-4a41-8f0f-5c7d2a9b7e21", "9b1f6a52-7d1e-4c7e-b1c9-3f1f5b8a2c31"),
			func(p *v1alpha1.ConferenceParticipant) { p.Spec.Muted = new(true) },
		),
	} {
		if err := admin.Create(ctx, object); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("operator", func(t *testing.T) { asOperator(t, plane, namespace) })
}

// asOperator does one thing that the operator's role allows and one that it
// must not, and finds both in the audit log.
func asOperator(t *testing.T, plane *ControlPlane, namespace string) {
	ctx := t.Context()
	for range 2 {
		config, err := plane.OperatorConfig(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		operator := newClient(t, config)
		found := &v1alpha1.ConferenceParticipant{}
		if err := operator.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "agent"}, found); err != nil || !*found.Spec.Muted {
			t.Fatalf("found %+v, %v", found.Spec, err)
		}
		patch := client.MergeFrom(found.DeepCopy())
		found.Status.ObservedGeneration = found.Generation
		if err := operator.Status().Patch(ctx, found, patch); err != nil {
			t.Fatal(err)
		}
		if err := operator.List(ctx, &corev1.SecretList{}, client.InNamespace(namespace)); !apierrors.IsForbidden(err) {
			t.Errorf("listing Secrets: %v, want it forbidden", err)
		}
	}
	events, err := plane.Audit()
	if err != nil {
		t.Fatal(err)
	}
	want := AuditEvent{
		User: OperatorUser, Verb: "patch", Group: v1alpha1.GroupVersion.Group, Resource: "conferenceparticipants",
		Subresource: "status", Namespace: namespace, Name: "agent", Code: 200,
		URI: "/apis/conference.voiceops.dev/v1alpha1/namespaces/" + namespace + "/conferenceparticipants/agent/status",
	}
	if !slices.Contains(events, want) {
		t.Errorf("no %+v in the audit log", want)
	}
	refused := slices.DeleteFunc(events, func(e AuditEvent) bool { return !e.Forbidden() })
	if len(refused) != 2 || refused[0].User != OperatorUser || refused[0].Resource != "secrets" || refused[0].Verb != "list" {
		t.Errorf("forbidden: %+v, want the two lists of Secrets", refused)
	}
}

func newNamespace(t *testing.T, plane *ControlPlane) string {
	t.Helper()
	name, err := plane.NewNamespace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func newClient(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		t.Fatal(err)
	}
	made, err := client.New(config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestNoBinaries(t *testing.T) {
	t.Setenv("KUBEBUILDER_ASSETS", t.TempDir())
	if _, err := StartControlPlane(); !errors.Is(err, ErrNoControlPlane) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want ErrNoControlPlane", err)
	}
}

func TestNoRepository(t *testing.T) {
	t.Chdir(t.TempDir())
	if _, err := StartControlPlane(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v, want that there is no repository", err)
	}
}
