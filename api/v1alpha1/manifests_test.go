package v1alpha1_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// samples are accepted as they are, whatever namespace they are applied to.
func (s *apiServer) samples(t *testing.T) {
	found := manifests(t, "samples")
	if len(found) == 0 {
		t.Error("there are no samples")
	}
	for _, object := range found {
		if object.GetKind() == "Kustomization" {
			continue
		}
		object.SetNamespace(s.namespace)
		t.Run(object.GetKind()+" "+object.GetName(), func(t *testing.T) { s.wantCreate(t, object, verdict{}) })
	}
	elsewhere := s.participant(fields{"accountRef": fields{"name": "acme", "namespace": "other"}})
	if err := s.client.Create(t.Context(), elsewhere); !apierrors.IsBadRequest(err) {
		t.Errorf("a reference into another namespace: %v, want it refused", err)
	}
}

// index is the place in a list of a field that was refused.
var index = regexp.MustCompile(`\[[0-9]+\]`)

// everyRuleHasRefused finds the rules of the CRDs that no other test has seen
// at work.
func (s *apiServer) everyRuleHasRefused(t *testing.T) {
	rules := 0
	walkAll(t, func(path string, schema apiextensionsv1.JSONSchemaProps) {
		for _, rule := range schema.XValidations {
			rules++
			field := strings.TrimPrefix(path+rule.FieldPath, ".")
			if !slices.ContainsFunc(s.refusals, func(cause metav1.StatusCause) bool {
				return index.ReplaceAllString(cause.Field, "[]") == field && strings.HasSuffix(cause.Message, rule.Message)
			}) {
				t.Errorf("%s was never refused: %s", field, rule.Message)
			}
		}
	})
	if rules == 0 {
		t.Error("the CRDs have no rules")
	}
}

// A reference into another namespace would be a way around its RBAC, and kubectl
// explain shows the descriptions.
func TestSchemas(t *testing.T) {
	references := 0
	walkAll(t, func(path string, schema apiextensionsv1.JSONSchemaProps) {
		if strings.HasSuffix(path, "Ref") {
			references++
		}
		if strings.HasSuffix(strings.ToLower(path), "namespace") {
			t.Errorf("%s lets an object refer to another namespace", path)
		}
		if schema.Description == "" && path != ".metadata" && !strings.HasSuffix(path, "[]") {
			t.Errorf("%q has no description", path)
		}
	})
	if references != 6 {
		t.Errorf("%d references in the CRDs, want 6", references)
	}
}

type visitor func(path string, schema apiextensionsv1.JSONSchemaProps)

// walkAll visits every field of every kind.
func walkAll(t *testing.T, visit visitor) {
	t.Helper()
	for _, definition := range definitions(t) {
		for _, version := range definition.Spec.Versions {
			walk("", *version.Schema.OpenAPIV3Schema, visit)
		}
	}
}

// definitions are the CRDs of this repository.
func definitions(t *testing.T) (found []apiextensionsv1.CustomResourceDefinition) {
	t.Helper()
	for _, manifest := range manifests(t, "crd", "bases") {
		definition := apiextensionsv1.CustomResourceDefinition{}
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(manifest.Object, &definition); err != nil {
			t.Fatal(err)
		}
		found = append(found, definition)
	}
	return found
}

func walk(path string, schema apiextensionsv1.JSONSchemaProps, visit visitor) {
	visit(path, schema)
	if schema.Items != nil {
		walk(path+"[]", *schema.Items.Schema, visit)
	}
	for name, property := range schema.Properties {
		walk(path+"."+name, property, visit)
	}
}

// manifests are all objects in a directory of config.
func manifests(t *testing.T, directory ...string) []*unstructured.Unstructured {
	t.Helper()
	pattern := filepath.Join(append(append([]string{"..", "..", "config"}, directory...), "*.yaml")...)
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	var found []*unstructured.Unstructured
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(content), len(content))
		for {
			object := &unstructured.Unstructured{}
			err := decoder.Decode(object)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			found = append(found, object)
		}
	}
	return found
}
