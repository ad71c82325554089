// Command demo shows the conference operator at work, from end to end and
// without an account anywhere: a control plane, a simulated provider and the
// operator start as processes of their own, and step by step participants of a
// conference are declared. It ends with exit code 1 if a step fails; with
// KEEP=1 it stays up after the last one.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

func main() {
	logf.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, newTerminal(os.Stdout))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run sets the stage, plays the steps and strikes the stage.
func run(ctx context.Context, out *terminal) (err error) {
	began := time.Now()
	stage, err := setStage(ctx, out)
	defer func() { err = errors.Join(err, stage.strike()) }()
	if err != nil {
		return err
	}
	s := &story{stage: stage, out: out}
	steps := s.steps()
	for i, step := range steps {
		out.heading(fmt.Sprintf("%d/%d  %s", i+1, len(steps), step.title))
		if err := step.play(ctx); err != nil {
			return fmt.Errorf("step %d (%s): %w%s", i+1, step.title, err, stage.lastWords())
		}
	}
	out.passed("All %d steps passed in %.0f s.", len(steps), time.Since(began).Seconds())
	if os.Getenv("KEEP") == "" {
		return nil
	}
	return stage.stay(ctx, out)
}
