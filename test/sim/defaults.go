package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	kuberuntime "k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// schemas are the structural schemas of the custom resources, by kind, as in the
// manifests that a cluster is given.
var schemas = sync.OnceValues(func() (map[string]*structuralschema.Structural, error) {
	_, file, _, _ := runtime.Caller(0)
	paths, err := filepath.Glob(filepath.Join(filepath.Dir(file), "..", "..", "config", "crd", "bases", "*.yaml"))
	if err != nil {
		return nil, err
	}
	found := map[string]*structuralschema.Structural{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.UnmarshalStrict(content, definition); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if found[definition.Spec.Names.Kind], err = structuralOf(definition); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	return found, nil
})

func structuralOf(definition *apiextensionsv1.CustomResourceDefinition) (*structuralschema.Structural, error) {
	internal := &apiextensions.JSONSchemaProps{}
	schema := definition.Spec.Versions[0].Schema.OpenAPIV3Schema
	if err := apiextensionsv1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(schema, internal, nil); err != nil {
		return nil, err
	}
	return structuralschema.NewStructural(internal)
}

// setDefaults fills in the defaults of a custom resource with the API server's own
// code. Objects of other kinds stay as they are.
func setDefaults(object client.Object) error {
	var kind string
	switch object.(type) {
	case *v1alpha1.VoiceAccount:
		kind = "VoiceAccount"
	case *Object:
		kind = "ConferenceParticipant"
	case *Room:
		kind = "Conference"
	default:
		return nil
	}
	all, err := schemas()
	if err != nil {
		return err
	}
	content, err := kuberuntime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		return err
	}
	defaulting.PruneNonNullableNullsWithoutDefaults(content, all[kind])
	defaulting.Default(content, all[kind])
	return kuberuntime.DefaultUnstructuredConverter.FromUnstructured(content, object)
}
