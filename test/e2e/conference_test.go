package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// pruned are labels and annotations by which tools find what they delete.
var pruned = struct{ labels, annotations map[string]string }{
	labels: map[string]string{
		"app.kubernetes.io/instance": "hotline", "argocd.argoproj.io/instance": "hotline",
		"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
		"helm.toolkit.fluxcd.io/name": "hotline", "applyset.kubernetes.io/part-of": "applyset-hotline-v1", "team": "support",
	},
	annotations: map[string]string{"argocd.argoproj.io/tracking-id": "hotline:conference.voiceops.dev/Conference:demo/all-hands"},
}

var _ = Describe("A Conference", func() {
	It("is Ready before anybody calls, and then follows those that join and leave", func(ctx context.Context) {
		r := newRoom(ctx)
		r.govern(ctx)
		r.kubectl(ctx, "wait", "--for=condition=Ready", "--timeout=30s", "conf/"+allHands)
		host, guest := r.host(), r.join()
		found := r.governed(ctx, v1alpha1.ReasonInSync, 2)
		Expect(r.muted(host, guest)).To(Equal([]bool{false, true}))
		Expect(r.updates()).To(Equal([]string{"Muted=true"}))
		Expect(found.Status.RoomState).To(Equal(v1alpha1.RoomLive))
		Expect(found.Status.Rooms).To(HaveLen(1))
		children := r.children(ctx)
		Expect(children).To(HaveLen(2))
		Expect(children[host].Labels).To(HaveKeyWithValue(v1alpha1.RoleLabel, "host"))
		for _, child := range children {
			Expect(testkit.CheckStatus(&child, canary)).To(Succeed())
			Expect(metav1.IsControlledBy(&child, found)).To(BeTrue())
		}
		r.kubectl(ctx, "wait", "--for=condition=Ready", "--timeout=30s", "cpart/"+children[guest].Name)
		sim.HangUp(host)
		Eventually(func() v1alpha1.RoomState { return r.governor(ctx).Status.RoomState }).WithTimeout(30 * time.Second).Should(Equal(v1alpha1.RoomNone))
		r.governed(ctx, v1alpha1.ReasonNoRoom, 0)
	})

	It("R29: costs nothing at rest, and nothing at a restart", func(ctx context.Context) {
		r := newRoom(ctx)
		r.govern(ctx)
		r.host()
		r.join()
		r.settled(ctx, v1alpha1.RoomCounts{Rooms: 1, Participants: 2, Managed: 2, Muted: 1})
		versions := func() (found []string) {
			found = append(found, r.governor(ctx).ResourceVersion)
			for call, child := range r.children(ctx) {
				found = append(found, call+" "+child.ResourceVersion)
			}
			return found
		}
		settled, applied := versions(), len(r.applied())
		r.lists(2)
		Expect(versions()).To(ConsistOf(settled))
		process.stop()
		process = start(prometheus.NewRegistry())
		r.lists(2)
		Expect(versions()).To(ConsistOf(settled))
		Expect(r.applied()).To(HaveLen(applied))
		Expect(r.updates()).To(Equal([]string{"Muted=true"}))
	})

	It("has children that no tool prunes", func(ctx context.Context) {
		r := newRoom(ctx)
		directory := GinkgoT().TempDir()
		file := filepath.Join(directory, "conference.yaml")
		write := func(objects ...client.Object) {
			var text []byte
			for _, object := range objects {
				content, err := yaml.Marshal(object)
				Expect(err).NotTo(HaveOccurred())
				text = append(append(text, content...), "\n---\n"...)
			}
			Expect(os.WriteFile(file, text, 0o600)).To(Succeed())
		}
		other := &corev1.ConfigMap{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "ConfigMap"}, ObjectMeta: metav1.ObjectMeta{Name: "other"}}
		other.Labels = map[string]string{"team": "support"}
		policy := r.policy(func(c *v1alpha1.Conference) {
			c.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind("Conference"))
			c.Labels, c.Annotations = map[string]string{"team": "support"}, pruned.annotations
		})
		write(policy, other)
		apply := func() {
			r.kubectl(ctx, "apply", "-f", file, "--prune", "-l", "team=support",
				"--prune-allowlist=conference.voiceops.dev/v1alpha1/ConferenceParticipant")
			r.kubectl(ctx, "apply", "-f", file, "--prune", "-n", r.namespace, "--applyset=configmaps/set")
		}
		r.host()
		r.join()
		apply()
		r.governed(ctx, v1alpha1.ReasonInSync, 2)
		made := r.uids(ctx)
		apply()
		r.lists(1)
		Expect(r.uids(ctx)).To(Equal(made))
		By("pruning the Conference itself")
		write(other)
		r.kubectl(ctx, "apply", "-f", file, "--prune", "-n", r.namespace, "--applyset=configmaps/set")
		r.ends(ctx)
		Expect(r.updates()).To(Equal([]string{"Muted=true"}))
	})

	It("passes none of the labels on by which tools prune", func(ctx context.Context) {
		r := newRoom(ctx)
		r.govern(ctx, func(c *v1alpha1.Conference) { c.Labels, c.Annotations = pruned.labels, pruned.annotations })
		r.host()
		guest := r.join()
		r.governed(ctx, v1alpha1.ReasonInSync, 2)
		child := r.children(ctx)[guest]
		Expect(child.Labels).To(Equal(map[string]string{v1alpha1.ConferenceLabel: allHands, v1alpha1.RoleLabel: "audience"}))
		Expect(child.Annotations).To(HaveLen(1))
		Expect(child.Annotations).To(HaveKey(v1alpha1.PolicyAnnotation))
		Expect(*child.OwnerReferences[0].BlockOwnerDeletion).To(BeFalse())
	})
})

var _ = Describe("A Conference that goes", func() {
	It("R28: takes its children along, without a garbage collector", func(ctx context.Context) {
		r := newRoom(ctx)
		r.govern(ctx)
		r.host()
		guest := r.join()
		r.governed(ctx, v1alpha1.ReasonInSync, 2)
		Expect(admin.Delete(ctx, r.governor(ctx))).To(Succeed())
		r.ends(ctx)
		Expect(r.muted(guest)).To(Equal([]bool{true}))
		Expect(r.updates()).To(Equal([]string{"Muted=true"}))
	})

	It("R28: makes no child while a collector has it wait for those that are there", func(ctx context.Context) {
		r := newRoom(ctx)
		r.govern(ctx)
		r.host()
		r.join()
		r.governed(ctx, v1alpha1.ReasonInSync, 2)
		Expect(admin.Delete(ctx, r.governor(ctx), client.PropagationPolicy(metav1.DeletePropagationForeground))).To(Succeed())
		Eventually(func() int { return len(r.children(ctx)) }).WithTimeout(30 * time.Second).Should(BeZero())
		going := r.governor(ctx)
		Expect(going.Finalizers).To(ConsistOf(metav1.FinalizerDeleteDependents))
		applied := len(r.applied())
		late := r.join()
		By("declaring another call by hand, which has the room listed")
		r.declare(ctx, "by-hand", r.join(), muted(true))
		r.becomes(ctx, "by-hand", v1alpha1.ReasonInSync)
		Expect(r.children(ctx)).To(BeEmpty())
		Expect(r.applied()).To(HaveLen(applied))
		Expect(r.muted(late)).To(Equal([]bool{false}))
		By("ending what the collector would end")
		before := going.DeepCopy()
		going.Finalizers = nil
		Expect(admin.Patch(ctx, going, client.MergeFrom(before))).To(Succeed())
		r.ends(ctx)
	})

	for _, order := range [][]string{
		{"account", "secret", "conference"}, {"account", "conference", "secret"}, {"secret", "account", "conference"},
		{"secret", "conference", "account"}, {"conference", "account", "secret"}, {"conference", "secret", "account"},
	} {
		It(fmt.Sprintf("R28: leaves nothing behind and sends nothing, deleted as %v", order), func(ctx context.Context) {
			r := newRoom(ctx)
			r.govern(ctx)
			host, guest := r.host(), r.join()
			r.governed(ctx, v1alpha1.ReasonInSync, 2)
			for _, kind := range order {
				r.kubectl(ctx, "delete", map[string]string{
					"account": "voiceaccount/acme", "secret": "secret/token", "conference": "conf/" + allHands,
				}[kind], "--wait=true", "--timeout=20s")
			}
			r.ends(ctx)
			Expect(r.muted(host, guest)).To(Equal([]bool{false, true}))
			Expect(r.updates()).To(Equal([]string{"Muted=true"}))
		})
	}
})
