// Command demo shows the conference operator at work, from end to end and
// without an account anywhere: a control plane, a simulated provider and the
// operator start as processes of their own, and step by step participants of a
// conference are declared. Its exit code is 1 if a step fails. With the environment
// variable KEEP set, everything keeps running after the last step.
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

// run starts the environment, runs the steps and stops the environment.
func run(ctx context.Context, out *terminal) (err error) {
	began := time.Now()
	environment, err := startEnvironment(ctx, out)
	defer func() { err = errors.Join(err, environment.stop()) }()
	if err != nil {
		return err
	}
	d := &demo{environment: environment, out: out}
	steps := d.steps()
	for i, step := range steps {
		out.heading(fmt.Sprintf("%d/%d  %s", i+1, len(steps), step.title))
		if err := step.run(ctx); err != nil {
			return fmt.Errorf("step %d (%s): %w%s", i+1, step.title, err, environment.logTails())
		}
	}
	out.passed("All %d steps passed in %.0f s.", len(steps), time.Since(began).Seconds())
	if os.Getenv("KEEP") == "" {
		return nil
	}
	return environment.keep(ctx, out)
}
