package docs

import (
	"strings"
	"testing"
)

// goLines returns the first block of Go on a page.
func goLines(t *testing.T, path string) string {
	t.Helper()
	_, lines, found := strings.Cut(read(t, path), "```go\n")
	lines, _, closed := strings.Cut(lines, "```")
	if !found || !closed {
		t.Fatalf("%s shows no Go", path)
	}
	return lines
}

// The README shows the lines that the page on testing explains, which are compiled.
func TestTheREADMEShowsTheLinesOfASuite(t *testing.T) {
	if shown, explained := goLines(t, "../README.md"), goLines(t, "testing.md"); shown != explained {
		t.Errorf("the README shows\n%s\nand testing.md explains\n%s", shown, explained)
	}
}
