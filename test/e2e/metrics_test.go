package e2e

import (
	"context"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/monitoring"
)

var _ = Describe("The metrics of a manager", Ordered, func() {
	It("are those that the alerts and the dashboard ask for, with their labels", func(ctx context.Context) {
		expressions, err := monitoring.Expressions("../..")
		Expect(err).NotTo(HaveOccurred())
		process.stop()
		DeferCleanup(func() { process = start(prometheus.NewRegistry()) })
		address := startManager(ctx)

		By("having everything happen that is counted only once it has")
		r := newRoom(ctx, fastResync)
		agent, other := r.join(), r.join()
		r.declare(ctx, "agent", agent, func(s *v1alpha1.ConferenceParticipantSpec) {
			s.Muted = new(true)
			s.Announcement = &v1alpha1.Announcement{ID: "welcome", URL: "https://media.example.com/welcome.xml"}
		})
		r.govern(ctx, func(c *v1alpha1.Conference) { c.Spec.FriendlyName = "elsewhere" })
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		sim.Inject(voicesim.Fault{
			Operation: voicesim.OpListParticipants, ConferenceSID: r.conference,
			Row: &voicesim.RowFault{SIDs: []string{other}, Omit: []string{"muted"}},
		})

		// Before the update is confirmed it would be one that did not stick, and no drift.
		lists := func() int { return len(r.requests(voicesim.OpListParticipants)) }
		Eventually(lists).WithTimeout(20 * time.Second).Should(BeNumerically(">=", lists()+5))
		sim.Drift(r.conference, agent, func(p *voicesim.Participant) { p.Muted = false })

		Eventually(func(g Gomega) {
			g.Expect(monitoring.Parse(scrape(ctx, g, address)).Missing(expressions)).To(BeEmpty())
		}).WithTimeout(30 * time.Second).WithPolling(200 * time.Millisecond).Should(Succeed())
	})
})

// startManager builds and starts the manager as it is shipped, as its service account, and
// returns where its metrics are.
func startManager(ctx context.Context) (address string) {
	GinkgoHelper()
	scratch := GinkgoT().TempDir()
	binary := filepath.Join(scratch, "manager")
	output, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "../../cmd/manager").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), string(output))
	kubeconfig := filepath.Join(scratch, "kubeconfig")
	Expect(plane.WriteOperatorKubeconfig(ctx, kubeconfig)).To(Succeed())
	addresses, err := testkit.FreeAddresses(ctx, 1)
	Expect(err).NotTo(HaveOccurred())
	manager, err := testkit.StartProcess(ctx, binary, []string{"KUBECONFIG=" + kubeconfig},
		"--allowed-base-urls="+provider.URL, "--leader-elect", "--leader-election-namespace="+testkit.OperatorNamespace,
		"--metrics-secure=false", "--metrics-bind-address="+addresses[0], "--health-probe-bind-address=0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(manager.Stop()).To(Succeed()) })
	return "http://" + addresses[0] + "/metrics"
}

// scrape returns the metrics as they are served.
func scrape(ctx context.Context, g Gomega, address string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	g.Expect(err).NotTo(HaveOccurred())
	response, err := http.DefaultClient.Do(request)
	g.Expect(err).NotTo(HaveOccurred())
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	g.Expect(err).NotTo(HaveOccurred())
	return string(content)
}
