package main

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/go-logr/logr"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

// small is enough to count what a case sends and writes.
var small = tempo{
	watch: 3 * time.Second, storm: 4 * time.Second, trickle: time.Second, resync: 5, settle: 4 * time.Second,
	age: time.Second, rush: time.Second,
}

// programs are where the manager and the simulator were built.
var programs string

func TestMain(m *testing.M) {
	logf.SetLogger(logr.Discard())
	code, err := withPrograms(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func withPrograms(run func() int) (code int, err error) {
	if programs, err = os.MkdirTemp("", "conference-programs-"); err != nil {
		return 0, err
	}
	defer func() { _ = os.RemoveAll(programs) }()
	build := exec.Command("go", "build", "-o", programs+"/", "../../cmd/...")
	if said, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, said)
	}
	return run(), nil
}

// newTestStage is for all tests of a run.
func newTestStage(t *testing.T) *stage {
	t.Helper()
	s, err := newStage(t.Context(), programs)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestCases runs each case with few objects, and checks what is no timing: how
// often the provider was called and the API server written to.
func TestCases(t *testing.T) {
	s := newTestStage(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			results, err := s.run(t.Context(), c, 24, small)
			if err != nil {
				t.Fatal(err)
			}
			counts := 0
			for _, r := range results {
				if !r.Counts {
					continue
				}
				counts++
				if !r.Met() {
					t.Errorf("%s: %v %s (%s)", r.Figure, r.Value, r.Unit, r.Note)
				}
			}
			if counts == 0 {
				t.Error("nothing was counted")
			}
		})
	}
}
