package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/tsdb"
)

const (
	// step is the distance of two points in a panel, and window what Grafana would fill in
	// for $__rate_interval.
	step   = 5 * time.Second
	window = "30s"
)

// metrics are those of a recording.
type metrics struct {
	scratch    string
	db         *tsdb.DB
	engine     *promql.Engine
	start, end time.Time
}

// points are the values of one series, by its legend.
type points struct {
	Legend string
	Labels map[string]string
	At     []time.Time
	Value  []float64
}

// load reads a recording into a database in a temporary directory.
func load(ctx context.Context, path string) (*metrics, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	m := &metrics{engine: promql.NewEngine(promql.EngineOpts{MaxSamples: 50_000_000, Timeout: time.Minute, LookbackDelta: 10 * time.Second})}
	if m.scratch, err = os.MkdirTemp("", "dashboard-"); err != nil {
		return nil, err
	}
	if m.db, err = tsdb.Open(m.scratch, nil, nil, tsdb.DefaultOptions(), nil); err != nil {
		return nil, err
	}
	for _, scrape := range strings.Split(string(content), "# scrape ")[1:] {
		head, text, _ := strings.Cut(scrape, "\n")
		var at int64
		var job, instance string
		if _, err := fmt.Sscan(head, &at, &job, &instance); err != nil {
			return nil, fmt.Errorf("%q: %w", head, err)
		}
		if err := m.add(ctx, text, at, job, instance); err != nil {
			return nil, err
		}
		m.end = time.UnixMilli(at)
		if m.start.IsZero() {
			m.start = m.end
		}
	}
	return m, nil
}

// add adds one scrape, with the labels of its target.
func (m *metrics) add(ctx context.Context, text string, at int64, job, instance string) error {
	parser, err := textparse.New([]byte(text), "text/plain", nil, textparse.ParserOptions{})
	if err != nil {
		return err
	}
	appender := m.db.Appender(ctx)
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return appender.Commit()
		}
		if err != nil {
			return err
		}
		if entry != textparse.EntrySeries {
			continue
		}
		var found labels.Labels
		parser.Labels(&found)
		_, _, value := parser.Series()
		named := labels.NewBuilder(found).Set("job", job).Set("instance", instance).Labels()
		if _, err := appender.Append(0, named, at, value); err != nil {
			return err
		}
	}
}

// evaluate returns what the queries of a panel find: for a table at a time past the
// middle, at which there is the most to see, else over the whole recording.
func (m *metrics) evaluate(ctx context.Context, p panel) (found []points, err error) {
	for _, target := range p.Targets {
		start, end := m.start, m.end
		if p.Type == "table" {
			start = m.start.Add(m.end.Sub(m.start) * 7 / 10)
			end = start
		}
		query, err := m.engine.NewRangeQuery(ctx, m.db, nil, fill(target.Expr), start, end, step)
		if err != nil {
			return nil, err
		}
		matrix, err := query.Exec(ctx).Matrix()
		if err != nil {
			return nil, err
		}
		for _, series := range matrix {
			found = append(found, pointsOf(series, target.LegendFormat))
		}
		query.Close()
	}
	return found, nil
}

// fill fills in Grafana's variables: everything is shown.
func fill(expr string) string {
	return strings.NewReplacer("$__rate_interval", window, "$job", ".*", "$namespace", ".*").Replace(expr)
}

// pointsOf copies a series.
func pointsOf(series promql.Series, legend string) points {
	p := points{Labels: series.Metric.Map()}
	p.Legend = regexp.MustCompile(`\{\{ *(\w+) *\}\}`).ReplaceAllStringFunc(legend, func(label string) string {
		return p.Labels[strings.Trim(label, "{} ")]
	})
	for _, f := range series.Floats {
		p.At, p.Value = append(p.At, time.UnixMilli(f.T)), append(p.Value, f.F)
	}
	return p
}

// close removes the database.
func (m *metrics) close() error {
	return errors.Join(m.db.Close(), os.RemoveAll(m.scratch))
}

// concat is a buffer that formats.
type concat struct{ bytes.Buffer }

func (c *concat) printf(format string, arguments ...any) { fmt.Fprintf(c, format, arguments...) }
