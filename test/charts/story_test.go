package charts

import (
	"errors"
	"net/http"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const (
	accountSID = "6f1c1f0e-6c0a-4d6e-9a55-2f6f3a0f1c11"
	token      = "PT-charts"
	users      = "users"
)

// story is a release with a call on hold that its object would undo.
type story struct {
	*cluster

	manager    string
	simulator  *voicesim.Simulator
	address    string
	conference string
	call       string
}

// declare makes an account, and a participant on hold with a deletion policy.
func (s *story) declare() {
	s.t.Helper()
	s.served()
	account := testkit.Account(users, "acme", s.address, accountSID, "acme-voice")
	account.Spec.ResyncIntervalSeconds = new(int32(1))
	object := testkit.Participant(users, "caller", "acme", s.conference, s.call)
	object.Spec.Hold, object.Spec.DeletionPolicy = new(true), v1alpha1.DeletionReset
	for _, object := range []client.Object{testkit.Secret(users, "acme-voice", token), account, object} {
		if err := client.IgnoreAlreadyExists(s.admin.Create(s.t.Context(), object)); err != nil {
			s.t.Fatal(err)
		}
	}
}

// identities are the UIDs of what an upgrade must not replace.
func (s *story) identities() map[string]types.UID {
	s.t.Helper()
	found := map[string]types.UID{}
	objects := []client.Object{
		&v1alpha1.VoiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: users, Name: "acme"}},
		&v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Namespace: users, Name: "caller"}},
		&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: release}},
	}
	for _, definition := range s.definitions() {
		objects = append(objects, &definition)
	}
	if len(objects) != 6 {
		s.t.Fatalf("%d objects", len(objects))
	}
	for _, object := range objects {
		if !s.get(object) {
			s.t.Fatalf("%T %s is gone", object, object.GetName())
		}
		found[object.GetName()] = object.GetUID()
	}
	return found
}

// operate runs a manager, and waits until the caller is on hold and this can be undone.
func (s *story) operate() *pod {
	s.t.Helper()
	p := s.start(s.manager)
	s.answers(p, "http://"+p.probes+"/healthz", "", http.StatusOK)
	s.answers(p, "http://"+p.probes+"/readyz", "", http.StatusOK)
	object := &v1alpha1.ConferenceParticipant{ObjectMeta: metav1.ObjectMeta{Namespace: users, Name: "caller"}}
	err := testkit.Eventually(s.t.Context(), func() error {
		if !s.get(object) || !meta.IsStatusConditionTrue(object.Status.Conditions, v1alpha1.ConditionReady) || !s.onHold() {
			return errors.New("the caller is not on hold")
		}
		return nil
	})
	if err != nil {
		s.t.Fatalf("%v\n%s", err, p.Tail())
	}
	return p
}

func (s *story) onHold() bool {
	found, _ := s.simulator.Participant(s.conference, s.call)
	return found.Hold
}

// metricsAreGuarded reads the metrics without a token, with one that may not, and with one
// of a service account with the role that may.
func (s *story) metricsAreGuarded(p *pod, role string) {
	s.t.Helper()
	address := "https://" + p.metrics + "/metrics"
	s.answers(p, address, "", http.StatusUnauthorized)
	s.answers(p, address, s.token(release), http.StatusForbidden)
	if body := s.answers(p, address, s.scraper(role), http.StatusOK); !strings.Contains(body, "conference_operator_") {
		s.t.Errorf("these are not the metrics: %.200s", body)
	}
}
