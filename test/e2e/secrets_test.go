package e2e

import (
	"context"
	"fmt"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	eventsv1 "k8s.io/api/events/v1"
	runtimemetrics "sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// urlCanary stands in URLs of users where secrets may be.
const urlCanary = "canary-of-a-url"

var _ = Describe("The surroundings", func() {
	It("never see the token, whatever goes wrong", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		answers := []voicesim.Fault{
			{Status: 401, Body: `{"code":20003,"message":"bad token ` + canary + `","status":401}`},
			{Status: 422, Body: `{"code":"21717","message":"` + canary + `","status":400}`},
			{Status: 500, Shape: voicesim.ShapeHTML, Body: "<html>" + canary + "</html>"},
			{Status: 429, Header: http.Header{"Retry-After": {"1"}}}, {Reset: voicesim.ResetAfter}, {Shape: voicesim.ShapeTruncated},
		}
		for i, fault := range answers {
			fault.Operation, fault.ConferenceSID, fault.Times = voicesim.OpUpdateParticipant, r.conference, 1
			sim.Inject(fault)
			r.declare(ctx, name(i), r.join(), func(s *v1alpha1.ConferenceParticipantSpec) {
				s.Hold, s.HoldURL = new(true), "https://user:"+urlCanary+"@music.example.com/hold.xml?key="+urlCanary
				s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: s.HoldURL}
			})
			Eventually(func() int { return len(r.updates()) }).WithTimeout(10 * time.Second).Should(BeNumerically(">", i))
		}
		for i := range answers {
			Eventually(func() string { return reasonOf(r.get(ctx, name(i)).Status.Conditions) }).WithTimeout(30 * time.Second).ShouldNot(BeEmpty())
			Expect(testkit.CheckStatus(r.get(ctx, name(i)), canary)).To(Succeed())
			Expect(fmt.Sprint(r.get(ctx, name(i)).Status)).NotTo(ContainSubstring(urlCanary))
		}
		Expect(log.String()).To(ContainSubstring("The update of a participant failed"))
		Expect(log.String()).NotTo(Or(ContainSubstring(canary), ContainSubstring(urlCanary)))
		events := &eventsv1.EventList{}
		Expect(admin.List(ctx, events)).To(Succeed())
		Expect(events.Items).NotTo(BeEmpty())
		Expect(fmt.Sprint(events.Items)).NotTo(Or(ContainSubstring(canary), ContainSubstring(urlCanary)))
		for _, registry := range []prometheus.Gatherer{metrics, runtimemetrics.Registry} {
			families, err := registry.Gather()
			Expect(err).NotTo(HaveOccurred())
			Expect(families).NotTo(BeEmpty())
			Expect(fmt.Sprint(families)).NotTo(Or(ContainSubstring(canary), ContainSubstring(urlCanary)))
		}
	})
})
