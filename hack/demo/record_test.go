package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The record, which the README's picture is drawn from, has the steps of this demo and
// the manifests that it applies. Run make picture after a change.

func recorded(t *testing.T) []string {
	t.Helper()
	content, err := os.ReadFile("../../docs/images/demo.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(content), "\n")
}

func TestTheRecordHasTheSteps(t *testing.T) {
	var want, found []string
	steps := (&demo{}).steps()
	for i, step := range steps {
		want = append(want, fmt.Sprintf("%d/%d  %s", i+1, len(steps), step.title))
	}
	for _, line := range recorded(t) {
		if regexp.MustCompile(`^[0-9]+/[0-9]+  `).MatchString(line) {
			found = append(found, line)
		}
	}
	if !slices.Equal(found, want) {
		t.Errorf("recorded %q\nwant %q", found, want)
	}
}

// varying is what differs from run to run: SIDs and the simulator's port.
var varying = regexp.MustCompile(`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|127\.0\.0\.1:[0-9]+`)

func TestTheRecordHasTheManifests(t *testing.T) {
	const sid = "0d6a0a7e-3b0a-4a41-8f0f-5c7d2a9b7e21"
	d := &demo{
		environment: &environment{provider: &provider{apiURL: "http://127.0.0.1:1/api/laml", token: "$TOKEN"}}, conference: sid,
		calls: map[string]string{"agent": sid, "listener": sid, "customer": sid, "trainer": sid, "supervisor": sid},
	}
	lines, count := recorded(t), 0
	for i, line := range lines {
		name, applied := strings.CutPrefix(line, "  kubectl apply -f ")
		if !applied {
			continue
		}
		count++
		text, err := d.manifest(strings.TrimSuffix(name, ".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		shown := block(lines[i+1:])
		if varying.ReplaceAllString(shown, "~") != varying.ReplaceAllString(text, "~") {
			t.Errorf("%s is recorded as\n%s\nand is\n%s", name, shown, text)
		}
	}
	if count < 9 {
		t.Errorf("%d manifests were recorded", count)
	}
}

// block returns the lines that are indented as a block, without their indentation.
func block(lines []string) string {
	var shown []string
	for _, line := range lines {
		text, inside := strings.CutPrefix(line, "    ")
		if !inside {
			break
		}
		shown = append(shown, text)
	}
	return strings.Join(shown, "\n")
}
