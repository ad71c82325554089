package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// clockTick is the unit in which Linux counts processor time.
const clockTick = 10 * time.Millisecond

// processor is how long a process has been computing.
func processor(pid int) (time.Duration, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	// The name of the program, in parentheses, may have spaces in it.
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	user, err := strconv.Atoi(fields[11])
	if err != nil {
		return 0, err
	}
	system, err := strconv.Atoi(fields[12])
	return time.Duration(user+system) * clockTick, err
}

// resident is the memory that a process has, in MiB, and peak the most that it had.
func resident(pid int) (float64, error) { return memoryOf(pid, "VmRSS:") }

func peak(pid int) (float64, error) { return memoryOf(pid, "VmHWM:") }

func memoryOf(pid int, what string) (float64, error) {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(content)) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == what {
			kib, err := strconv.ParseFloat(fields[1], 64)
			return kib / 1024, err
		}
	}
	return 0, fmt.Errorf("process %d has no memory", pid)
}

// held is what a manager keeps after a garbage collection.
type held struct {
	heap                              float64
	goroutines, accounts, conferences int
}

func (m *manager) held(ctx context.Context) (held, error) {
	for range 2 {
		// The second collection frees what the first one has finalized.
		if _, err := fetch(ctx, http.DefaultClient, m.pprof+"/heap?gc=1&debug=1"); err != nil {
			return held{}, err
		}
	}
	content, err := fetch(ctx, http.DefaultClient, m.metrics)
	value := func(name string) float64 { return sum(content, name, nil) }
	return held{
		heap: value("go_memstats_heap_alloc_bytes") / (1 << 20), goroutines: int(value("go_goroutines")),
		accounts: int(value("conference_operator_accounts")), conferences: int(value("conference_operator_conferences")),
	}, err
}

// rested is what a manager holds when it has written the last events, too.
func (sc *scene) rested(ctx context.Context, m *manager) (held, error) {
	if _, err := sc.quiet(ctx); err != nil {
		return held{}, err
	}
	return m.held(ctx)
}
