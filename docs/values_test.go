package docs

import (
	"maps"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"
)

// chart has the values of the chart, with their defaults.
const chart = "../charts/conference-operator/values.yaml"

// unknown returns the keys of values that the defaults do not have. An empty default may
// get keys of any name.
func unknown(values, defaults map[string]any, path string) (keys []string) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		standard, known := defaults[key]
		below, nested := values[key].(map[string]any)
		deeper, _ := standard.(map[string]any)
		switch {
		case !known:
			keys = append(keys, path+key)
		case nested && len(deeper) > 0:
			keys = append(keys, unknown(below, deeper, path+key+".")...)
		}
	}
	return keys
}

// What a page shows in YAML is a manifest, which the tests of the API apply, or values of
// the chart, which the chart has.
func TestValuesOfTheChart(t *testing.T) {
	matches(t, "(?ms)^( *)```ya?ml[^\n]*\n(.*?)^ *```", func(path string, groups []string) {
		var shown, defaults map[string]any
		if err := yaml.Unmarshal([]byte(groups[2]), &shown); err != nil {
			t.Errorf("%s: %v\n%s", path, err, groups[2])
		}
		if shown["apiVersion"] != nil {
			return
		}
		if err := yaml.Unmarshal([]byte(read(t, chart)), &defaults); err != nil {
			t.Fatal(err)
		}
		if keys := unknown(shown, defaults, ""); len(keys) > 0 || len(shown) == 0 {
			t.Errorf("%s shows YAML that is no manifest, and the chart has no values %q:\n%s", path, keys, groups[2])
		}
	})
}

func TestUnknownValuesAreFound(t *testing.T) {
	var defaults, shown map[string]any
	err := yaml.Unmarshal([]byte("a: 1\nb: {c: 2, d: {}}\n"), &defaults)
	if err == nil {
		err = yaml.Unmarshal([]byte("a: 2\nb: {c: 3, d: {any: thing}, e: 4}\nf: {g: 5}\n"), &shown)
	}
	if err != nil {
		t.Fatal(err)
	}
	if keys := unknown(shown, defaults, ""); !slices.Equal(keys, []string{"b.e", "f"}) {
		t.Errorf("%q", keys)
	}
}
