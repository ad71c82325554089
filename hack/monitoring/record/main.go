// Command record runs two managers as they are shipped, with a control plane and the
// simulated provider, for five minutes in which everything happens that the dashboard is
// for, and writes their metrics to a file: every 3 s a line "# scrape UNIX-MILLISECONDS
// JOB INSTANCE" for each manager, and its metrics in the text format.
//
// usage: record -bin=DIRECTORY -out=FILE
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

const (
	// length is how long the recording is, and every how often metrics are read.
	length = 300 * time.Second
	every  = 3 * time.Second
)

func main() {
	bin := flag.String("bin", "bin", "directory with the manager")
	out := flag.String("out", "bin/recording.txt", "file to write")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := record(ctx, *bin, *out); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		stop()
		os.Exit(1)
	}
}

// record plays the story and writes the metrics.
func record(ctx context.Context, bin, out string) (err error) {
	s, err := newStage(ctx, bin)
	defer func() { err = errors.Join(err, s.close()) }()
	if err != nil {
		return err
	}
	file, err := os.Create(out) //nolint:gosec // the path is the caller's to choose
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	told := newStory(s)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for began, second := time.Now(), 0; time.Since(began) < length; second++ {
		if err := told.tell(ctx, second); err != nil {
			return fmt.Errorf("after %d s: %w", second, err)
		}
		if second%int(every/time.Second) == 0 {
			if err := s.scrape(ctx, file); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
	return nil
}
