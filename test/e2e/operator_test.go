package e2e

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	runtimemetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// fastResync lets a test see the next look soon.
func fastResync(account *v1alpha1.VoiceAccount) { account.Spec.ResyncIntervalSeconds = new(int32(1)) }

var _ = Describe("A participant", func() {
	It("is updated once and reports what the provider returned", func(ctx context.Context) {
		r := newRoom(ctx)
		began := time.Now()
		r.declare(ctx, "agent", r.join(), muted(true))
		found := r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		Expect(found.Status.CallState).To(Equal(v1alpha1.CallLive))
		Expect(found.Status.Participant.Muted).To(BeTrue())
		Expect(found.Status.Participant.URI).To(ContainSubstring(r.conference))
		Expect(r.updates()).To(Equal([]string{"Muted=true"}))
		Expect(r.requests(voicesim.OpListParticipants)).To(HaveLen(1))
		sent := r.requests(voicesim.OpUpdateParticipant)[0].Time
		AddReportEntry("from before the creation to the update at the provider", sent.Sub(began))
	})

	It("follows an edit, and R13, R15: no reconcile and no write of its own follow", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		call := r.join()
		r.declare(ctx, "agent", call, muted(true))
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		r.edit(ctx, "agent", muted(false))
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		Expect(r.updates()).To(Equal([]string{"Muted=true", "Muted=false"}))
		By("letting the checks pass and several lists follow")
		lists := func() int { return len(r.requests(voicesim.OpListParticipants)) }
		Eventually(lists).WithTimeout(20 * time.Second).Should(BeNumerically(">=", lists()+6))
		version, reconciled, seen := r.get(ctx, "agent").ResourceVersion, reconciles("participant"), lists()
		Eventually(lists).WithTimeout(20 * time.Second).Should(BeNumerically(">=", seen+4))
		Expect(r.get(ctx, "agent").ResourceVersion).To(Equal(version))
		Expect(reconciles("participant")).To(Equal(reconciled))
	})

	It("R2: twenty created together cost one list", func(ctx context.Context) {
		r := newRoom(ctx)
		calls := make([]string, 20)
		for i := range calls {
			calls[i] = r.join()
		}
		began := time.Now()
		for i, call := range calls {
			r.declare(ctx, name(i), call, muted(true))
		}
		for i := range calls {
			r.becomes(ctx, name(i), v1alpha1.ReasonInSync)
		}
		seconds := 1 + int(time.Since(began)/time.Second)
		Expect(r.updates()).To(HaveLen(20))
		Expect(len(r.requests(voicesim.OpListParticipants))).To(BeNumerically("<=", seconds), "an observation serves for a second")
		Expect(r.requests(voicesim.OpGetParticipant)).To(BeEmpty())
	})
})

var _ = Describe("A participant that depends on another", func() {
	It("R9: takes over when the winner is deleted", func(ctx context.Context) {
		r := newRoom(ctx)
		call := r.join()
		r.declare(ctx, "a-first", call, muted(true))
		r.becomes(ctx, "a-first", v1alpha1.ReasonInSync)
		r.declare(ctx, "b-second", call, muted(false))
		r.becomes(ctx, "b-second", v1alpha1.ReasonConflict)
		Expect(admin.Delete(ctx, r.get(ctx, "a-first"))).To(Succeed())
		r.becomes(ctx, "b-second", v1alpha1.ReasonInSync)
		Expect(r.updates()).To(Equal([]string{"Muted=true", "Muted=false"}))
	})

	It("R17: is muted again when its coachee hangs up", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		agent, supervisor := r.join(), r.join()
		r.join()
		r.declare(ctx, "supervisor", supervisor, func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Muted, s.ParticipantToCoachRef = new(false), &v1alpha1.LocalReference{Name: "agent"}
		})
		r.becomes(ctx, "supervisor", v1alpha1.ReasonWaitingForCoachee)
		By("declaring the agent, which wakes the supervisor")
		r.declare(ctx, "agent", agent, muted(false))
		r.becomes(ctx, "supervisor", v1alpha1.ReasonInSync)
		pair := fmt.Sprintf("CallSidToCoach=%s&Coaching=true&Muted=", agent)
		Expect(r.updates()).To(Equal([]string{"Coaching=false&Muted=true", "CallSidToCoach=" + agent + "&Coaching=true", pair + "false"}))
		sim.HangUp(agent)
		r.becomes(ctx, "supervisor", v1alpha1.ReasonCoacheeGone)
		state, _ := sim.Participant(r.conference, supervisor)
		Expect(state.Muted).To(BeTrue())
	})
})

var _ = Describe("A restart", Ordered, func() {
	It("sends and writes nothing", func(ctx context.Context) {
		r := newRoom(ctx)
		for i := range 10 {
			r.declare(ctx, name(i), r.join(), muted(true))
		}
		versions := map[string]string{}
		for i := range 10 {
			versions[name(i)] = r.becomes(ctx, name(i), v1alpha1.ReasonInSync).ResourceVersion
		}
		process.stop()
		sim.ResetJournal()
		process = start(prometheus.NewRegistry())
		Eventually(func() int { return len(r.requests(voicesim.OpListParticipants)) }).WithTimeout(20 * time.Second).Should(Equal(1))
		r.declare(ctx, "after", r.join(), muted(true))
		r.becomes(ctx, "after", v1alpha1.ReasonInSync)
		Expect(r.updates()).To(Equal([]string{"Muted=true"}))
		for i := range 10 {
			Expect(r.get(ctx, name(i)).ResourceVersion).To(Equal(versions[name(i)]))
		}
	})
})

// reconciles counts the reconciles of a controller so far.
func reconciles(controller string) (count float64) {
	GinkgoHelper()
	families, err := runtimemetrics.Registry.Gather()
	Expect(err).NotTo(HaveOccurred())
	for _, family := range families {
		if family.GetName() != "controller_runtime_reconcile_total" {
			continue
		}
		for _, metric := range family.Metric {
			for _, label := range metric.Label {
				if label.GetValue() == controller {
					count += metric.GetCounter().GetValue()
				}
			}
		}
	}
	return count
}
