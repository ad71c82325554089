package release

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// workflow is what is read of a workflow.
type workflow struct {
	Jobs map[string]struct {
		Strategy struct{ Matrix struct{ Target []string } }
		Steps    []struct{ Run, Uses string }
	}
}

// TestWorkflowsCallMake has each job call targets that are there, so that what a workflow
// does can be done anywhere, and has each action pinned to a commit.
func TestWorkflowsCallMake(t *testing.T) {
	targets := map[string]bool{}
	for _, target := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(content(t, "Makefile"), -1) {
		targets[target[1]] = true
	}
	paths, err := filepath.Glob(filepath.Join(root, ".github/workflows/*.yaml"))
	if err != nil || len(paths) < 3 {
		t.Fatalf("%q (%v)", paths, err)
	}
	for _, path := range paths {
		var read workflow
		if err := yaml.Unmarshal([]byte(content(t, strings.TrimPrefix(path, root+"/"))), &read); err != nil {
			t.Fatal(err)
		}
		called := calls(read)
		if len(called) == 0 {
			t.Errorf("%s calls no target", path)
		}
		for _, target := range called {
			if !targets[target] {
				t.Errorf("%s calls make %s, which is not there", path, target)
			}
		}
		for _, used := range uses(read) {
			if !regexp.MustCompile(`@[0-9a-f]{40}$`).MatchString(used) {
				t.Errorf("%s uses %s, which is not a commit", path, used)
			}
		}
	}
}

// calls returns the targets that a workflow calls: by name, or from the matrix of the job.
func calls(read workflow) (targets []string) {
	for _, job := range read.Jobs {
		for _, step := range job.Steps {
			call, found := strings.CutPrefix(step.Run, "make ")
			if found && strings.TrimSpace(call) == "${{ matrix.target }}" {
				call = strings.Join(job.Strategy.Matrix.Target, " ")
			}
			if found {
				targets = append(targets, strings.Fields(call)...)
			}
		}
	}
	return targets
}

// uses returns the actions of a workflow.
func uses(read workflow) (actions []string) {
	for _, job := range read.Jobs {
		for _, step := range job.Steps {
			if step.Uses != "" {
				actions = append(actions, step.Uses)
			}
		}
	}
	return actions
}
