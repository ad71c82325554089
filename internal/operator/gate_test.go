package operator

import (
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conference"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// TestR29ConferencesThatAreNotServedAreNotAskedFor reads past a client that would block.
func TestR29ConferencesThatAreNotServedAreNotAskedFor(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	account := testkit.Account("demo", "acme", "https://acme.signalwire.com", "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11", "token")
	room := &v1alpha1.Conference{}
	room.Namespace, room.Name, room.UID = "demo", "all-hands", "uid"
	child := testkit.Participant("demo", "agent", "acme", "conference", "call")
	child.OwnerReferences = []metav1.OwnerReference{{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: conference.Kind, Name: room.Name, UID: room.UID, Controller: new(true),
	}}
	gated := gatedClient{fake.NewClientBuilder().WithScheme(scheme).WithObjects(account, child).Build(), &gate{}}
	policies := conference.Governance{Reader: gated}

	for _, err := range []error{
		gated.Get(t.Context(), client.ObjectKeyFromObject(room), room), gated.List(t.Context(), &v1alpha1.ConferenceList{}),
	} {
		if !meta.IsNoMatchError(err) {
			t.Errorf("%v", err)
		}
	}
	if err := gated.Get(t.Context(), client.ObjectKeyFromObject(account), account); err != nil {
		t.Error(err)
	}
	if standing, err := policies.Standing(t.Context(), child); standing != policy.StandingUnknown || err != nil {
		t.Errorf("closed: %v, %v", standing, err)
	}
	gated.gate.open(gated.Client)
	if standing, err := policies.Standing(t.Context(), child); standing != policy.StandingEnded || err != nil {
		t.Errorf("open: %v, %v", standing, err)
	}
}
