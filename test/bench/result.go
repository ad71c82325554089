package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// The bounds of a result.
const (
	most  = "≤"
	least = "≥"
	exact = "="
)

// result is one figure of a case.
type result struct {
	// Case and Figure name it, with the number of objects.
	Case   string `json:"case"`
	Figure string `json:"figure"`
	// Value is what was measured, in Unit.
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	// Aim is what is aimed at, and Bound how: "≤", "≥" or "="; nil is a figure
	// without an aim.
	Aim   *float64 `json:"aim,omitempty"`
	Bound string   `json:"bound,omitempty"`
	// Counts says that it is no timing: it holds on every machine.
	Counts bool `json:"counts,omitempty"`
	// Note says what the figure is made of.
	Note string `json:"note,omitempty"`
}

// Met says whether the aim is met; a figure without one is.
func (r result) Met() bool {
	switch {
	case r.Aim == nil:
		return true
	case r.Bound == least:
		return r.Value >= *r.Aim
	case r.Bound == exact:
		return r.Value == *r.Aim
	default:
		return r.Value <= *r.Aim
	}
}

// figure is a result without an aim.
func figure(name string, value float64, unit string) result {
	return result{Figure: name, Value: value, Unit: unit}
}

func (r result) atMost(aim float64) result {
	r.Aim, r.Bound = &aim, most
	return r
}

func (r result) atLeast(aim float64) result {
	r.Aim, r.Bound = &aim, least
	return r
}

// exactly aims at a count that must be neither more nor less.
func exactly(name string, value, want int) result {
	aim := float64(want)
	r := figure(name, float64(value), "").counted()
	r.Aim, r.Bound = &aim, exact
	return r
}

// timed says that a count depends on what coincides: it is reported, and not checked by
// small runs.
func (r result) timed() result {
	r.Counts = false
	return r
}

func (r result) counted() result {
	r.Counts = true
	return r
}

func (r result) with(format string, values ...any) result {
	r.Note = fmt.Sprintf(format, values...)
	return r
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// percentiles are the figures of a latency, with the aims for p50 and p99; 0 is
// none.
func percentiles(name string, took []time.Duration, p50, p99 float64) []result {
	slices.Sort(took)
	at := func(share float64) float64 {
		if len(took) == 0 {
			return 0
		}
		return ms(took[min(int(share*float64(len(took))), len(took)-1)])
	}
	half, nearly := figure(name+", p50", at(0.5), "ms"), figure(name+", p99", at(0.99), "ms")
	if p50 > 0 {
		half = half.atMost(p50)
	}
	if p99 > 0 {
		nearly = nearly.atMost(p99)
	}
	return []result{half, nearly.with("%d samples, longest %.0f ms", len(took), at(1))}
}

// table prints the results for people.
func table(out io.Writer, results []result) {
	fmt.Fprintln(out, machine())
	columns := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(columns, "CASE\tFIGURE\tVALUE\tUNIT\tAIM\tMET\tNOTE")
	for _, r := range results {
		aim, met := "", ""
		if r.Aim != nil {
			aim, met = r.Bound+" "+number(*r.Aim), map[bool]string{true: "yes", false: "NO"}[r.Met()]
		}
		fmt.Fprintln(columns, strings.Join([]string{r.Case, r.Figure, number(r.Value), r.Unit, aim, met, r.Note}, "\t"))
	}
	_ = columns.Flush()
}

func number(value float64) string {
	if value >= 100 || value == float64(int(value)) {
		return fmt.Sprintf("%.0f", value)
	}
	return fmt.Sprintf("%.2f", value)
}

// machine names what the figures were measured on.
func machine() string {
	model := "an unknown processor"
	if content, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if found := regexp.MustCompile(`model name\s*: (.*)`).FindSubmatch(content); found != nil {
			model = string(found[1])
		}
	}
	return fmt.Sprintf("%d × %s, %s/%s, %s", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version())
}
