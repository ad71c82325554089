package gitops

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// manifests are those in a file of the repository.
func manifests(t *testing.T, path string) (found []string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("../..", path))
	if err != nil {
		t.Fatal(err)
	}
	for manifest := range strings.SplitSeq("\n"+string(content), "\n---\n") {
		found = append(found, manifest)
	}
	return found
}

// read reads a manifest, in which every field must be known.
func read(t *testing.T, manifest string, object any) {
	t.Helper()
	if err := yaml.UnmarshalStrict([]byte(manifest), object); err != nil {
		t.Fatalf("%v in %s", err, manifest)
	}
}

// wantOverlay checks that a path is that of a kustomization in this repository.
func wantOverlay(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join("../..", path, "kustomization.yaml")); err != nil {
		t.Error(err)
	}
}

// named is a reference to an object.
type named struct {
	APIVersion string `json:"apiVersion,omitempty"`
	Kind       string `json:"kind,omitempty"`
	Name       string `json:"name"`
	Namespace  string `json:"namespace,omitempty"`
}

// overlay is a Kustomization of Flux, with the fields that the example has. The API of Flux
// is not imported: its dependencies are others than those of this repository, and all of
// Kubernetes would be compiled twice.
type overlay struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec struct {
		Interval      metav1.Duration `json:"interval"`
		RetryInterval metav1.Duration `json:"retryInterval"`
		Timeout       metav1.Duration `json:"timeout"`
		Prune         bool            `json:"prune"`
		Wait          bool            `json:"wait"`
		Path          string          `json:"path"`
		SourceRef     named           `json:"sourceRef"`
		DependsOn     []named         `json:"dependsOn"`
		HealthChecks  []named         `json:"healthChecks"`
		Images        []struct {
			Name    string `json:"name"`
			NewName string `json:"newName"`
			NewTag  string `json:"newTag"`
		} `json:"images"`
	} `json:"spec"`
}

// wantRelease checks that the image of config/default is replaced by that of the chart's
// release, and that the manifests are those of the same.
func wantRelease(t *testing.T, name, image, revision string) {
	t.Helper()
	var chart struct {
		AppVersion string `json:"appVersion"`
	}
	if err := yaml.Unmarshal([]byte(manifests(t, "charts/conference-operator/Chart.yaml")[0]), &chart); err != nil {
		t.Fatal(err)
	}
	if name != "conference-operator" || image != "ghcr.io/voiceops/conference-operator:"+chart.AppVersion || revision != chart.AppVersion {
		t.Errorf("%s becomes %s of %s, want that of %s", name, image, revision, chart.AppVersion)
	}
	if !strings.Contains(strings.Join(manifests(t, "config/manager/deployment.yaml"), ""), "image: "+name+":") {
		t.Errorf("the Deployment has no image %s", name)
	}
}

func TestTheExampleForFlux(t *testing.T) {
	var source struct {
		named    `json:",inline"`
		Metadata named `json:"metadata"`
		Spec     struct {
			Ref struct {
				Tag string `json:"tag"`
			} `json:"ref"`
		} `json:"spec"`
	}
	all := manifests(t, "config/gitops/flux.yaml")
	if err := yaml.Unmarshal([]byte(all[0]), &source); err != nil || source.Kind != "GitRepository" {
		t.Fatalf("the first object is %+v (%v)", source, err)
	}
	before := map[string]bool{}
	for _, manifest := range all[1:] {
		var found overlay
		read(t, manifest, &found)
		wantOverlay(t, found.Spec.Path)
		if found.Spec.SourceRef.Name != source.Metadata.Name {
			t.Errorf("%s has the source %s", found.Name, found.Spec.SourceRef.Name)
		}
		if !found.Spec.Wait && len(found.Spec.HealthChecks) == 0 {
			t.Errorf("%s waits for nothing", found.Name)
		}
		if len(found.Spec.DependsOn) != len(before) {
			t.Errorf("%s depends on %v, want %v", found.Name, found.Spec.DependsOn, before)
		}
		for _, dependency := range found.Spec.DependsOn {
			if !before[dependency.Name] {
				t.Errorf("%s depends on %s", found.Name, dependency.Name)
			}
		}
		for _, image := range found.Spec.Images {
			wantRelease(t, image.Name, image.NewName+":"+image.NewTag, source.Spec.Ref.Tag)
		}
		if strings.HasSuffix(found.Spec.Path, "/default") != (len(found.Spec.Images) == 1) {
			t.Errorf("%s has the images %v", found.Name, found.Spec.Images)
		}
		for _, check := range found.Spec.HealthChecks {
			wantObject(t, check.Kind, check.Name)
		}
		before[found.Name] = true
	}
}

// wantObject checks that the installation has an object.
func wantObject(t *testing.T, kind, name string) {
	t.Helper()
	var found metav1.PartialObjectMetadata
	manifest := manifests(t, "config/manager/"+strings.ToLower(kind)+".yaml")[0]
	if err := yaml.Unmarshal([]byte(manifest), &found); err != nil || found.Kind != kind || found.Name != name {
		t.Errorf("there is no %s %s but %s %s (%v)", kind, name, found.Kind, found.Name, err)
	}
}

// application is what the example has of an Application of Argo CD.
type application struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`

	Spec struct {
		Source struct {
			Path           string `json:"path"`
			TargetRevision string `json:"targetRevision"`
			Kustomize      struct {
				Images []string `json:"images"`
			} `json:"kustomize"`
		} `json:"source"`
	} `json:"spec"`
}

func TestTheExampleForArgoCD(t *testing.T) {
	var waves []string
	for _, manifest := range manifests(t, "config/gitops/argocd.yaml") {
		var found application
		if err := yaml.Unmarshal([]byte(manifest), &found); err != nil {
			t.Fatal(err)
		}
		wantOverlay(t, found.Spec.Source.Path)
		source := found.Spec.Source
		for _, image := range source.Kustomize.Images {
			name, replaced, _ := strings.Cut(image, "=")
			wantRelease(t, name, replaced, source.TargetRevision)
		}
		if strings.HasSuffix(source.Path, "/default") != (len(source.Kustomize.Images) == 1) {
			t.Errorf("%s has the images %v", found.Name, source.Kustomize.Images)
		}
		waves = append(waves, found.Annotations["argocd.argoproj.io/sync-wave"])
	}
	for _, file := range []string{"account", "room"} {
		var found metav1.PartialObjectMetadata
		if err := yaml.Unmarshal([]byte(manifests(t, "config/gitops/support/"+file+".yaml")[0]), &found); err != nil {
			t.Fatal(err)
		}
		waves = append(waves, found.Annotations["argocd.argoproj.io/sync-wave"])
	}
	if got := strings.Join(waves, " "); got != "0 1 0 1" {
		t.Errorf("the waves are %s", got)
	}
}

// testExamplesAreStored has the API server store the objects of the examples, in which every
// field must be known.
func testExamplesAreStored(t *testing.T, stored *store) {
	namespace, err := stored.plane.NewNamespace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	strict := client.WithFieldValidation(stored.client, metav1.FieldValidationStrict)
	for _, file := range []string{"account", "room"} {
		object := &unstructured.Unstructured{}
		read(t, manifests(t, "config/gitops/support/"+file+".yaml")[0], &object.Object)
		object.SetNamespace(namespace)
		if err := strict.Create(t.Context(), object); err != nil {
			t.Error(err)
		}
		if object.GetAPIVersion() != v1alpha1.GroupVersion.String() {
			t.Errorf("%s is of %s", file, object.GetAPIVersion())
		}
	}
}
