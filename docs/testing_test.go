package docs

import (
	"strings"
	"testing"
)

// The lines that start a suite are those of an example that compiles.
func TestTheLinesOfASuiteCompile(t *testing.T) {
	_, lines, found := strings.Cut(read(t, "testing.md"), "```go\n")
	lines, _, closed := strings.Cut(lines, "```")
	if !found || !closed {
		t.Fatal("testing.md has no Go")
	}
	indented := "\t" + strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n\t")
	if !strings.Contains(read(t, "../pkg/conferencetest/example_test.go"), indented+"\n") {
		t.Errorf("the example of package conferencetest has not these lines:\n%s", indented)
	}
}
