package advice

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

// documented returns the rows of docs/reasons.md about a kind, as reason and who acts.
func documented(t *testing.T, kind string) map[string]string {
	t.Helper()
	content, err := os.ReadFile("../../../docs/reasons.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(content), "\n## "+kind+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	rows := map[string]string{}
	for _, line := range strings.Split(section, "\n") {
		if cells := strings.Split(line, "|"); len(cells) == 7 && strings.HasPrefix(strings.TrimSpace(cells[3]), "`") {
			rows[strings.Trim(strings.TrimSpace(cells[3]), "`")] += strings.TrimSpace(cells[5])
		}
	}
	if len(rows) == 0 {
		t.Fatalf("no reasons of %s are documented", kind)
	}
	return rows
}

func kinds() []string { return []string{Participant, Conference, Account} }

// Each documented state has advice, and nothing else has.
func TestAdviceForEachDocumentedReason(t *testing.T) {
	for _, kind := range kinds() {
		rows := documented(t, kind)
		for reason, acts := range rows {
			found, known := For(Subject{Kind: kind}, reason)
			if !known {
				t.Errorf("%s %s has no advice", kind, reason)
				continue
			}
			if (found.Actor == None) != (strings.HasPrefix(acts, "Nobody") && !strings.Contains(acts, ".The author")) && reason != v1alpha1.ReasonParticipantLeft {
				t.Errorf("%s %s: %s acts, documented is %q", kind, reason, found.Actor, acts)
			}
		}
		for _, reason := range Reasons(kind) {
			if rows[reason] == "" {
				t.Errorf("%s %s has advice and is not documented", kind, reason)
			}
		}
	}
}

// Every reason of the API is one of some kind, and each advice says who acts and what to
// type.
func TestAdviceForEachReasonOfTheAPI(t *testing.T) {
	for _, reason := range v1alpha1.Reasons() {
		if !slices.ContainsFunc(kinds(), func(kind string) bool { return slices.Contains(Reasons(kind), reason) }) {
			t.Errorf("%s has no advice", reason)
		}
	}
	subject := Subject{Namespace: "support", Name: "agent", Account: "acme", Secret: "hosts"}
	for _, kind := range kinds() {
		subject.Kind = kind
		for _, reason := range Reasons(kind) {
			checkAdvice(t, subject, reason)
		}
	}
}

func checkAdvice(t *testing.T, subject Subject, reason string) {
	t.Helper()
	found, _ := For(subject, reason)
	what := subject.Kind + " " + reason
	if !strings.HasSuffix(found.Meaning, ".") {
		t.Errorf("%s: the meaning is no sentence: %q", what, found.Meaning)
	}
	if found.Actor != None && (found.Do == "" || len(found.Commands) == 0) {
		t.Errorf("%s: %s has nothing to do or to type", what, found.Actor)
	}
	for _, command := range append(found.Commands, found.Do) {
		if regexp.MustCompile(`\{[a-z]+\}`).MatchString(command) {
			t.Errorf("%s: a name is not filled in: %s", what, command)
		}
	}
	for _, command := range found.Commands {
		if !strings.HasPrefix(command, "kubectl ") {
			t.Errorf("%s: %q is no command", what, command)
		}
	}
}

func TestAdviceOfNothing(t *testing.T) {
	if _, known := For(Subject{Kind: "Pod"}, v1alpha1.ReasonInSync); known {
		t.Error("a Pod has advice")
	}
	if _, known := For(Subject{Kind: Account}, v1alpha1.ReasonInSync); known {
		t.Error("a reason of another kind has advice")
	}
	found, _ := For(Subject{Kind: Account, Account: "acme", Namespace: "support"}, v1alpha1.ReasonSecretNotFound)
	if !strings.Contains(found.Commands[0], "SECRET -n support") {
		t.Errorf("a Secret that is not known: %s", found.Commands[0])
	}
}
