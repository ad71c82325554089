// Package charts has the tests of what is installed: the chart, the kustomization and the
// files of a release, against a local API server. They need Helm and kustomize, which
// make test-charts builds.
package charts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

const (
	root    = "../.."
	chart   = root + "/charts/conference-operator"
	release = "conference-operator"
	system  = "conference-operator-system"
	// limit is how long one command may take.
	limit = 5 * time.Minute
)

// command returns a command with an environment of its own for Helm.
func command(ctx context.Context, home, path string, arguments ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, path, arguments...)
	c.Env = append(os.Environ(), "HELM_CACHE_HOME="+home, "HELM_CONFIG_HOME="+home, "HELM_DATA_HOME="+home)
	return c
}

// tool returns the path of a tool that make has built.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, "bin", name))
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("%s is missing: run `make test-charts` (%v)", name, err)
	}
	return path
}

// helm runs Helm, and returns what it prints.
func helm(t *testing.T, arguments ...string) (printed string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	output, err := command(ctx, t.TempDir(), tool(t, "helm"), arguments...).CombinedOutput()
	return string(output), err
}

// template renders the chart with values as --set takes them; it fails the test if that is
// an error.
func template(t *testing.T, values ...string) []unstructured.Unstructured {
	t.Helper()
	printed, err := helm(t, templateArguments(values...)...)
	if err != nil {
		t.Fatalf("%q: %v\n%s", values, err, printed)
	}
	return parse(t, printed)
}

func templateArguments(values ...string) []string {
	arguments := []string{"template", release, chart, "--namespace", system}
	for _, value := range values {
		arguments = append(arguments, "--set-json", value)
	}
	return arguments
}

// kustomize builds a folder of config.
func kustomize(t *testing.T, folder string) []unstructured.Unstructured {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), tool(t, "kustomize"), "build", filepath.Join(root, "config", folder)).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", folder, err, output)
	}
	return parse(t, string(output))
}

// parse reads manifests.
func parse(t *testing.T, text string) (objects []unstructured.Unstructured) {
	t.Helper()
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewBufferString(text), 4096)
	for {
		object := unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			return objects
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if len(object.Object) > 0 {
			objects = append(objects, object)
		}
	}
}

// isHook reports whether Helm creates an object only for a moment.
func isHook(object unstructured.Unstructured) bool {
	return object.GetAnnotations()["helm.sh/hook"] != ""
}

// id names an object among those of an installation.
func id(object unstructured.Unstructured) string {
	return fmt.Sprintf("%s %s/%s", object.GetKind(), object.GetNamespace(), object.GetName())
}

// find returns the only object of a kind whose name has a suffix.
func find(t *testing.T, objects []unstructured.Unstructured, kind, suffix string) unstructured.Unstructured {
	t.Helper()
	var found []unstructured.Unstructured
	for _, object := range objects {
		if object.GetKind() == kind && strings.HasSuffix(object.GetName(), suffix) {
			found = append(found, object)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d objects of the kind %s with a name that ends in %q", len(found), kind, suffix)
	}
	return found[0]
}
