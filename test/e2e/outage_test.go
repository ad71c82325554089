package e2e

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// While the API server is away, what is declared is still kept, and what was
// changed meanwhile is caught up with.
var _ = Describe("The API server", Ordered, func() {
	AfterEach(func() { wire.mend() })

	It("is away for 30 s: drift is repaired once, and all else is caught up with when it is back", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		call := r.join()
		r.declare(ctx, "agent", call, muted(true))
		r.declare(ctx, "leaver", r.join(), func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Hold, s.DeletionPolicy = new(true), v1alpha1.DeletionReset
		})
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		r.becomes(ctx, "leaver", v1alpha1.ReasonInSync)
		wire.cut()
		sim.Drift(r.conference, call, func(p *voicesim.Participant) { p.Muted = false })
		repaired := ConsistOf("Muted=true", "Hold=true", "Muted=true")
		Eventually(r.updates).WithTimeout(30 * time.Second).Should(repaired)
		r.edit(ctx, "agent", func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Muted = new(false)
			s.Announcement = &v1alpha1.Announcement{ID: "back", URL: "https://media.example.com/back.xml"}
		})
		Expect(admin.Delete(ctx, r.get(ctx, "leaver"))).To(Succeed())
		Consistently(r.updates).WithTimeout(30 * time.Second).WithPolling(time.Second).Should(repaired)
		wire.mend()
		r.settles(ctx, "agent")
		r.goes(ctx, "leaver")
		Eventually(r.updates).WithTimeout(30 * time.Second).Should(ConsistOf("Muted=true", "Hold=true", "Muted=true", "Muted=false",
			"Hold=false", "AnnounceMethod=POST&AnnounceUrl=https%3A%2F%2Fmedia.example.com%2Fback.xml"))
	})

	It("is away for longer than the renew deadline: the leader goes on from its cache, exits, and keeps what is declared once it is back", func(ctx context.Context) {
		process.stop()
		process = start(prometheus.NewRegistry(), elected)
		r := newRoom(ctx, fastResync)
		call := r.join()
		r.declare(ctx, "agent", call, muted(true))
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		wire.cut()
		unmute := func() { sim.Drift(r.conference, call, func(p *voicesim.Participant) { p.Muted = false }) }
		unmute()
		Eventually(r.updates).WithTimeout(30 * time.Second).Should(HaveLen(2))
		Eventually(process.done, 30*time.Second).Should(Receive(MatchError(ContainSubstring("leader election lost"))))
		unmute()
		r.edit(ctx, "agent", func(s *v1alpha1.ConferenceParticipantSpec) { s.Hold = new(true) })
		wire.mend()
		process = start(prometheus.NewRegistry(), elected)
		r.settles(ctx, "agent")
		found, _ := sim.Participant(r.conference, call)
		Expect(found.Muted && found.Hold).To(BeTrue(), "the caller is muted and on hold")
		process.stop()
		process = start(prometheus.NewRegistry())
	})

	It("cuts the watches: an edit is seen all the same", func(ctx context.Context) {
		r := newRoom(ctx)
		r.declare(ctx, "caller", r.join(), muted(true))
		r.becomes(ctx, "caller", v1alpha1.ReasonInSync)
		wire.cut()
		wire.mend()
		r.edit(ctx, "caller", muted(false))
		r.settles(ctx, "caller")
		Expect(r.updates()).To(Equal([]string{"Muted=true", "Muted=false"}))
	})

	It("loses etcd for a while: what is declared is still there, and kept", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		call := r.join()
		r.declare(ctx, "agent", call, muted(true))
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		Expect(plane.RestartEtcd()).To(Succeed())
		sim.Drift(r.conference, call, func(p *voicesim.Participant) { p.Muted = false })
		Eventually(r.updates).WithTimeout(30 * time.Second).Should(Equal([]string{"Muted=true", "Muted=true"}))
		Eventually(func() error {
			found := &v1alpha1.ConferenceParticipant{}
			return admin.Get(ctx, client.ObjectKey{Namespace: r.namespace, Name: "agent"}, found)
		}).WithTimeout(30 * time.Second).Should(Succeed())
		r.edit(ctx, "agent", muted(false))
		r.settles(ctx, "agent")
		Expect(r.updates()).To(Equal([]string{"Muted=true", "Muted=true", "Muted=false"}))
	})

	It("is away while an object is replaced by another of the same name", func(ctx context.Context) {
		r := newRoom(ctx)
		first, second := r.join(), r.join()
		r.declare(ctx, "agent", first, muted(true))
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		wire.cut()
		Expect(admin.Delete(ctx, r.get(ctx, "agent"))).To(Succeed())
		r.declare(ctx, "agent", second, func(s *v1alpha1.ConferenceParticipantSpec) { s.Hold = new(true) })
		wire.mend()
		found := r.settles(ctx, "agent")
		Expect(found.Status.Participant.CallSID).To(Equal(second))
		Expect(r.updates()).To(Equal([]string{"Muted=true", "Hold=true"}))
	})
})

var _ = Describe("A shutdown", Ordered, func() {
	It("R16: comes in the middle of an update, and its response is still written", func(ctx context.Context) {
		r := newRoom(ctx)
		r.declare(ctx, "agent", r.join(), muted(true))
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		answer := make(chan struct{})
		sim.Inject(voicesim.Fault{Operation: voicesim.OpUpdateParticipant, ConferenceSID: r.conference, Release: answer})
		r.edit(ctx, "agent", muted(false))
		Eventually(r.updates).WithTimeout(10 * time.Second).Should(HaveLen(2))
		process.cancel()
		close(answer)
		Eventually(process.done, 20*time.Second).Should(Receive(BeNil()))
		found := r.get(ctx, "agent")
		Expect(reasonOf(found.Status.Conditions)).To(Equal(v1alpha1.ReasonInSync))
		Expect(found.Status.Participant.Muted).To(BeFalse())
		process = start(prometheus.NewRegistry())
	})
})

// elected has a leader elected, with times as short as a lease allows.
func elected(options *ctrl.Options) {
	options.LeaderElection, options.LeaderElectionReleaseOnCancel = true, true
	options.LeaderElectionID, options.LeaderElectionNamespace = "e2e", testkit.OperatorNamespace
	options.LeaseDuration, options.RenewDeadline, options.RetryPeriod = new(4*time.Second), new(3*time.Second), new(200*time.Millisecond)
}

// settles waits longer than usual: a client that was cut off waits before it
// tries again.
func (r *room) settles(ctx context.Context, name string) *v1alpha1.ConferenceParticipant {
	GinkgoHelper()
	var found *v1alpha1.ConferenceParticipant
	Eventually(func(g Gomega) {
		found = r.get(ctx, name)
		g.Expect(reasonOf(found.Status.Conditions)).To(Equal(v1alpha1.ReasonInSync))
		g.Expect(found.Status.ObservedGeneration).To(Equal(found.Generation))
	}).WithTimeout(60 * time.Second).WithPolling(50 * time.Millisecond).Should(Succeed())
	return found
}
