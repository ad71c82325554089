package main

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instructions returns those of the Dockerfile, with continued lines joined.
func instructions(t *testing.T) (found [][]string) {
	t.Helper()
	content, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(strings.ReplaceAll(string(content), "\\\n", " ")) {
		if fields := strings.Fields(line); len(fields) > 0 && !strings.HasPrefix(fields[0], "#") {
			found = append(found, fields)
		}
	}
	return found
}

// The classic builder has no flags of RUN, FROM --platform without a value, no
// heredocs, no syntax lines, and no variables but those that are declared.
func TestTheImageBuildsWithoutBuildKit(t *testing.T) {
	content, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`(?mi)^#\s*(syntax|check|escape)\s*=`).Match(content) {
		t.Error("it has a line for the parser")
	}
	var stage []string
	for _, instruction := range instructions(t) {
		name, rest := instruction[0], instruction[1:]
		switch name {
		case "FROM":
			stage = nil
		case "ARG":
			for _, argument := range rest {
				name, _, hasDefault := strings.Cut(argument, "=")
				if !hasDefault {
					t.Errorf("ARG %s has no default", name)
				}
				stage = append(stage, name)
			}
		case "COPY", "RUN", "WORKDIR", "USER", "ENTRYPOINT":
		default:
			t.Errorf("%s: not among the instructions that this test knows to be plain", name)
		}
		line := strings.Join(instruction, " ")
		if strings.Contains(line, "<<") {
			t.Errorf("a heredoc: %s", line)
		}
		for _, word := range rest {
			if strings.HasPrefix(word, "--") && (name != "COPY" || !strings.HasPrefix(word, "--from=")) {
				t.Errorf("the flag %s: %s", word, line)
			}
			// The rest of an ENTRYPOINT or RUN are the program's own flags.
			if !strings.HasPrefix(word, "--") {
				break
			}
		}
		for _, variable := range regexp.MustCompile(`\$\{?(\w+)`).FindAllStringSubmatch(line, -1) {
			if !slices.Contains(stage, variable[1]) {
				t.Errorf("$%s is not declared in this stage: %s", variable[1], line)
			}
		}
	}
}

func TestTheImageHasTheVersionOfItsTag(t *testing.T) {
	var build string
	for _, instruction := range instructions(t) {
		if line := strings.Join(instruction, " "); strings.Contains(line, "go build") {
			build = line
		}
	}
	if !strings.Contains(build, "-X main.release=$VERSION") {
		t.Errorf("the build sets no version: %s", build)
	}
	for image, want := range map[string]string{
		"conference-operator:latest":                        "latest",
		"registry.example.com/conference-operator:v1.2.3":   "v1.2.3",
		"registry.example.com:5000/a/conference-operator:1": "1",
		"registry.example.com:5000/a/conference-operator":   "latest",
	} {
		printed, err := exec.CommandContext(t.Context(), "make", "--silent", "--dry-run", "-C", "../..", "docker-build", "IMG="+image).CombinedOutput()
		if err != nil || !strings.Contains(string(printed), "docker build --build-arg VERSION="+want+" --tag "+image+" .") {
			t.Errorf("%s: %s (%v), want version %s", image, printed, err, want)
		}
	}
}

func TestTheVersionIsThatOfTheRelease(t *testing.T) {
	built := version()
	if built == "" || strings.ContainsAny(built, " \n") {
		t.Errorf("without a release the version is %q", built)
	}
	release = "v1.2.3"
	defer func() { release = "" }()
	if got := version(); got != "v1.2.3" {
		t.Errorf("the version is %q", got)
	}
}
