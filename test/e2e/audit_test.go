package e2e

import (
	"maps"
	"os"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/internal/testkit"
)

// terminating are the namespaces in which an event may be refused, refusing those in which
// a child may.
var terminating, refusing []string

// mayBeRefused reports whether a test has had a request refused.
func mayBeRefused(event testkit.AuditEvent) bool {
	return event.Resource == "events" && slices.Contains(terminating, event.Namespace) ||
		event.Resource == "conferenceparticipants" && slices.Contains(refusing, event.Namespace)
}

// unused are the verbs of the role that this suite has no use for, and why they
// are there.
var unused = map[string]string{
	"conferenceparticipants get":    "after a conflict the object is read live (R14), and conflicts can't be had for the asking",
	"conferences get":               "the same",
	"conferenceparticipants list":   "API servers that can't stream a list are asked for one",
	"voiceaccounts list":            "the same",
	"conferenceparticipants create": "an apply that makes a child needs it, and is audited as a patch",
	"events patch":                  "an event about the lease that comes again is counted",
}

// The audit comes last: no request of the operator was forbidden, but for events
// in namespaces that go and children beyond a quota, and no verb of its role is there for nothing.
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
		if !mayBeRefused(event) {
			Expect(event.Forbidden()).To(BeFalse(), "%+v", event)
		}
		used[strings.TrimSuffix(event.Resource+"/"+event.Subresource, "/")+" "+event.Verb] = true
	}
	Expect(seen).To(BeNumerically(">", 100))
	Expect(granted()).To(ConsistOf(slices.Collect(maps.Keys(withReasons(used)))))
})

// granted are the verbs of the role and of the one for the lease, with their
// resources.
func granted() (verbs []string) {
	var lease rbacv1.Role
	var role rbacv1.ClusterRole
	readRole("leader_election_role.yaml", &lease)
	readRole("role.yaml", &role)
	for _, rule := range slices.Concat(role.Rules, lease.Rules) {
		for _, resource := range rule.Resources {
			for _, verb := range rule.Verbs {
				verbs = append(verbs, resource+" "+verb)
			}
		}
	}
	slices.Sort(verbs)
	return slices.Compact(verbs)
}

func readRole(file string, role any) {
	content, err := os.ReadFile("../../config/rbac/" + file)
	Expect(err).NotTo(HaveOccurred())
	Expect(yaml.UnmarshalStrict(content, role)).To(Succeed())
}

// withReasons adds the verbs that are there for a reason.
func withReasons(used map[string]bool) map[string]bool {
	all := maps.Clone(used)
	for verb := range unused {
		all[verb] = true
	}
	return all
}
