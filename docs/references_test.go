package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// documents returns the texts that people wrote, by path.
func documents(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, pattern := range []string{"../*.md", "*.md", "decisions/*.md", "runbooks/*.md"} {
		paths, err := filepath.Glob(pattern)
		if err != nil || len(paths) == 0 {
			t.Fatalf("no documents as %s (%v)", pattern, err)
		}
		for _, path := range paths {
			texts[path] = read(t, path)
		}
	}
	return texts
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// table returns the rows of the first table of a section, by column, without
// marks of code.
func table(t *testing.T, path, heading string) (rows []map[string]string) {
	t.Helper()
	_, section, _ := strings.Cut(read(t, path), "# "+heading+"\n")
	var columns []string
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		switch {
		case strings.HasPrefix(line, "| ---"):
		case strings.HasPrefix(line, "|") && columns == nil:
			columns = cells
		case strings.HasPrefix(line, "|"):
			if len(cells) != len(columns) {
				t.Fatalf("%s, %s: %d cells, want %d: %s", path, heading, len(cells), len(columns), line)
			}
			row := map[string]string{}
			for i, cell := range cells {
				row[strings.TrimSpace(columns[i])] = strings.ReplaceAll(strings.TrimSpace(cell), "`", "")
			}
			rows = append(rows, row)
		case columns != nil:
			return rows
		}
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no table under %s", path, heading)
	}
	return rows
}

// matches calls use with each match of a pattern in each document.
func matches(t *testing.T, pattern string, use func(path string, groups []string)) {
	t.Helper()
	count := 0
	for path, text := range documents(t) {
		for _, groups := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			count++
			use(path, groups)
		}
	}
	if count == 0 {
		t.Errorf("no document has %s", pattern)
	}
}

func TestManifests(t *testing.T) {
	found := map[string]int{}
	matches(t, "(?ms)^( *)```yaml\n(.*?)^ *```", func(path string, groups []string) {
		text := strings.ReplaceAll("\n"+groups[2], "\n"+groups[1], "\n")
		for manifest := range strings.SplitSeq(text, "\n---\n") {
			var kind metav1.TypeMeta
			if err := yaml.Unmarshal([]byte(manifest), &kind); err != nil {
				t.Errorf("%s: %v\n%s", path, err, manifest)
			}
			var object any
			switch kind.APIVersion + " " + kind.Kind {
			case v1alpha1.GroupVersion.String() + " ConferenceParticipant":
				object = &v1alpha1.ConferenceParticipant{}
			case v1alpha1.GroupVersion.String() + " Conference":
				object = &v1alpha1.Conference{}
			case v1alpha1.GroupVersion.String() + " VoiceAccount":
				object = &v1alpha1.VoiceAccount{}
			case "v1 Secret":
				object = &corev1.Secret{}
			default:
				t.Errorf("%s has a manifest of the unknown kind %s", path, kind)
				continue
			}
			if err := yaml.UnmarshalStrict([]byte(manifest), object); err != nil {
				t.Errorf("%s: %v\n%s", path, err, manifest)
			}
			found[kind.Kind]++
		}
	})
	if found["Conference"] == 0 || found["ConferenceParticipant"] == 0 || found["VoiceAccount"] == 0 {
		t.Errorf("the documents show %v", found)
	}
}

func TestLinks(t *testing.T) {
	matches(t, `\]\(([^)#]*)(?:#([^)]*))?\)`, func(path string, groups []string) {
		if strings.Contains(groups[1], "://") {
			return
		}
		target := filepath.Join(filepath.Dir(path), groups[1])
		if groups[1] == "" {
			target = path
		}
		if _, err := os.Stat(target); err != nil {
			t.Errorf("%s links to %s: %v", path, groups[1], err)
		}
		if groups[2] != "" && !slices.Contains(anchors(read(t, target)), groups[2]) {
			t.Errorf("%s links to %s, which has no #%s", path, groups[1], groups[2])
		}
	})
}

// anchors returns the names under which the headings of a text are linked to.
func anchors(text string) (names []string) {
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		name := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

func TestPathsExist(t *testing.T) {
	matches(t, "`((?:api|cmd|config|docs|hack|internal|test)/[a-zA-Z0-9_./-]*)`", func(path string, groups []string) {
		if _, err := os.Stat(filepath.Join("..", groups[1])); err != nil {
			t.Errorf("%s names %s: %v", path, groups[1], err)
		}
	})
}

func TestMakeTargetsExist(t *testing.T) {
	makefile := read(t, "../Makefile")
	matches(t, "(?m)(?:^ *|`)make((?: [a-z][a-z-]*)+)", func(path string, groups []string) {
		for target := range strings.FieldsSeq(groups[1]) {
			if !strings.Contains(makefile, "\n"+target+":") {
				t.Errorf("%s names make %s", path, target)
			}
		}
	})
}

// tests returns the names of all tests of this repository.
func tests(t *testing.T) (names []string) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, "_test.go") {
			for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)`).FindAllStringSubmatch(read(t, path), -1) {
				names = append(names, name[1])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestTestsExist(t *testing.T) {
	declared := tests(t)
	matches(t, "`(Test[A-Z0-9]\\w*)`", func(path string, groups []string) {
		if !slices.Contains(declared, groups[1]) {
			t.Errorf("%s names the test %s", path, groups[1])
		}
	})
}

// The rules in the table are those that tests are named after, and each row
// names such a test.
func TestRules(t *testing.T) {
	rule := regexp.MustCompile(`R[0-9]+|TestOnce`)
	named := func(text string) (rules []string) {
		for _, found := range rule.FindAllString(text, -1) {
			rules = append(rules, strings.TrimPrefix(found, "Test"))
		}
		return rules
	}
	var documented, want []string
	for _, row := range table(t, "rules.md", "Rules") {
		documented = append(documented, row["Rule"])
		if !slices.Contains(named(row["Tests"]), row["Rule"]) {
			t.Errorf("no test named after %s: %s", row["Rule"], row["Tests"])
		}
	}
	for _, name := range tests(t) {
		want = append(want, named(name)...)
	}
	same(t, "rules", documented, want)
}
