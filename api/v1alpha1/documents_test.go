package v1alpha1_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// foreign are the API groups of other projects that the documents show manifests of; the
// local API server has none of their kinds.
var foreign = []string{
	"argoproj.io", "helm.toolkit.fluxcd.io", "kustomize.config.k8s.io", "kustomize.toolkit.fluxcd.io",
	"monitoring.coreos.com", "source.toolkit.fluxcd.io",
}

// documents has the API server judge every manifest in the documents, as samples does
// with those in config/samples: strictly, and without keeping it.
func (s *apiServer) documents(t *testing.T) {
	namespace, err := s.NewNamespace(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	judged := map[string]int{}
	for path, texts := range shownManifests(t) {
		for _, text := range texts {
			object := &unstructured.Unstructured{}
			if err := yaml.UnmarshalStrict([]byte(text), &object.Object); err != nil {
				t.Errorf("%s: %v\n%s", path, err, text)
				continue
			}
			if object.GetAPIVersion() == "" {
				continue // a part of a file: package docs has a test of those
			}
			t.Run(path+" "+object.GetKind()+" "+object.GetName(), func(t *testing.T) {
				s.judge(t, object, namespace)
				judged[object.GetKind()]++
			})
		}
	}
	for _, kind := range []string{"Conference", "ConferenceParticipant", "VoiceAccount"} {
		if judged[kind] == 0 {
			t.Errorf("no document shows a %s", kind)
		}
	}
}

// judge creates an object in a dry run. An object of a kind that is not served has to be
// of a known project, and named.
func (s *apiServer) judge(t *testing.T, object *unstructured.Unstructured, namespace string) {
	t.Helper()
	namespaced, err := s.client.IsObjectNamespaced(object)
	if meta.IsNoMatchError(err) {
		if group := object.GroupVersionKind().Group; !slices.Contains(foreign, group) || object.GetName() == "" {
			t.Errorf("%v is unknown, or has no name", object.GroupVersionKind())
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if namespaced {
		object.SetNamespace(namespace)
	}
	if err := s.client.Create(t.Context(), object, client.DryRunAll); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Errorf("refused: %v", err)
	}
}

// shown is a block of YAML in a document, with its indentation.
var shown = regexp.MustCompile("(?ms)^( *)```ya?ml[^\n]*\n(.*?)^ *```")

// shownManifests returns the manifests in the Markdown files of the repository, by path.
func shownManifests(t *testing.T) map[string][]string {
	t.Helper()
	const root = "../.."
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && slices.Contains([]string{".git", "bin", "dist"}, entry.Name()):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		content, err := os.ReadFile(path)
		name := strings.TrimPrefix(filepath.ToSlash(path), root+"/")
		for _, block := range shown.FindAllStringSubmatch(string(content), -1) {
			text := strings.ReplaceAll("\n"+block[2], "\n"+block[1], "\n")
			found[name] = append(found[name], strings.Split(text, "\n---\n")...)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
