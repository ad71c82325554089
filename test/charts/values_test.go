package charts

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

func TestWrongValuesAreRefused(t *testing.T) {
	for value, want := range map[string]string{
		"replica=2":                           "additional properties 'replica' not allowed",
		`replicas="two"`:                      "/replicas",
		"concurrency=0":                       "/concurrency",
		`watchNamespaces="a"`:                 "/watchNamespaces",
		`watchNamespaces=["A"]`:               "/watchNamespaces/0",
		`allowedBaseURLs=["signalwire.com"]`:  "/allowedBaseURLs/0",
		`image.digest="sha256:1"`:             "/image/digest",
		"metrics.port=0":                      "/metrics/port",
		`crds.keep="yes"`:                     "/crds/keep",
		`logLevel="loud"`:                     "/logLevel",
		"networkPolicy.egressPorts=[]":        "/networkPolicy/egressPorts",
		`extraArgs=["leader-elect"]`:          "/extraArgs/0",
		`tracing.endpoint="http://collector"`: "/tracing/endpoint",
		`tracing.endpoint="collector:4317"`:   "/tracing/endpoint",
		`tracing.sampler="xray"`:              "/tracing/sampler",
	} {
		if printed, err := helm(t, templateArguments(value)...); err == nil || !strings.Contains(printed, want) {
			t.Errorf("%s: %v, want %q in\n%s", value, err, want, printed)
		}
	}
}

// TestMonitoringNeedsMetrics refuses a ServiceMonitor of nothing, and alerts on nothing.
func TestMonitoringNeedsMetrics(t *testing.T) {
	for _, c := range []struct{ monitoring, metrics string }{
		{"serviceMonitor", "metrics.enabled=false"}, {"serviceMonitor", `watchNamespaces=["a"]`}, {"prometheusRule", "metrics.enabled=false"},
	} {
		printed, err := helm(t, templateArguments(c.monitoring+".enabled=true", c.metrics)...)
		if err == nil || !strings.Contains(printed, c.monitoring+".enabled needs metrics") {
			t.Errorf("%s, %s: %v\n%s", c.monitoring, c.metrics, err, printed)
		}
	}
}

// clusterWide returns the kinds, other than CRDs, that are not in a namespace.
func clusterWide(objects []unstructured.Unstructured) (kinds []string) {
	for _, object := range objects {
		if object.GetNamespace() == "" && object.GetKind() != "CustomResourceDefinition" {
			kinds = append(kinds, object.GetKind())
		}
	}
	return kinds
}

func arguments(t *testing.T, objects []unstructured.Unstructured) []string {
	t.Helper()
	containers, _, err := unstructured.NestedSlice(find(t, objects, "Deployment", "").Object, "spec", "template", "spec", "containers")
	if err != nil {
		t.Fatal(err)
	}
	container, _ := containers[0].(map[string]any)
	found, _, err := unstructured.NestedStringSlice(container, "args")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestANamespacedReleaseHasRolesOnly(t *testing.T) {
	for _, c := range []struct {
		values, clusterWide, arguments []string
	}{
		{nil, nil, []string{"--metrics-bind-address=127.0.0.1:8443", "--metrics-secure=false"}},
		{[]string{"crds.keep=false"}, nil, nil},
		{[]string{"metrics.authBinding=true"}, []string{"ClusterRoleBinding"}, []string{"--metrics-bind-address=:8443"}},
	} {
		objects := template(t, append(c.values, `watchNamespaces=["a","b"]`)...)
		if got := clusterWide(objects); !slices.Equal(got, c.clusterWide) {
			t.Errorf("%q has the cluster-wide objects %q", c.values, got)
		}
		for _, want := range append(c.arguments, "--watch-namespaces=a,b") {
			if got := arguments(t, objects); !slices.Contains(got, want) {
				t.Errorf("%q has the arguments %q, want %s", c.values, got, want)
			}
		}
		for _, namespace := range []string{"a", "b"} {
			if !slices.ContainsFunc(objects, func(object unstructured.Unstructured) bool {
				return id(object) == "Role "+namespace+"/conference-operator-manager"
			}) {
				t.Errorf("%q has no rights in %s", c.values, namespace)
			}
		}
	}
}

// TestWhatAnUninstallationKeeps has the Job that deletes every object, and the annotation
// that keeps the CRDs, never together.
func TestWhatAnUninstallationKeeps(t *testing.T) {
	for _, c := range []struct {
		values     []string
		kept, hook bool
	}{
		{nil, false, true},
		{[]string{"crds.keep=true"}, true, false},
		{[]string{`watchNamespaces=["a"]`}, true, false},
		{[]string{`watchNamespaces=["a"]`, "crds.keep=false"}, false, true},
		{[]string{"uninstall.enabled=false"}, false, false},
	} {
		objects := template(t, c.values...)
		crd := find(t, objects, "CustomResourceDefinition", "voiceaccounts.conference.voiceops.dev")
		if kept := crd.GetAnnotations()["helm.sh/resource-policy"] == "keep"; kept != c.kept {
			t.Errorf("%q keeps the CRDs: %v", c.values, kept)
		}
		if hook := slices.ContainsFunc(objects, isHook); hook != c.hook {
			t.Errorf("%q deletes every object: %v", c.values, hook)
		}
	}
}

// TestTwoReleasesHaveNothingInCommon renders two shards for one namespace.
func TestTwoReleasesHaveNothingInCommon(t *testing.T) {
	first := byID(template(t))
	printed, err := helm(t, "template", "shard-a", chart, "--namespace", system, "--set", "crds.install=false,watchLabelSelector=voice-shard=a")
	if err != nil {
		t.Fatal(printed)
	}
	second := parse(t, printed)
	for name := range byID(second) {
		if _, ok := first[name]; ok {
			t.Errorf("both have %s", name)
		}
	}
	selector, _, err := unstructured.NestedString(find(t, second, "Deployment", "").Object, "spec", "selector", "matchLabels", "app.kubernetes.io/instance")
	if err != nil || selector != "shard-a" {
		t.Errorf("the second selects the Pods of %q, %v", selector, err)
	}
}
