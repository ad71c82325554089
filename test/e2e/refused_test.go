package e2e

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

// counted is what a quota calls participants.
const counted = corev1.ResourceName("count/conferenceparticipants.conference.voiceops.dev")

// quota lets a namespace have some participants. Its status is what the quota controller,
// which does not run here, would write.
func (r *room) quota(ctx context.Context, hard, used int64) {
	GinkgoHelper()
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: r.namespace, Name: "calls"}}
	quota.Spec.Hard = corev1.ResourceList{counted: *resource.NewQuantity(hard, resource.DecimalSI)}
	if err := admin.Create(ctx, quota); err != nil {
		Expect(admin.Get(ctx, client.ObjectKeyFromObject(quota), quota)).To(Succeed())
	}
	quota.Status.Hard = corev1.ResourceList{counted: *resource.NewQuantity(hard, resource.DecimalSI)}
	quota.Status.Used = corev1.ResourceList{counted: *resource.NewQuantity(used, resource.DecimalSI)}
	Expect(admin.Status().Update(ctx, quota)).To(Succeed())
}

var _ = Describe("A Conference whose children the API server refuses", func() {
	It("says why, tries slowly, and goes on when the quota allows it", func(ctx context.Context) {
		r := newRoom(ctx)
		refusing = append(refusing, r.namespace)
		r.quota(ctx, 0, 0)
		r.host()
		call := r.join()
		By("waiting until the quota is in force")
		Eventually(func() error {
			return admin.Create(ctx, testkit.Participant(r.namespace, "probe", "acme", r.conference, call), client.DryRunAll)
		}).WithTimeout(30 * time.Second).Should(MatchError(ContainSubstring("exceeded quota")))
		began := time.Now()
		r.govern(ctx)
		found := r.governed(ctx, v1alpha1.ReasonChildrenRefused, 0)
		stalled := meta.FindStatusCondition(found.Status.Conditions, v1alpha1.ConditionStalled)
		Expect(stalled.Message).To(ContainSubstring("exceeded quota: calls"))
		Expect(stalled.Message).NotTo(ContainSubstring(call))
		r.lists(1)
		tries := len(r.applied())
		Expect(tries).To(BeNumerically("<=", 2*(1+int(time.Since(began)/(10*time.Second)))))
		Expect(r.updates()).To(BeEmpty())
		r.quota(ctx, 5, 0)
		Eventually(func() string { return reasonOf(r.governor(ctx).Status.Conditions) }).
			WithTimeout(90 * time.Second).Should(Equal(v1alpha1.ReasonInSync))
		Expect(r.muted(call)).To(Equal([]bool{true}))
	})
})

// altering is a policy of the cluster that changes what is stored of children.
func altering(namespace string) []client.Object {
	policy := &admissionv1.MutatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	policy.Spec.ReinvocationPolicy = admissionv1.NeverReinvocationPolicy
	policy.Spec.MatchConstraints = &admissionv1.MatchResources{
		NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}},
		ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
			Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update},
			Rule: admissionv1.Rule{
				APIGroups: []string{v1alpha1.GroupVersion.Group}, APIVersions: []string{"*"}, Resources: []string{"conferenceparticipants"},
			},
		}}},
	}
	policy.Spec.Mutations = []admissionv1.Mutation{{
		PatchType: admissionv1.PatchTypeApplyConfiguration, ApplyConfiguration: &admissionv1.ApplyConfiguration{
			Expression: `Object{spec: Object.spec{driftPolicy: "Report"}}`,
		},
	}}
	binding := &admissionv1.MutatingAdmissionPolicyBinding{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	binding.Spec.PolicyName = namespace
	return []client.Object{policy, binding}
}

var _ = Describe("A Conference whose children an admission changes", func() {
	It("does not fight it", func(ctx context.Context) {
		r := newRoom(ctx)
		for _, object := range altering(r.namespace) {
			Expect(admin.Create(ctx, object)).To(Succeed())
			DeferCleanup(func(ctx context.Context) { Expect(admin.Delete(ctx, object)).To(Succeed()) })
		}
		r.host()
		call := r.join()
		By("waiting until the admission is in force")
		Eventually(func(g Gomega) {
			probe := testkit.Participant(r.namespace, "probe", "acme", r.conference, call)
			g.Expect(admin.Create(ctx, probe, client.DryRunAll)).To(Succeed())
			g.Expect(probe.Spec.DriftPolicy).To(Equal(v1alpha1.DriftReport))
		}).WithTimeout(30 * time.Second).Should(Succeed())
		r.govern(ctx)
		r.governed(ctx, v1alpha1.ReasonInSync, 2)
		Expect(r.children(ctx)[call].Spec.DriftPolicy).To(Equal(v1alpha1.DriftReport))
		Expect(r.muted(call)).To(Equal([]bool{true}))
		By("having the room judged again by those that join")
		for joined := range 3 {
			r.join()
			r.governed(ctx, v1alpha1.ReasonInSync, joined+3)
		}
		Expect(r.applied()).To(HaveLen(5), "each child is applied once")
	})
})
