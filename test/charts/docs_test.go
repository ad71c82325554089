package charts

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestEveryValueIsExplained compares the table in docs/install.md with the values, and what
// its rows name in code with the values below them.
func TestEveryValueIsExplained(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/install.md"))
	if err != nil {
		t.Fatal(err)
	}
	defaults, err := os.ReadFile(filepath.Join(chart, "values.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(defaults, &values); err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Values of the chart\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var named []string
	for _, row := range regexp.MustCompile(`(?m)^\| (\x60.*?) \| (.*) \|$`).FindAllStringSubmatch(section, -1) {
		words := code(row[1])
		named = append(named, words...)
		below, _ := values[words[0]].(map[string]any)
		for name := range below {
			if words[0] != "resources" && !slices.Contains(code(row[2]), name) {
				t.Errorf("%s.%s is not explained", words[0], name)
			}
		}
	}
	for name := range values {
		if !slices.Contains(named, name) {
			t.Errorf("%s is not explained", name)
		}
	}
	for _, name := range named {
		if _, ok := values[name]; !ok {
			t.Errorf("%s is explained and is no value", name)
		}
	}
}

// code returns what a text has as code.
func code(text string) (words []string) {
	for _, match := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		words = append(words, match[1])
	}
	return words
}
