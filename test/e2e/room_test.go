package e2e

import (
	"context"
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// room is a namespace with an account, and a conference that goes on.
type room struct {
	namespace  string
	conference string
}

// newRoom returns a room whose account is ready. It is emptied after the spec,
// so that specs which count passes see their own alone.
func newRoom(ctx context.Context, change ...func(*v1alpha1.VoiceAccount)) *room {
	GinkgoHelper()
	namespace, err := plane.NewNamespace(ctx)
	Expect(err).NotTo(HaveOccurred())
	r := &room{namespace: namespace, conference: sim.OpenConference(accountSID, namespace)}
	DeferCleanup(func(ctx context.Context) {
		Expect(admin.DeleteAllOf(ctx, &v1alpha1.Conference{}, client.InNamespace(namespace))).To(Succeed())
		Expect(admin.DeleteAllOf(ctx, &v1alpha1.ConferenceParticipant{}, client.InNamespace(namespace))).To(Succeed())
		Expect(admin.DeleteAllOf(ctx, &v1alpha1.VoiceAccount{}, client.InNamespace(namespace))).To(Succeed())
		sim.ClearFaults()
	})
	Expect(admin.Create(ctx, testkit.Secret(namespace, "token", canary))).To(Succeed())
	account := testkit.With(testkit.Account(namespace, "acme", provider.URL, accountSID, "token"), change...)
	Expect(admin.Create(ctx, account)).To(Succeed())
	Eventually(func(g Gomega) {
		g.Expect(admin.Get(ctx, client.ObjectKeyFromObject(account), account)).To(Succeed())
		g.Expect(reasonOf(account.Status.Conditions)).To(Equal(v1alpha1.ReasonTokenAccepted))
		g.Expect(testkit.CheckStatus(account, canary)).To(Succeed())
	}).WithTimeout(10 * time.Second).Should(Succeed())
	return r
}

func (r *room) join() string { return sim.Join(r.conference, voicesim.JoinOptions{}) }

// declare creates a participant.
func (r *room) declare(ctx context.Context, name, callSID string, change func(*v1alpha1.ConferenceParticipantSpec)) {
	GinkgoHelper()
	p := testkit.Participant(r.namespace, name, "acme", r.conference, callSID)
	change(&p.Spec)
	Expect(admin.Create(ctx, p)).To(Succeed())
}

func (r *room) get(ctx context.Context, name string) *v1alpha1.ConferenceParticipant {
	GinkgoHelper()
	p := &v1alpha1.ConferenceParticipant{}
	Expect(admin.Get(ctx, client.ObjectKey{Namespace: r.namespace, Name: name}, p)).To(Succeed())
	return p
}

// edit changes the spec as kubectl edit would.
func (r *room) edit(ctx context.Context, name string, change func(*v1alpha1.ConferenceParticipantSpec)) {
	GinkgoHelper()
	before := r.get(ctx, name)
	after := before.DeepCopy()
	change(&after.Spec)
	Expect(admin.Patch(ctx, after, client.MergeFrom(before))).To(Succeed())
}

// becomes waits until a participant has a reason for its current generation.
func (r *room) becomes(ctx context.Context, name, reason string) *v1alpha1.ConferenceParticipant {
	GinkgoHelper()
	var found *v1alpha1.ConferenceParticipant
	Eventually(func(g Gomega) {
		found = r.get(ctx, name)
		g.Expect(reasonOf(found.Status.Conditions)).To(Equal(reason))
		g.Expect(found.Status.ObservedGeneration).To(Equal(found.Generation))
		g.Expect(testkit.CheckStatus(found, canary)).To(Succeed())
	}).WithTimeout(20 * time.Second).WithPolling(10 * time.Millisecond).Should(Succeed())
	return found
}

// requests are those to this room's conference, of one operation.
func (r *room) requests(operation string) []voicesim.Request {
	return slices.DeleteFunc(sim.Journal(), func(request voicesim.Request) bool {
		return request.ConferenceSID != r.conference || request.Operation != operation
	})
}

// updates are the forms of the updates in this room.
func (r *room) updates() []string {
	var forms []string
	for _, request := range r.requests(voicesim.OpUpdateParticipant) {
		forms = append(forms, request.Form.Encode())
	}
	return forms
}

func reasonOf(conditions []metav1.Condition) string {
	ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return ""
	}
	return ready.Reason
}

func muted(value bool) func(*v1alpha1.ConferenceParticipantSpec) {
	return func(s *v1alpha1.ConferenceParticipantSpec) { s.Muted = &value }
}

func name(i int) string { return fmt.Sprintf("agent-%d", i) }

// goes waits until an object is deleted.
func (r *room) goes(ctx context.Context, name string) {
	GinkgoHelper()
	Eventually(func() bool {
		return apierrors.IsNotFound(admin.Get(ctx, client.ObjectKey{Namespace: r.namespace, Name: name}, &v1alpha1.ConferenceParticipant{}))
	}).WithTimeout(30 * time.Second).Should(BeTrue())
}
