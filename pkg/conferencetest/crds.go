package conferencetest

import (
	"maps"
	"slices"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/config/crd"
)

// CRDs returns the CustomResourceDefinitions of all kinds, for the field of that name in
// envtest.Environment. They are those that an installation has. Each call returns new ones.
func CRDs() []*apiextensionsv1.CustomResourceDefinition {
	manifests, err := crd.Manifests()
	if err != nil {
		panic("conferencetest: " + err.Error())
	}
	var definitions []*apiextensionsv1.CustomResourceDefinition
	for _, name := range slices.Sorted(maps.Keys(manifests)) {
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(manifests[name], definition); err != nil {
			panic("conferencetest: parsing " + name + ": " + err.Error())
		}
		definitions = append(definitions, definition)
	}
	return definitions
}
