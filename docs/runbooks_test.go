package docs

import (
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/test/monitoring"
)

const pagesURL = "https://github.com/voiceops/conference-operator/blob/main/docs/runbooks/"

// alerts returns the alerts by name.
func alerts(t *testing.T) map[string]monitoring.Alert {
	t.Helper()
	found, err := monitoring.Alerts("..")
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]monitoring.Alert{}
	for _, alert := range found {
		byName[alert.Name] = alert
	}
	if len(byName) != len(found) {
		t.Error("two alerts have one name")
	}
	return byName
}

// TestEachAlertHasItsPage and each page its alert.
func TestEachAlertHasItsPage(t *testing.T) {
	var pages, listed, want []string
	paths, err := filepath.Glob("runbooks/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if name := strings.TrimSuffix(filepath.Base(path), ".md"); name != "README" {
			pages = append(pages, name)
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| \[(\w+)\]\((\w+)\.md\) \| (\w+) \|`).FindAllStringSubmatch(read(t, "runbooks/README.md"), -1) {
		listed = append(listed, row[1])
		if severity := alerts(t)[row[1]].Labels["severity"]; row[1] != row[2] || row[3] != severity {
			t.Errorf("%s is listed as %s of severity %s, want %s", row[1], row[2], row[3], severity)
		}
	}
	for name, alert := range alerts(t) {
		want = append(want, name)
		if url := alert.Annotations["runbook_url"]; url != pagesURL+name+".md" {
			t.Errorf("%s leads to %q", name, url)
		}
		if alert.Annotations["summary"] == "" || alert.Annotations["description"] == "" {
			t.Errorf("%s has no summary or no description", name)
		}
	}
	same(t, "pages", pages, want)
	same(t, "pages that are listed", listed, want)
}

// TestPagesSayWhatToDo wants each page to have its parts, and to say of the alert what the
// rule says.
func TestPagesSayWhatToDo(t *testing.T) {
	for name, alert := range alerts(t) {
		after := "at once"
		if alert.For != "" {
			after = "after " + strings.TrimSuffix(alert.For, "m") + " min"
		}
		text := read(t, "runbooks/"+name+".md")
		head := "# " + name + "\n\nSeverity " + alert.Labels["severity"] + ", " + after + ".\n"
		if !strings.HasPrefix(text, head) {
			t.Errorf("%s does not begin with\n%s", name, head)
		}
		parts := strings.Split(text, "\n## ")
		var titles []string
		for _, part := range parts[1:] {
			title, body, _ := strings.Cut(part, "\n")
			titles = append(titles, title)
			if len(strings.Fields(body)) < 3 {
				t.Errorf("%s, %s: next to nothing", name, title)
			}
		}
		if want := []string{"What it means", "What people on the phone notice", "What to look at", "What to do"}; !slices.Equal(titles, want) {
			t.Errorf("%s has the parts %q", name, titles)
			continue
		}
		if !strings.Contains(parts[3], "```sh\nkubectl ") || !strings.Contains(parts[4], "\n- ") {
			t.Errorf("%s has no command to look with, or nothing to do", name)
		}
	}
}

// TestPagesNameFieldsThatExist follows each path of a field of ours in a command.
func TestPagesNameFieldsThatExist(t *testing.T) {
	kinds := map[string]reflect.Type{
		"cpart": reflect.TypeFor[v1alpha1.ConferenceParticipant](), "va": reflect.TypeFor[v1alpha1.VoiceAccount](),
		"conf": reflect.TypeFor[v1alpha1.Conference](),
	}
	command := regexp.MustCompile(`(?m)^ *kubectl .*?\b(?:get|patch) (cpart|va|conf)\b.*$`)
	path := regexp.MustCompile(`[:{]\.((?:spec|status)[a-zA-Z.]*)`)
	patched := regexp.MustCompile(`"([a-zA-Z]+)":`)
	checked := 0
	for name := range alerts(t) {
		for _, found := range command.FindAllStringSubmatch(read(t, "runbooks/"+name+".md"), -1) {
			for _, field := range path.FindAllStringSubmatch(found[0], -1) {
				checked++
				if missing := follow(kinds[found[1]], strings.Split(strings.Trim(field[1], "."), ".")); missing != "" {
					t.Errorf("%s: %s has no %s: %s", name, found[1], missing, found[0])
				}
			}
			if steps := patched.FindAllStringSubmatch(found[0], -1); len(steps) > 1 {
				checked++
				if missing := follow(kinds[found[1]], []string{steps[0][1], steps[1][1]}); missing != "" {
					t.Errorf("%s: %s has no %s: %s", name, found[1], missing, found[0])
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d fields are named", checked)
	}
}

// follow returns the first step of a path that a type does not have, by its names in JSON.
func follow(kind reflect.Type, path []string) (missing string) {
	for _, step := range path {
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
			kind = kind.Elem()
		}
		if kind.Kind() != reflect.Struct {
			return step
		}
		next, found := fieldOf(kind, step)
		if !found {
			return step
		}
		kind = next
	}
	return ""
}

// fieldOf returns the type of a field by its name in JSON, also one of a struct that is
// inlined.
func fieldOf(kind reflect.Type, name string) (reflect.Type, bool) {
	for field := range kind.Fields() {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if tag == name {
			return field.Type, true
		}
		if inner := field.Type; tag == "" && field.Anonymous && inner.Kind() == reflect.Struct {
			if found, ok := fieldOf(inner, name); ok {
				return found, true
			}
		}
	}
	return nil, false
}

// TestWhatIsMatchedCanBe wants each value that an alert or a panel matches of a label of
// ours to be one that the label has.
func TestWhatIsMatchedCanBe(t *testing.T) {
	known, label := map[string][]string{}, ""
	for _, row := range table(t, "metrics.md", "Labels") {
		if row["Label"] != "" {
			label = row["Label"]
		}
		known[label] = append(known[label], strings.Split(row["Value"], ", ")...)
	}
	known["reason"] = append(known["reason"], v1alpha1.Reasons()...)
	expressions, err := monitoring.Expressions("..")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, expression := range expressions {
		for _, selector := range monitoring.Select(expression.Expr).Selectors {
			for label, pattern := range selector.Matchers {
				if known[label] == nil {
					continue
				}
				for alternative := range strings.SplitSeq(pattern, "|") {
					checked++
					if !slices.ContainsFunc(known[label], regexp.MustCompile(`^(?:`+alternative+`)$`).MatchString) {
						t.Errorf("%s: %s is never %s", expression.Where, label, alternative)
					}
				}
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d values are matched", checked)
	}
}
