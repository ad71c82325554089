package docs

import (
	"path/filepath"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// printed returns the heads of the tables that kubectl prints of each kind, without and
// with -o wide.
func printed(t *testing.T) map[string]bool {
	t.Helper()
	paths, err := filepath.Glob("../config/crd/bases/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no CRDs (%v)", err)
	}
	heads := map[string]bool{}
	for _, path := range paths {
		definition := apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal([]byte(read(t, path)), &definition); err != nil {
			t.Fatal(err)
		}
		short, wide := "NAME", "NAME"
		for _, column := range definition.Spec.Versions[0].AdditionalPrinterColumns {
			wide += " " + strings.ToUpper(column.Name)
			if column.Priority == 0 {
				short += " " + strings.ToUpper(column.Name)
			}
		}
		heads[short], heads[wide] = true, true
	}
	return heads
}

// Tables that the pages and the record of the demo show have the columns that kubectl
// prints now.
func TestTablesOfKubectl(t *testing.T) {
	heads, texts, count := printed(t), documents(t), 0
	texts["images/demo.txt"] = read(t, "images/demo.txt")
	for path, text := range texts {
		for line := range strings.Lines(text) {
			head := strings.Join(strings.Fields(line), " ")
			if strings.HasPrefix(head, "NAME ") && strings.Contains(head, " READY REASON") {
				count++
				if !heads[head] {
					t.Errorf("%s shows a table with the columns %s", path, head)
				}
			}
		}
	}
	if count < 4 {
		t.Errorf("%d tables were found", count)
	}
}
