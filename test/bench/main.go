package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/go-logr/logr"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
)

func main() {
	logf.SetLogger(logr.Discard())
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures the cases that were asked for, prints the table and writes the
// JSON.
func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	names := flags.String("case", "", "comma-separated `cases`; all if empty")
	size := flags.Int("n", 0, "objects; each case's own number if 0")
	bin := flags.String("bin", "bin", "`folder` with manager and voicesim")
	file := flags.String("json", "", "`file` for the results as JSON; none if empty")
	if err := flags.Parse(arguments); errors.Is(err, flag.ErrHelp) {
		return nil
	} else if err != nil {
		return err
	}
	chosen, err := choose(*names)
	if err != nil {
		return err
	}
	results := []result{}
	for _, c := range chosen {
		n := *size
		if n == 0 {
			n = c.size
		}
		fmt.Fprintf(os.Stderr, "%s, %d objects\n", c.name, n)
		measured, err := measure(ctx, c, n, *bin)
		results = append(results, measured...)
		for _, r := range measured {
			fmt.Fprintf(os.Stderr, "  %s: %s %s %s\n", r.Figure, number(r.Value), r.Unit, r.Note)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", c.name, err), report(os.Stdout, results, *file))
		}
	}
	return report(os.Stdout, results, *file)
}

// measure runs one case on a stage of its own.
func measure(ctx context.Context, c benchCase, n int, bin string) (_ []result, err error) {
	s, err := newStage(ctx, bin)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	return s.run(ctx, c, n, full)
}

func choose(names string) ([]benchCase, error) {
	if names == "" {
		return cases, nil
	}
	var chosen []benchCase
	for name := range strings.SplitSeq(names, ",") {
		found := false
		for _, c := range cases {
			if c.name == name {
				chosen, found = append(chosen, c), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no case %q", name)
		}
	}
	return chosen, nil
}

// report prints the results as a table and writes them as JSON.
func report(out io.Writer, results []result, file string) error {
	table(out, results)
	if file == "" {
		return nil
	}
	content, err := json.MarshalIndent(map[string]any{"machine": machine(), "results": results}, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(content, '\n'), 0o600)
}
