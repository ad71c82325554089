package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	runtimemetrics "sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/internal/voicesim"
)

// urlCanary stands in URLs of users where secrets may be.
const urlCanary = "canary-of-a-url"

// terminating are the namespaces in which an event may be refused.
var terminating []string

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

	It("follows an edit, and R13, R15: no pass and no write of its own follow", func(ctx context.Context) {
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
		version, passes, seen := r.get(ctx, "agent").ResourceVersion, reconciles("participant"), lists()
		Eventually(lists).WithTimeout(20 * time.Second).Should(BeNumerically(">=", seen+4))
		Expect(r.get(ctx, "agent").ResourceVersion).To(Equal(version))
		Expect(reconciles("participant")).To(Equal(passes))
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

	It("R10, R11: hears an announcement once, and is put back on deletion", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		call := r.join()
		r.declare(ctx, "guest", call, func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Muted, s.DeletionPolicy = new(true), v1alpha1.DeletionReset
			s.Announcement = &v1alpha1.Announcement{ID: "closing", URL: "https://media.example.com/closing.xml"}
		})
		r.becomes(ctx, "guest", v1alpha1.ReasonInSync)
		Eventually(func() v1alpha1.AnnouncementState {
			if found := r.get(ctx, "guest").Status.Announcement; found != nil {
				return found.State
			}
			return ""
		}).WithTimeout(10 * time.Second).Should(Equal(v1alpha1.AnnouncementAccepted))
		guest := r.get(ctx, "guest")
		Expect(guest.Finalizers).To(ConsistOf(v1alpha1.Finalizer))
		Expect(guest.Status.Initial).To(Equal(&v1alpha1.InitialState{}))
		Expect(testkit.CheckStatus(guest, canary)).To(Succeed())
		Expect(admin.Delete(ctx, guest)).To(Succeed())
		r.goes(ctx, "guest")
		Expect(r.updates()).To(Equal([]string{
			"Muted=true", "AnnounceMethod=POST&AnnounceUrl=https%3A%2F%2Fmedia.example.com%2Fclosing.xml", "Muted=false",
		}))
	})

	It("R11: ends in a namespace that is being deleted, with its account and Secret", func(ctx context.Context) {
		r := newRoom(ctx)
		r.declare(ctx, "caller", r.join(), func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Hold, s.DeletionPolicy = new(true), v1alpha1.DeletionReset
		})
		r.becomes(ctx, "caller", v1alpha1.ReasonInSync)
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: r.namespace}}
		Expect(admin.Delete(ctx, namespace)).To(Succeed())
		terminating = append(terminating, r.namespace)
		for _, kind := range []client.Object{&corev1.Secret{}, &v1alpha1.VoiceAccount{}, &v1alpha1.ConferenceParticipant{}} {
			Expect(admin.DeleteAllOf(ctx, kind, client.InNamespace(r.namespace))).To(Succeed())
		}
		r.goes(ctx, "caller")
		Expect(r.updates()).To(Equal([]string{"Hold=true", "Hold=false"}))
	})

	It("is deleted a while after its call has ended", func(ctx context.Context) {
		r := newRoom(ctx, fastResync)
		call := r.join()
		r.join()
		r.declare(ctx, "agent", call, func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Muted, s.TTLSecondsAfterFinished = new(true), new(int32(0))
		})
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		sim.HangUp(call)
		r.goes(ctx, "agent")
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

// reconciles counts the passes of a controller so far.
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

// unused are the verbs of the role that this suite has no use for, and why they
// are there.
var unused = map[string]string{
	"conferenceparticipants get":  "after a conflict the object is read live (R14), and conflicts can't be had for the asking",
	"conferenceparticipants list": "API servers that can't stream a list are asked for one",
	"voiceaccounts list":          "the same",
}

// The audit comes last: no request of the operator was forbidden, but for events
// in namespaces that go, and no verb of its role is there for nothing.
var _ = AfterSuite(func() {
	if plane == nil {
		return
	}
	events, err := plane.Audit()
	Expect(err).NotTo(HaveOccurred())
	seen, used := 0, map[string]bool{}
	for _, event := range events {
		if event.User != testkit.OperatorUser || event.Resource == "" {
			continue
		}
		seen++
		if event.Resource != "events" || !slices.Contains(terminating, event.Namespace) {
			Expect(event.Forbidden()).To(BeFalse(), "%+v", event)
		}
		used[strings.TrimSuffix(event.Resource+"/"+event.Subresource, "/")+" "+event.Verb] = true
	}
	Expect(seen).To(BeNumerically(">", 100))
	Expect(granted()).To(ConsistOf(slices.Collect(maps.Keys(withReasons(used)))))
})

// granted are the verbs of the role, with their resources.
func granted() (verbs []string) {
	content, err := os.ReadFile("../../config/rbac/role.yaml")
	Expect(err).NotTo(HaveOccurred())
	role := &rbacv1.ClusterRole{}
	Expect(yaml.UnmarshalStrict(content, role)).To(Succeed())
	for _, rule := range role.Rules {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				verbs = append(verbs, resource+" "+verb)
			}
		}
	}
	return verbs
}

// withReasons adds the verbs that are there for a reason.
func withReasons(used map[string]bool) map[string]bool {
	all := maps.Clone(used)
	for verb := range unused {
		all[verb] = true
	}
	return all
}
