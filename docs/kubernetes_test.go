package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// since is the minor version of Kubernetes 1 from which a feature of CRDs is on by
// default, by what shows it in a manifest.
var since = map[string]int{
	`(?m)^\s+selectableFields:`:         31,
	`(?m)^\s+-? ?fieldPath:`:            28,
	`(?m)^\s+x-kubernetes-validations:`: 25,
	// None of the rest is used; a test of the least version that begins to fail says
	// that one is now.
	`(?m)^\s+-? ?optionalOldSelf:`:             29,
	`(?m)^\s+-? ?messageExpression:`:           27,
	`rule: .*\bquantity\(`:                     29,
	`rule: .*\b(ip|cidr|isIP|isCIDR)\(`:        31,
	`rule: .*\bformat\.`:                       32,
	`rule: .*\b(semver|isSemver)\(`:            34,
	`rule: .*\.(sort|sortBy|distinct|first)\(`: 34,
}

// The least version of Kubernetes is what the CRDs need, and is named where people
// install.
func TestTheLeastKubernetesIsNamed(t *testing.T) {
	paths, err := filepath.Glob("../config/crd/bases/*.yaml")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no CRDs (%v)", err)
	}
	least := 0
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for feature, minor := range since {
			if regexp.MustCompile(feature).Match(content) {
				least = max(least, minor)
			}
		}
	}
	if chart := read(t, "../charts/conference-operator/Chart.yaml"); !strings.Contains(chart, fmt.Sprintf("\nkubeVersion: \">=1.%d.0-0\"\n", least)) {
		t.Errorf("the chart has another least version than 1.%d", least)
	}
	named := regexp.MustCompile(`Kubernetes 1\.(\d+) or (?:newer|later)`)
	for _, path := range []string{"../README.md", "operations.md", "support.md"} {
		versions := named.FindAllStringSubmatch(read(t, path), -1)
		for _, version := range versions {
			if version[1] != strconv.Itoa(least) {
				t.Errorf("%s names %s, and the CRDs need 1.%d", path, version[0], least)
			}
		}
		if len(versions) == 0 {
			t.Errorf("%s does not name the least Kubernetes", path)
		}
	}
}

// The version that the page on support calls tested is that of the client library, which
// the API server of the tests is built with.
func TestTheTestedKubernetesIsNamed(t *testing.T) {
	library := regexp.MustCompile(`k8s.io/client-go v0\.(\d+)\.`).FindStringSubmatch(read(t, "../go.mod"))
	server := regexp.MustCompile(`k8s.io/kubernetes v1\.(\d+)\.`).FindStringSubmatch(read(t, "../hack/controlplane/go.mod"))
	if library == nil || server == nil || library[1] != server[1] {
		t.Fatalf("client-go %q, API server %q", library, server)
	}
	page := read(t, "support.md")
	for _, line := range []string{"| 1." + library[1] + " | Tested", "`k8s.io/client-go` v0." + library[1] + ")", "| after 1." + library[1] + " |"} {
		if !strings.Contains(page, line) {
			t.Errorf("support.md lacks %q", line)
		}
	}
}
