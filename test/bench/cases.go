package main

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// benchCase is something to be measured.
type benchCase struct {
	name string
	// size is how many objects there are by default.
	size int
	run  func(ctx context.Context, s *stage, n int, t tempo) ([]result, error)
}

var cases = []benchCase{
	{"burst", 1000, burst},
	{"burst-5000", 5000, burst},
	{"trickle", 10_000, trickle},
	{"fairness", 5000, fairness},
	{"fairness-50", 2000, fairness50},
	{"many", 10_000, many},
	{"idle", 10_000, idle},
	{"drift", 10_000, drift},
	{"restart", 10_000, restart},
	{"revoked", 10_000, revoked},
	{"storm", 1000, storm},
	{"latency", 1000, latency},
	{"deletion", 6000, deletion},
	{"takeover", 1000, takeover},
	{"ghosts", 10_000, ghosts},
	{"finished", 40_000, finished},
	{"rooms", 10_000, rooms},
	{"joins", 500, joins},
	{"rush", 2000, rush},
}

// tempo is how long the phases of the cases take.
type tempo struct {
	// watch is how long idle objects are watched, storm how long the provider
	// refuses, and trickle how long new objects come in.
	watch, storm, trickle time.Duration
	// resync is that of the case idle, in seconds.
	resync int32
	// settle is how long after a change conferences are looked at more often.
	settle time.Duration
	// age is how old rooms are before others join them, rush how long a crowd takes to
	// join one.
	age, rush time.Duration
}

var full = tempo{
	watch: 3 * time.Minute, storm: time.Minute, trickle: 30 * time.Second, resync: 15, settle: 75 * time.Second,
	age: 10 * time.Minute, rush: 10 * time.Second,
}

// run runs a case and names its results.
func (s *stage) run(ctx context.Context, c benchCase, n int, t tempo) ([]result, error) {
	results, err := c.run(ctx, s, n, t)
	for i := range results {
		results[i].Case = fmt.Sprintf("%s %d", c.name, n)
	}
	return results, errors.Join(err, s.stopManagers())
}

func name(i int) string { return fmt.Sprintf("caller-%d", i) }

// wait lets time go by.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
