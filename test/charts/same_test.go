package charts

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/diff"
	"sigs.k8s.io/yaml"
)

// localImage is the image of the kustomization: make deploy and make dist replace it.
const localImage = "conference-operator:latest"

// TestChartAndKustomizationInstallTheSame compares field by field. Only these differ: the
// labels that say what has made an object, and of which version; the image, which is that
// of a release in the chart; the namespace, which helm --create-namespace makes; and what
// Helm creates only while it uninstalls.
func TestChartAndKustomizationInstallTheSame(t *testing.T) {
	rendered, built := byID(template(t)), byID(kustomize(t, "default"))
	if namespace, ok := built["Namespace /"+system]; !ok || namespace.GetLabels()["pod-security.kubernetes.io/enforce"] != "restricted" {
		t.Error("the kustomization has no namespace that enforces restricted")
	}
	delete(built, "Namespace /"+system)
	names := slices.Sorted(maps.Keys(built))
	if got := slices.Sorted(maps.Keys(rendered)); !slices.Equal(got, names) {
		t.Fatalf("the chart has    %q\nkustomization has %q", got, names)
	}
	for _, name := range names {
		if !equality.Semantic.DeepEqual(rendered[name].Object, built[name].Object) {
			t.Errorf("%s differs:\n%s", name, diff.Diff(built[name].Object, rendered[name].Object))
		}
	}
}

// byID returns the objects that stay, without what may differ.
func byID(objects []unstructured.Unstructured) map[string]unstructured.Unstructured {
	found := map[string]unstructured.Unstructured{}
	for _, object := range objects {
		if isHook(object) {
			continue
		}
		labels := object.GetLabels()
		for _, label := range []string{"helm.sh/chart", "app.kubernetes.io/version", "app.kubernetes.io/managed-by"} {
			delete(labels, label)
		}
		object.SetLabels(labels)
		withLocalImage(object)
		found[id(object)] = object
	}
	return found
}

// withLocalImage replaces the image of a Deployment.
func withLocalImage(object unstructured.Unstructured) {
	containers, found, _ := unstructured.NestedSlice(object.Object, "spec", "template", "spec", "containers")
	if !found || object.GetKind() != "Deployment" {
		return
	}
	for i := range containers {
		if container, ok := containers[i].(map[string]any); ok {
			container["image"] = localImage
		}
	}
	_ = unstructured.SetNestedSlice(object.Object, containers, "spec", "template", "spec", "containers")
}

// TestMonitoringIsTheSame compares the extras of the kustomization: the ServiceMonitor, the
// alerts and the dashboard.
func TestMonitoringIsTheSame(t *testing.T) {
	rendered := byID(template(t, "serviceMonitor.enabled=true", "prometheusRule.enabled=true", "grafanaDashboard.enabled=true"))
	for folder, objects := range map[string]int{"prometheus": 2, "grafana": 1} {
		built := byID(kustomize(t, folder))
		if len(built) != objects {
			t.Errorf("%s has %d objects, want %d", folder, len(built), objects)
		}
		for name, object := range built {
			if !equality.Semantic.DeepEqual(rendered[name].Object, object.Object) {
				t.Errorf("%s differs:\n%s", name, diff.Diff(object.Object, rendered[name].Object))
			}
		}
	}
}

// TestEveryValueIsInTheSchema has a default for each property of the schema, and a property
// for each default.
func TestEveryValueIsInTheSchema(t *testing.T) {
	values, schema := map[string]any{}, map[string]any{}
	for name, into := range map[string]*map[string]any{"values.yaml": &values, "values.schema.json": &schema} {
		content, err := os.ReadFile(filepath.Join(chart, name))
		if err == nil {
			err = yaml.Unmarshal(content, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	compare(t, "", values, schema)
}

// compare looks at the values below a path, and at what the schema says of them.
func compare(t *testing.T, path string, values, schema map[string]any) {
	t.Helper()
	properties, _ := schema["properties"].(map[string]any)
	// Helm gives every chart that is a dependency these.
	if path == "" {
		delete(properties, "global")
	}
	if len(properties) == 0 || path == ".resources" {
		return
	}
	if got, want := slices.Sorted(maps.Keys(properties)), slices.Sorted(maps.Keys(values)); !slices.Equal(got, want) {
		t.Errorf("%s.* are %q in the schema and %q in the values", path, got, want)
	}
	if schema["additionalProperties"] != false {
		t.Errorf("%s may have unknown values", path)
	}
	for name, value := range values {
		below, _ := value.(map[string]any)
		inSchema, _ := properties[name].(map[string]any)
		compare(t, path+"."+name, below, inSchema)
	}
}
