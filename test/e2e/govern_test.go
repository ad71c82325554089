package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

const allHands = "all-hands"

// host makes a call join whose end ends the conference.
func (r *room) host() string {
	return sim.Join(r.conference, voicesim.JoinOptions{EndConferenceOnExit: true})
}

// policy is a Conference that mutes all but the host of this room.
func (r *room) policy(change ...func(*v1alpha1.Conference)) *v1alpha1.Conference {
	c := &v1alpha1.Conference{}
	c.Namespace, c.Name = r.namespace, allHands
	c.Spec.AccountRef.Name, c.Spec.FriendlyName = "acme", v1alpha1.RoomName(r.namespace)
	c.Spec.Roles = []v1alpha1.Role{
		{Name: "host", Match: []v1alpha1.RoleTerm{{EndConferenceOnExit: new(true)}}, AudioControls: v1alpha1.AudioControls{Muted: new(false)}},
		{Name: "audience", AudioControls: v1alpha1.AudioControls{Muted: new(true)}},
	}
	return testkit.With(c, change...)
}

// govern declares the policy.
func (r *room) govern(ctx context.Context, change ...func(*v1alpha1.Conference)) {
	GinkgoHelper()
	Expect(admin.Create(ctx, r.policy(change...))).To(Succeed())
}

func (r *room) governor(ctx context.Context) *v1alpha1.Conference {
	GinkgoHelper()
	c := &v1alpha1.Conference{}
	Expect(admin.Get(ctx, client.ObjectKey{Namespace: r.namespace, Name: allHands}, c)).To(Succeed())
	return c
}

// governed waits until the Conference has a reason for its current generation, and as many
// children.
func (r *room) governed(ctx context.Context, reason string, managed int) *v1alpha1.Conference {
	GinkgoHelper()
	var found *v1alpha1.Conference
	Eventually(func(g Gomega) {
		found = r.governor(ctx)
		g.Expect(reasonOf(found.Status.Conditions)).To(Equal(reason))
		g.Expect(found.Status.ObservedGeneration).To(Equal(found.Generation))
		g.Expect(found.Status.Counts).NotTo(BeNil())
		g.Expect(found.Status.Counts.Managed).To(BeEquivalentTo(managed))
		g.Expect(testkit.CheckStatus(found, canary)).To(Succeed())
	}).WithTimeout(30 * time.Second).WithPolling(20 * time.Millisecond).Should(Succeed())
	return found
}

// settled waits until nothing is left to write of the Conference and its children: it
// counts what there is, and each child is in sync by a look that was sent after it was
// made. A child says that by its digest, in a write after the one that says InSync if the
// look before showed it to be as declared already.
func (r *room) settled(ctx context.Context, counts v1alpha1.RoomCounts) {
	GinkgoHelper()
	r.governed(ctx, v1alpha1.ReasonInSync, int(counts.Managed))
	Eventually(func(g Gomega) {
		g.Expect(r.governor(ctx).Status.Counts).To(HaveValue(Equal(counts)))
		children := r.children(ctx)
		g.Expect(children).To(HaveLen(int(counts.Managed)))
		for _, child := range children {
			g.Expect(reasonOf(child.Status.Conditions)).To(Equal(v1alpha1.ReasonInSync))
			g.Expect(child.Status.ObservedGeneration).To(Equal(child.Generation))
			g.Expect(child.Status.LastSyncedDigest).NotTo(BeEmpty())
		}
	}).WithTimeout(30 * time.Second).WithPolling(20 * time.Millisecond).Should(Succeed())
}

// children are those of the Conference, by call SID.
func (r *room) children(ctx context.Context) map[string]v1alpha1.ConferenceParticipant {
	GinkgoHelper()
	list, found := &v1alpha1.ConferenceParticipantList{}, map[string]v1alpha1.ConferenceParticipant{}
	Expect(admin.List(ctx, list, client.InNamespace(r.namespace), client.MatchingLabels{v1alpha1.ConferenceLabel: allHands})).To(Succeed())
	for _, child := range list.Items {
		found[string(child.Spec.CallSID)] = child
	}
	return found
}

// uids are those of the children, by call SID.
func (r *room) uids(ctx context.Context) map[string]types.UID {
	GinkgoHelper()
	found := map[string]types.UID{}
	for call, child := range r.children(ctx) {
		found[call] = child.UID
	}
	return found
}

// ends waits until the Conference and its children are gone.
func (r *room) ends(ctx context.Context) {
	GinkgoHelper()
	Eventually(func(g Gomega) {
		err := admin.Get(ctx, client.ObjectKey{Namespace: r.namespace, Name: allHands}, &v1alpha1.Conference{})
		g.Expect(apierrors.IsNotFound(err)).To(BeTrue(), "the Conference is there")
		g.Expect(r.children(ctx)).To(BeEmpty())
	}).WithTimeout(30 * time.Second).Should(Succeed())
}

// muted says of each call whether it is muted at the provider.
func (r *room) muted(calls ...string) (states []bool) {
	GinkgoHelper()
	for _, call := range calls {
		state, there := sim.Participant(r.conference, call)
		Expect(there).To(BeTrue())
		states = append(states, state.Muted)
	}
	return states
}

// lists waits until the room was listed some more times.
func (r *room) lists(more int) {
	GinkgoHelper()
	count := func() int { return len(r.requests(voicesim.OpListParticipants)) }
	seen := count()
	Eventually(count).WithTimeout(time.Duration(10*more) * time.Second).Should(BeNumerically(">=", seen+more))
}

// applied are the status codes of the answers to the children that the operator has
// applied in this room, and to nothing else.
func (r *room) applied() (codes []int) {
	GinkgoHelper()
	events, err := plane.Audit()
	Expect(err).NotTo(HaveOccurred())
	for _, event := range events {
		if event.User == testkit.OperatorUser && event.Namespace == r.namespace && event.Verb == "patch" &&
			event.Resource == "conferenceparticipants" && event.Subresource == "" {
			codes = append(codes, event.Code)
		}
	}
	return codes
}

// kubectl runs a command in the namespace of the room, as an administrator.
func (r *room) kubectl(ctx context.Context, arguments ...string) {
	GinkgoHelper()
	path, err := testkit.Kubectl()
	Expect(err).NotTo(HaveOccurred())
	content, err := testkit.Kubeconfig(plane.Config, r.namespace)
	Expect(err).NotTo(HaveOccurred())
	kubeconfig := filepath.Join(GinkgoT().TempDir(), "kubeconfig")
	Expect(os.WriteFile(kubeconfig, content, 0o600)).To(Succeed())
	command := exec.CommandContext(ctx, path, append([]string{"--kubeconfig", kubeconfig}, arguments...)...)
	command.Env = append(os.Environ(), "KUBECTL_APPLYSET=true", "HOME="+filepath.Dir(kubeconfig))
	output, err := command.CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "kubectl %s: %s", arguments, output)
}
