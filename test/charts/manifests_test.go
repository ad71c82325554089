package charts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/internal/testkit"
)

// matrix are the values that users set, each alone and some together.
var matrix = map[string][]string{
	"defaults":                    nil,
	"namespaced":                  {`watchNamespaces=["a","b"]`},
	"namespaced, metrics":         {`watchNamespaces=["a","b"]`, "metrics.authBinding=true", "serviceMonitor.enabled=true"},
	"namespaced, nothing is kept": {`watchNamespaces=["a","b"]`, "crds.keep=false"},
	"no hook":                     {"uninstall.enabled=false"},
	"no metrics":                  {"metrics.enabled=false"},
	"another port":                {"metrics.port=9443"},
	"monitored":                   {"serviceMonitor.enabled=true", `serviceMonitor.interval="30s"`, `serviceMonitor.labels={"release":"prometheus"}`},
	"alerts and a dashboard": {
		"prometheusRule.enabled=true", `prometheusRule.labels={"release":"prometheus"}`,
		"grafanaDashboard.enabled=true", `grafanaDashboard.annotations={"grafana_folder":"Voice"}`,
	},
	"namespaced, alerts": {`watchNamespaces=["a","b"]`, "prometheusRule.enabled=true"},
	"traces":             {`tracing.endpoint="http://collector.observability:4317"`},
	"some traces, to a collector that asks for a token": {
		`tracing={"endpoint":"https://[2001:db8::1]:443","sampler":"traceidratio","samplerArg":"0.1","headersSecret":{"name":"collector"}}`,
	},
	"CRDs are kept":    {"crds.keep=true"},
	"CRDs are others'": {"crds.install=false"},
	"a shard": {
		`fullnameOverride="shard-a"`, "crds.install=false", "rbac.userRoles=false", `watchLabelSelector="voice-shard notin (a,b)"`,
	},
	"an image by its digest": {
		`image={"repository":"registry.example.com:5000/operator","digest":"sha256:` + strings.Repeat("0f", 32) + `"}`,
		`imagePullSecrets=[{"name":"registry"}]`, `image.pullPolicy="Always"`,
	},
	"a service account of another": {"serviceAccount.create=false", `serviceAccount.name="voice"`},
	"a proxy and an authority": {
		"proxyFromEnvironment=true", `extraEnv=[{"name":"HTTPS_PROXY","value":"http://proxy.example.com:3128"},{"name":"SSL_CERT_DIR","value":"/etc/private-ca"}]`,
		`extraVolumes=[{"name":"ca","configMap":{"name":"private-ca"}}]`, `extraVolumeMounts=[{"name":"ca","mountPath":"/etc/private-ca","readOnly":true}]`,
		`networkPolicy.extraEgress=[{"ports":[{"port":3128,"protocol":"TCP"}]}]`,
	},
	"flags": {
		"concurrency=8", `logLevel="debug"`, `allowedBaseURLs=["https://*.signalwire.com","http://voicesim.test:8087"]`,
		`extraArgs=["--leader-election-lease-duration=60s","--leader-election-renew-deadline=50s"]`,
	},
	"scheduling": {
		"replicas=3", `nodeSelector={"kubernetes.io/os":"linux"}`, `tolerations=[{"key":"dedicated","operator":"Exists"}]`,
		`affinity={"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"disk","operator":"Exists"}]}]}}}`,
		"topologySpreadConstraints=[]", `podDisruptionBudget.maxUnavailable="50%"`, `podAnnotations={"a":"b"}`, `podLabels={"team":"voice"}`,
		`resources={"requests":{"cpu":1},"limits":{"memory":"1Gi"}}`,
	},
	"no policies": {"networkPolicy.enabled=false", "podDisruptionBudget.enabled=false"},
	"metrics for some": {
		`networkPolicy.metricsFrom=[{"namespaceSelector":{"matchLabels":{"metrics":"enabled"}}}]`, "networkPolicy.egressPorts=[443,16443]",
	},
}

// TestEveryManifestIsValid applies what is shipped to the API server, with strict field
// validation, and lints the chart with each set of values.
func TestEveryManifestIsValid(t *testing.T) {
	c := newCluster(t)
	for _, namespace := range []string{system, "a", "b"} {
		c.namespace(namespace)
	}
	c.monitoring()
	for name, values := range matrix {
		t.Run(name, func(t *testing.T) {
			lint := append([]string{"lint", chart, "--strict", "--namespace", system}, templateArguments(values...)[5:]...)
			if printed, err := helm(t, lint...); err != nil {
				t.Errorf("%v\n%s", err, printed)
			}
			c.t = t
			c.valid(template(t, values...))
		})
	}
	for _, folder := range []string{"default", "prometheus", "grafana", "samples"} {
		t.Run(folder, func(t *testing.T) {
			c.t = t
			c.valid(kustomize(t, folder))
		})
	}
	t.Run("a field that is not known", func(t *testing.T) {
		c.t = t
		wrong := find(t, template(t), "Deployment", "")
		if err := unstructured.SetNestedField(wrong.Object, true, "spec", "template", "spec", "hostile"); err != nil {
			t.Fatal(err)
		}
		if printed, err := c.apply([]unstructured.Unstructured{wrong}); err == nil || !strings.Contains(printed, "hostile") {
			t.Errorf("%v\n%s", err, printed)
		}
	})
}

// monitoring installs the CRDs of the Prometheus operator, as far as they are used.
func (c *cluster) monitoring() {
	c.t.Helper()
	for _, name := range []string{"servicemonitors.yaml", "prometheusrules.yaml"} {
		content, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			c.t.Fatal(err)
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(content, definition); err != nil {
			c.t.Fatal(err)
		}
		if err := c.admin.Create(c.t.Context(), definition); err != nil {
			c.t.Fatal(err)
		}
		err = testkit.Eventually(c.t.Context(), func() error {
			served := &unstructured.UnstructuredList{}
			served.SetAPIVersion("monitoring.coreos.com/v1")
			served.SetKind(definition.Spec.Names.ListKind)
			return c.admin.List(c.t.Context(), served)
		})
		if err != nil {
			c.t.Fatal(err)
		}
	}
}

// valid has the API server accept objects, and the Pods that Deployment and Job make in a
// namespace that enforces restricted.
func (c *cluster) valid(objects []unstructured.Unstructured) {
	c.t.Helper()
	if len(objects) == 0 {
		c.t.Fatal("no objects")
	}
	if printed, err := c.apply(objects); err != nil {
		c.t.Errorf("%v\n%s", err, printed)
	}
	for _, object := range objects {
		pod := podOf(c.t, object)
		if pod == nil {
			continue
		}
		if err := c.admin.Create(c.t.Context(), pod); err != nil {
			c.t.Errorf("%s: %v", id(object), err)
			continue
		}
		// A Pod that was accepted for another reason would prove nothing.
		privileged := podOf(c.t, object)
		privileged.Spec.SecurityContext.SeccompProfile = nil
		if err := c.admin.Create(c.t.Context(), privileged); !refused(err) {
			c.t.Errorf("%s without a seccomp profile: %v", id(object), err)
		}
		hardened(c.t, object, pod)
	}
}

// hardened checks what the profile restricted does not ask for.
func hardened(t *testing.T, object unstructured.Unstructured, pod *corev1.Pod) {
	t.Helper()
	for _, container := range pod.Spec.Containers {
		security := container.SecurityContext
		if security == nil || security.ReadOnlyRootFilesystem == nil || !*security.ReadOnlyRootFilesystem {
			t.Errorf("%s may write to its root file system", id(object))
		}
		if container.Resources.Limits.Memory().IsZero() || container.Resources.Requests.Cpu().IsZero() {
			t.Errorf("%s has the resources %+v", id(object), container.Resources)
		}
	}
}

// podOf returns a Pod of an object's template, or nil if it has none.
func podOf(t *testing.T, object unstructured.Unstructured) *corev1.Pod {
	t.Helper()
	template, found, err := unstructured.NestedMap(object.Object, "spec", "template")
	if err != nil || !found {
		return nil
	}
	pod := &corev1.Pod{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(template, pod, true); err != nil {
		t.Fatal(err)
	}
	pod.ObjectMeta = metav1.ObjectMeta{Namespace: object.GetNamespace(), GenerateName: object.GetName() + "-", Labels: pod.Labels}
	return pod
}
