package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// others are flags of programs that are not built here, which the documents name.
var others = strings.Fields(`
	all all-namespaces all-pods as build-arg check clusterrole context create-namespace dry-run field-manager field-selector for
	force-conflicts from-literal help ignore-not-found kubeconfig list namespace no-hooks output overwrite patch-file prefix replace replicas repo
	request-timeout reuse-values selector serviceaccount server-side set set-json show-managed-fields skip-crds tag tail take-ownership
	timeout type validate values version wait`)

// declared returns the flags of the programs in cmd: those of the manager from their
// table, which TestFlags compares with its help, the others from the sources.
func declared(t *testing.T) (names []string) {
	t.Helper()
	for _, row := range table(t, "operations.md", "Flags") {
		names = append(names, strings.TrimPrefix(row["Flag"], "--"))
	}
	files, err := filepath.Glob("../cmd/*/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no programs (%v)", err)
	}
	for _, file := range files {
		for _, found := range regexp.MustCompile(`"([a-z][a-z0-9-]+)"|  --([a-z][a-z0-9-]+) `).FindAllStringSubmatch(read(t, file), -1) {
			names = append(names, found[1]+found[2])
		}
	}
	return names
}

// Every flag that the documents name is one of a program that is built here, or is known
// to be of another one.
func TestFlagsExist(t *testing.T) {
	known := append(declared(t), others...)
	matches(t, `(?m)(?:^|[\s"'(\x60])--([a-z][a-z0-9-]+)`, func(path string, groups []string) {
		if !slices.Contains(known, groups[1]) {
			t.Errorf("%s names the flag --%s", path, groups[1])
		}
	})
}

// Every sample is named on a page, which says what it shows.
func TestSamplesAreNamed(t *testing.T) {
	entries, err := os.ReadDir("../config/samples")
	if err != nil {
		t.Fatal(err)
	}
	all := ""
	for _, text := range documents(t) {
		all += text
	}
	for _, entry := range entries {
		if name := entry.Name(); name != "kustomization.yaml" && !strings.Contains(all, name) {
			t.Errorf("no page names the sample %s", name)
		}
	}
}
