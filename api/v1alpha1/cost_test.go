package v1alpha1_test

import (
	"regexp"
	"strconv"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
)

// The API server adds up the estimated costs of all rules of a CRD, and refuses the
// CRD if they exceed a limit. Half of that is left to rules which come later, and to
// API servers that estimate otherwise.
func TestRulesCostLessThanHalfOfTheLimit(t *testing.T) {
	for _, definition := range definitions(t) {
		t.Run(definition.Spec.Names.Kind, func(t *testing.T) {
			if refusals := refusalsOf(t, definition, 1); len(refusals) > 0 {
				t.Errorf("refused with its rules twice: %v", refusals)
			}
			cost := costOf(t, definition)
			t.Logf("the rules cost %d of %d", cost, validation.StaticEstimatedCRDCostLimit)
			if cost <= 0 || cost >= validation.StaticEstimatedCRDCostLimit/2 {
				t.Errorf("the rules cost %d, want less than half of %d", cost, validation.StaticEstimatedCRDCostLimit)
			}
		})
	}
}

var exceeded = regexp.MustCompile(`cost total for entire OpenAPIv3 schema exceeds budget by factor of (more than )?([0-9.]+)x`)

// costOf is the estimated cost of all rules of a CRD. The API server says only how
// many times the limit it is, up to 100 times: so there are as many copies of the
// rules as give the most precise answer.
func costOf(t *testing.T, definition apiextensionsv1.CustomResourceDefinition) (cost int64) {
	t.Helper()
	for copies := int64(1); copies <= 1<<30; copies *= 2 {
		for _, refusal := range refusalsOf(t, definition, copies) {
			found := exceeded.FindStringSubmatch(refusal.Detail)
			switch {
			case found == nil:
			case found[1] != "":
				return cost
			default:
				factor, err := strconv.ParseFloat(found[2], 64)
				if err != nil {
					t.Fatal(err)
				}
				cost = int64(factor * validation.StaticEstimatedCRDCostLimit / float64(copies+1))
			}
		}
	}
	return cost
}

// refusalsOf is what the API server says to a CRD with objects that may have spec and
// status so many times more.
func refusalsOf(t *testing.T, definition apiextensionsv1.CustomResourceDefinition, copies int64) field.ErrorList {
	t.Helper()
	changed := definition.DeepCopy()
	changed.Spec.Conversion = &apiextensionsv1.CustomResourceConversion{Strategy: apiextensionsv1.NoneConverter}
	changed.Status.StoredVersions = []string{changed.Spec.Versions[0].Name}
	schema := changed.Spec.Versions[0].Schema.OpenAPIV3Schema
	more := &apiextensionsv1.JSONSchemaProps{Type: "object", Properties: map[string]apiextensionsv1.JSONSchemaProps{
		"spec": schema.Properties["spec"], "status": schema.Properties["status"],
	}}
	schema.Properties["more"] = apiextensionsv1.JSONSchemaProps{
		Type: "object", MaxProperties: &copies, AdditionalProperties: &apiextensionsv1.JSONSchemaPropsOrBool{Allows: true, Schema: more},
	}
	internal := &apiextensions.CustomResourceDefinition{}
	if err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(changed, internal, nil); err != nil {
		t.Fatal(err)
	}
	return validation.ValidateCustomResourceDefinition(t.Context(), internal)
}
