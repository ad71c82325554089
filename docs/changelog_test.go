package docs

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// versions returns the sections of a page under headings of a level, by heading.
func versions(text, level string) (names []string, sections map[string]string) {
	sections = map[string]string{}
	for part := range strings.SplitSeq("\n"+text, "\n"+level+" ") {
		name, body, _ := strings.Cut(part, "\n")
		names, sections[name] = append(names, name), body
	}
	return names[1:], sections
}

// The changelog has the form of Keep a Changelog, and each version that changes something
// has its notes for upgrades.
func TestChangelog(t *testing.T) {
	released := regexp.MustCompile(`^v\d+\.\d+\.\d+, \d{4}-\d\d-\d\d$`)
	names, sections := versions(read(t, "../CHANGELOG.md"), "##")
	if len(names) == 0 || names[0] != "Unreleased" {
		t.Fatalf("the versions are %q", names)
	}
	notes, _ := versions(read(t, "upgrade.md"), "###")
	for i, name := range names {
		if i > 0 && !released.MatchString(name) {
			t.Errorf("%q is no version with its date", name)
		}
		kinds, entries := versions(sections[name], "###")
		for _, kind := range kinds {
			if !slices.Contains([]string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}, kind) || !strings.Contains(entries[kind], "\n- ") {
				t.Errorf("%s: %q has no entries, or is no kind of change", name, kind)
			}
		}
		version, _, _ := strings.Cut(name, ",")
		if slices.Contains(kinds, "Changed") && !slices.Contains(notes, version) {
			t.Errorf("upgrade.md has no notes for %s", version)
		}
	}
}

// Variables that the documents give to make are those of the Makefile and of its scripts.
func TestMakeVariablesExist(t *testing.T) {
	makefile := read(t, "../Makefile") + read(t, "../hack/uninstall/objects")
	matches(t, "(?m)(?:^ *|`)make((?: [a-z-]+)*(?: [A-Z]+=[^\\s`]*)+)", func(path string, groups []string) {
		for _, variable := range regexp.MustCompile(`([A-Z]+)=`).FindAllStringSubmatch(groups[1], -1) {
			if !regexp.MustCompile(`\b` + variable[1] + `\b`).MatchString(makefile) {
				t.Errorf("%s gives make the variable %s", path, variable[1])
			}
		}
	})
}
