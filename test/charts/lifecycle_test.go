package charts

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/testkit"
	"github.com/voiceops/conference-operator/internal/uninstall"
	"github.com/voiceops/conference-operator/pkg/voicesim"
)

// TestARelease installs the chart before, upgrades it to this one, uses it, and uninstalls
// it: with the binary, the arguments and the rights that a cluster would give it.
func TestARelease(t *testing.T) {
	s := &story{cluster: newCluster(t), manager: build(t), simulator: voicesim.New(voicesim.Config{})}
	s.simulator.AddAccount(accountSID, token)
	s.conference = s.simulator.OpenConference(accountSID, "support")
	s.call = s.simulator.Join(s.conference, voicesim.JoinOptions{})
	provider := httptest.NewServer(s.simulator.Handler())
	t.Cleanup(provider.Close)
	s.address = provider.URL
	s.withoutCRDs()
	s.namespace(system)
	s.namespace(users)
	for _, step := range []struct {
		name string
		run  func(*story)
	}{
		{"a release takes over what kubectl has applied", takeover},
		{"an upgrade keeps the objects", upgrade},
		{"an upgrade upgrades the CRDs", upgradeOfCRDs},
		{"the CRDs and the objects can be kept", kept},
		{"without a manager nothing is uninstalled", withoutManager},
		{"the manager lets go of the calls first", uninstalled},
		{"finalizers are released on demand", released},
		{"a namespaced release needs nothing cluster-wide", namespaced},
	} {
		if !t.Run(step.name, func(t *testing.T) {
			s.t = t
			step.run(s)
		}) {
			return
		}
	}
}

// takeover applies the manifests as the README says, and then installs the chart.
func takeover(s *story) {
	if printed, err := s.kubectlApply(kustomize(s.t, "default")); err != nil {
		s.t.Fatalf("%v\n%s", err, printed)
	}
	s.declare()
	before := s.identities()
	s.mustHelm("install", release, chart, "--take-ownership", "--force-conflicts")
	if after := s.identities(); !maps.Equal(before, after) {
		s.t.Errorf("something was replaced: %v, %v", before, after)
	}
	printed := s.job(s.manager)
	if output, err := s.helm("uninstall", release); err != nil {
		s.t.Errorf("%v\n%s\n%s", err, output, <-printed)
	}
	s.withoutDefinitions()
}

func upgrade(s *story) {
	folder, origin := previous(s.t)
	s.t.Log("from", origin)
	s.mustHelm("install", release, folder)
	s.declare()
	before := s.identities()
	s.mustHelm("upgrade", release, chart, "--set-json", "allowedBaseURLs="+`["`+s.address+`"]`)
	if after := s.identities(); !maps.Equal(before, after) {
		s.t.Errorf("something was replaced: %v, %v", before, after)
	}
	if arguments := s.deployment().Spec.Template.Spec.Containers[0].Args; !strings.Contains(strings.Join(arguments, " "), s.address) {
		s.t.Errorf("the upgrade changed nothing: %q", arguments)
	}
}

// upgradeOfCRDs takes a field out of a CRD, as if it were of an older version, and has it
// back after an upgrade.
func upgradeOfCRDs(s *story) {
	definition := &apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "voiceaccounts." + v1alpha1.GroupVersion.Group}}
	if !s.get(definition) {
		s.t.Fatal("the CRD is not there")
	}
	before := definition.DeepCopy()
	delete(definition.Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties, "suspend")
	if err := s.admin.Patch(s.t.Context(), definition, client.MergeFrom(before), client.FieldOwner("helm")); err != nil {
		s.t.Fatal(err)
	}
	s.mustHelm("upgrade", release, chart, "--reuse-values", "--force-conflicts")
	if _, ok := s.definitions()[2].Spec.Versions[0].Schema.OpenAPIV3Schema.Properties["spec"].Properties["suspend"]; !ok {
		s.t.Error("the upgrade leaves the CRD as it was")
	}
}

// withoutManager has a finalizer and no manager that is ready.
func withoutManager(s *story) {
	// The manager that has put the call on hold ends with the test.
	s.t.Run("a manager works once", func(t *testing.T) {
		outer := s.t
		defer func() { s.t = outer }()
		s.t = t
		s.metricsAreGuarded(s.operate(), release+"-metrics-reader")
	})
	s.replicasReady(0)
	printed := s.job(s.manager)
	output, err := s.helm("uninstall", release)
	if said := <-printed; err == nil || !strings.Contains(said, "no manager is ready") || strings.Count(said, "\n") != 1 {
		s.t.Errorf("%v\n%s\n%s", err, output, said)
	}
	if len(s.definitions()) != 3 || !s.onHold() {
		s.t.Error("something was uninstalled")
	}
	s.identities()
}

// kept uninstalls a release that keeps its CRDs, and installs it again.
func kept(s *story) {
	before := s.identities()
	s.mustHelm("upgrade", release, chart, "--reuse-values", "--set", "crds.keep=true")
	s.mustHelm("uninstall", release)
	if s.get(&appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: system, Name: release}}) {
		s.t.Error("the Deployment is there")
	}
	s.mustHelm("install", release, chart, "--take-ownership", "--set-json", "allowedBaseURLs="+`["`+s.address+`"]`)
	for name, uid := range s.identities() {
		if name != release && before[name] != uid {
			s.t.Errorf("%s was replaced", name)
		}
	}
}

// uninstalled removes everything while a manager is there to end the hold.
func uninstalled(s *story) {
	s.operate()
	s.replicasReady(1)
	printed := s.job(s.manager)
	output, err := s.helm("uninstall", release)
	if said := <-printed; err != nil || strings.Count(said, "\n") != 2 {
		s.t.Errorf("%v\n%s\n%s", err, output, said)
	}
	if s.onHold() {
		s.t.Error("the caller is on hold")
	}
	s.withoutDefinitions()
}

// released uninstalls a release that never had a manager.
func released(s *story) {
	s.mustHelm("install", release, chart)
	s.served()
	object := testkit.Participant(users, "caller", "acme", s.conference, s.call)
	object.Finalizers = []string{v1alpha1.Finalizer}
	if err := s.admin.Create(s.t.Context(), object); err != nil {
		s.t.Fatal(err)
	}
	deployment := s.deployment()
	before := deployment.DeepCopy()
	deployment.Annotations[uninstall.ReleaseAnnotation] = "true"
	if err := s.admin.Patch(s.t.Context(), deployment, client.MergeFrom(before)); err != nil {
		s.t.Fatal(err)
	}
	printed := s.job(s.manager)
	output, err := s.helm("uninstall", release)
	if said := <-printed; err != nil {
		s.t.Errorf("%v\n%s\n%s", err, output, said)
	}
	s.withoutDefinitions()
}

// namespaced installs a release for one namespace, and uses it: first with metrics on
// localhost, then with the binding for clients.
func namespaced(s *story) {
	s.mustHelm("install", release, chart, "--set-json", `watchNamespaces=["`+users+`"]`, "--set-json", "allowedBaseURLs="+`["`+s.address+`"]`)
	s.declare()
	p := s.operate()
	if body := s.answers(p, "http://"+p.metrics+"/metrics", "", http.StatusOK); !strings.Contains(body, "conference_operator_") {
		s.t.Errorf("these are not the metrics: %.200s", body)
	}
	s.mustHelm("upgrade", release, chart, "--reuse-values", "--set", "metrics.authBinding=true")
	reader := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "reader"},
		Rules:      []rbacv1.PolicyRule{{NonResourceURLs: []string{"/metrics"}, Verbs: []string{"get"}}},
	}
	if err := s.admin.Create(s.t.Context(), reader); err != nil {
		s.t.Fatal(err)
	}
	s.metricsAreGuarded(s.operate(), reader.Name)
	s.mustHelm("uninstall", release)
	if len(s.definitions()) != 3 || !s.onHold() {
		s.t.Error("the objects were not kept")
	}
}
