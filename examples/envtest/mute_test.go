package mute_test

import (
	"context"
	"errors"
	"log"
	"os"
	"testing"
	"time"

	"github.com/go-logr/logr"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	mute "github.com/voiceops/conference-operator/examples/envtest"
	"github.com/voiceops/conference-operator/pkg/conferencetest"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

var (
	provider *conferencetest.Provider
	room     *mute.Room
)

// TestMain starts an API server, the operator and a provider once for all tests.
func TestMain(m *testing.M) {
	ctrl.SetLogger(logr.Discard())
	code, err := run(m)
	if err != nil {
		log.Fatal(err)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	// The binaries are in the directory that KUBEBUILDER_ASSETS names.
	environment := &envtest.Environment{CRDs: conferencetest.CRDs()}
	config, err := environment.Start()
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, environment.Stop()) }()
	provider = conferencetest.StartProvider(voicesim.Settings{})
	defer provider.Stop()
	operator, err := conferencetest.StartOperator(config, provider.URL)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, operator.Stop()) }()

	if err := v1alpha1.AddToScheme(scheme.Scheme); err != nil {
		return 0, err
	}
	admin, err := client.New(config, client.Options{Scheme: scheme.Scheme})
	if err != nil {
		return 0, err
	}
	for _, object := range provider.Account("default", "acme") {
		if err := admin.Create(context.Background(), object); err != nil {
			return 0, err
		}
	}
	room = &mute.Room{Client: admin, Namespace: "default", Account: "acme"}
	return m.Run(), nil
}

// calls has a phone call the conference of a test.
func calls(t *testing.T) mute.Caller {
	t.Helper()
	conference, call := provider.JoinRoom(provider.AccountSID, t.Name(), voicesim.JoinOptions{})
	return mute.Caller{ConferenceSID: conference, CallSID: call}
}

// muted says whether the provider has a caller muted.
func muted(caller mute.Caller) func() bool {
	return func() bool {
		participant, _ := provider.Participant(caller.ConferenceSID, caller.CallSID)
		return participant.Muted
	}
}

// reason returns why an object is Ready or not.
func reason(g *WithT, participant *v1alpha1.ConferenceParticipant) func() string {
	return func() string {
		g.Expect(room.Get(context.Background(), client.ObjectKeyFromObject(participant), participant)).To(Succeed())
		ready := meta.FindStatusCondition(participant.Status.Conditions, v1alpha1.ConditionReady)
		if ready == nil {
			return ""
		}
		return ready.Reason
	}
}

func TestMuteAndUnmute(t *testing.T) {
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(30 * time.Second)
	first, second := calls(t), calls(t)

	participant, err := room.Mute(t.Context(), first)
	g.Expect(err).NotTo(HaveOccurred())
	g.Eventually(muted(first)).Should(BeTrue())
	g.Eventually(reason(g, participant)).Should(Equal(v1alpha1.ReasonInSync))
	g.Expect(muted(second)()).To(BeFalse())

	// A person unmutes: the operator does not let them.
	provider.Drift(first.ConferenceSID, first.CallSID, func(p *voicesim.Participant) { p.Muted = false })
	g.Eventually(muted(first)).Should(BeTrue())

	g.Expect(room.Unmute(t.Context(), first)).To(Succeed())
	g.Eventually(muted(first)).Should(BeFalse())
}

// A failure of the provider is the operator's business: the mute comes a little later.
func TestMuteWhileTheProviderFails(t *testing.T) {
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(30 * time.Second)
	caller := calls(t)
	calls(t)
	provider.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, CallSID: caller.CallSID, Status: 503, Times: 1})

	_, err := room.Mute(t.Context(), caller)
	g.Expect(err).NotTo(HaveOccurred())
	g.Eventually(muted(caller)).Should(BeTrue())
}

// When the caller hangs up, the object says so.
func TestMuteUntilTheCallEnds(t *testing.T) {
	g := NewWithT(t)
	g.SetDefaultEventuallyTimeout(30 * time.Second)
	caller := calls(t)
	calls(t)
	participant, err := room.Mute(t.Context(), caller)
	g.Expect(err).NotTo(HaveOccurred())
	g.Eventually(reason(g, participant)).Should(Equal(v1alpha1.ReasonInSync))

	provider.HangUp(caller.CallSID)
	g.Eventually(reason(g, participant)).Should(Equal(v1alpha1.ReasonParticipantLeft))
}
