package gitops

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// store is a real API server.
type store struct {
	client client.Client
	plane  *testkit.ControlPlane
}

// newStore starts an API server for a test.
func newStore(t *testing.T) *store {
	t.Helper()
	plane, err := testkit.StartControlPlane()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := plane.Stop(); err != nil {
			t.Error(err)
		}
	})
	c, err := client.New(plane.Config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &store{client: c, plane: plane}
}

// store stores an object with its status, and returns it as it is read. The generation of
// the object is 1, and its status is as if it had been so all the time.
func (s *store) store(t *testing.T, object client.Object) *unstructured.Unstructured {
	t.Helper()
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	wanted := &unstructured.Unstructured{Object: content}
	wanted.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kindOf(object)))
	namespace, err := s.plane.NewNamespace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	age(t, wanted, object.GetGeneration()-1)
	status := wanted.Object["status"]
	wanted.SetNamespace(namespace)
	wanted.SetResourceVersion("")
	if err := s.client.Create(t.Context(), wanted); err != nil {
		t.Fatal(err)
	}
	if status != nil {
		wanted.Object["status"] = status
		if err := s.client.Status().Update(t.Context(), wanted); err != nil {
			t.Fatal(err)
		}
	}
	read := &unstructured.Unstructured{}
	read.SetGroupVersionKind(wanted.GroupVersionKind())
	if err := s.client.Get(t.Context(), client.ObjectKeyFromObject(wanted), read); err != nil {
		t.Fatal(err)
	}
	return read
}

// kindOf is the kind of an object.
func kindOf(object client.Object) string {
	switch object.(type) {
	case *v1alpha1.Conference:
		return "Conference"
	case *v1alpha1.ConferenceParticipant:
		return "ConferenceParticipant"
	case *v1alpha1.VoiceAccount:
		return "VoiceAccount"
	default:
		return object.GetObjectKind().GroupVersionKind().Kind
	}
}

// age takes so many generations off a status.
func age(t *testing.T, object *unstructured.Unstructured, generations int64) {
	t.Helper()
	status, found, err := unstructured.NestedMap(object.Object, "status")
	if err != nil {
		t.Fatal(err)
	}
	if !found {
		return
	}
	younger := func(of map[string]any) {
		if observed, ok := of["observedGeneration"].(int64); ok {
			of["observedGeneration"] = observed - generations
		}
	}
	younger(status)
	conditions, _ := status["conditions"].([]any)
	for _, condition := range conditions {
		younger(condition.(map[string]any))
	}
	object.Object["status"] = status
}
