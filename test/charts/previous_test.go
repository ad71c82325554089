package charts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// previous returns the chart to upgrade from, as a folder, and where it is from: that of
// the last release that is reachable, or else of the commit before. A shallow clone may
// have neither, and the first commit with a chart has none before it: then it is this
// chart under an older version.
func previous(t *testing.T) (folder, origin string) {
	t.Helper()
	for _, candidate := range []string{lastRelease(t), "HEAD~1"} {
		if folder := extract(t, candidate); folder != "" {
			return folder, candidate
		}
	}
	folder = t.TempDir()
	if err := os.CopyFS(folder, os.DirFS(chart)); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "Chart.yaml")
	content, err := os.ReadFile(path)
	if err == nil {
		var lines []string
		for line := range strings.Lines(string(content)) {
			if strings.HasPrefix(line, "version:") {
				line = "version: 0.0.1\n"
			}
			lines = append(lines, line)
		}
		err = os.WriteFile(path, []byte(strings.Join(lines, "")), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return folder, "an older version of this commit"
}

// lastRelease is the last tag of a release before the commit, or "".
func lastRelease(t *testing.T) string {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), "git", "-C", root, "describe", "--tags", "--abbrev=0", "--match", "v[0-9]*", "HEAD~1").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(output))
}

// extract writes the chart of a commit to a folder, and returns that; "" if the commit or
// its chart is not there.
func extract(t *testing.T, commit string) string {
	t.Helper()
	if commit == "" {
		return ""
	}
	folder := t.TempDir()
	archive := filepath.Join(folder, "chart.tar")
	write := exec.CommandContext(t.Context(), "git", "-C", root, "archive", "--format=tar", "--output="+archive, commit, "charts/conference-operator")
	if err := write.Run(); err != nil {
		return ""
	}
	if output, err := exec.CommandContext(t.Context(), "tar", "-xf", archive, "-C", folder).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", commit, err, output)
	}
	return filepath.Join(folder, "charts", "conference-operator")
}
