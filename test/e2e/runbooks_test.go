package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
)

var _ = Describe("The runbooks", func() {
	It("have commands that work", func(ctx context.Context) {
		r := newRoom(ctx)
		call := r.host()
		r.join()
		r.declare(ctx, "agent", call, muted(true))
		r.becomes(ctx, "agent", v1alpha1.ReasonInSync)
		r.govern(ctx)
		r.governed(ctx, v1alpha1.ReasonInSync, 1)
		deployOperator(ctx)
		names := strings.NewReplacer("NAMESPACE", r.namespace, " va NAME", " va acme", "voiceaccount/NAME", "voiceaccount/acme",
			" conf NAME", " conf "+allHands, "conference/NAME", "conference/"+allHands, "conference=NAME", "conference="+allHands,
			" cpart NAME", " cpart agent", "conferenceparticipant/NAME", "conferenceparticipant/agent", "callSID=SID", "callSID="+call)
		environment := r.shell()
		for _, command := range runbookCommands() {
			written := command
			command = names.Replace(command)
			shell := exec.CommandContext(ctx, "bash", "-c", command)
			shell.Env = environment
			output, err := shell.CombinedOutput()
			Expect(err).NotTo(HaveOccurred(), "%s: %s", command, output)
			Expect(output).NotTo(BeEmpty(), command)
			Expect(string(output)).NotTo(ContainSubstring("No resources found"), command)
			Expect(command).NotTo(MatchRegexp(`\b(NAMESPACE|NAME|SID)\b[^:]`), written)
		}
	})
})

// runbookCommands are the commands of all runbooks, each once: without what only filters
// lines, and as a dry run where something is changed. Those that need a node or metrics of
// pods are left out, and so are questions that this control plane has nothing to answer to.
func runbookCommands() (commands []string) {
	GinkgoHelper()
	pages, err := filepath.Glob("../../docs/runbooks/*.md")
	Expect(err).NotTo(HaveOccurred())
	left := regexp.MustCompile(` (logs|top) |phase=Terminating`)
	for _, page := range pages {
		content, err := os.ReadFile(page)
		Expect(err).NotTo(HaveOccurred())
		for _, found := range regexp.MustCompile(`(?m)^ *(kubectl .*)$`).FindAllStringSubmatch(string(content), -1) {
			command, _, _ := strings.Cut(found[1], " | grep")
			if regexp.MustCompile(` (annotate|patch) `).MatchString(command) {
				command += " --dry-run=server"
			}
			if !left.MatchString(command) && !slices.Contains(commands, command) {
				commands = append(commands, command)
			}
		}
	}
	Expect(len(commands)).To(BeNumerically(">", 20))
	return commands
}

// deployOperator has the Deployment and its lease there, without anything that would run it.
func deployOperator(ctx context.Context) {
	GinkgoHelper()
	content, err := os.ReadFile("../../config/manager/deployment.yaml")
	Expect(err).NotTo(HaveOccurred())
	deployment := &appsv1.Deployment{}
	Expect(yaml.UnmarshalStrict(content, deployment)).To(Succeed())
	deployment.Namespace = testkit.OperatorNamespace
	deployment.Labels = map[string]string{"app.kubernetes.io/name": "conference-operator"}
	lease := &coordinationv1.Lease{}
	lease.Namespace, lease.Name, lease.Spec.HolderIdentity = testkit.OperatorNamespace, "conference-operator.voiceops.dev", new("a-pod")
	for _, object := range []client.Object{deployment, lease} {
		Expect(client.IgnoreAlreadyExists(admin.Create(ctx, object))).To(Succeed())
	}
	DeferCleanup(func(ctx context.Context) {
		Expect(admin.Delete(ctx, deployment)).To(Succeed())
		Expect(admin.Delete(ctx, lease)).To(Succeed())
	})
}

// shell is an environment with kubectl on its path, for an administrator.
func (r *room) shell() []string {
	GinkgoHelper()
	kubectl, err := testkit.Kubectl()
	Expect(err).NotTo(HaveOccurred())
	content, err := testkit.Kubeconfig(plane.Config, r.namespace)
	Expect(err).NotTo(HaveOccurred())
	home := GinkgoT().TempDir()
	kubeconfig := filepath.Join(home, "kubeconfig")
	Expect(os.WriteFile(kubeconfig, content, 0o600)).To(Succeed())
	return append(os.Environ(), "KUBECONFIG="+kubeconfig, "HOME="+home, "PATH="+filepath.Dir(kubectl)+":"+os.Getenv("PATH"))
}
