// Command dashboard draws a dashboard of Grafana as SVG, from metrics that were recorded
// by hack/monitoring/record: each query of each panel is evaluated by Prometheus's own
// engine. It draws what this project's dashboard has: rows, stats, time series and tables.
// A query that fails, and a panel that is empty, is an error.
//
// Without a recording the queries are only parsed.
//
// usage: dashboard -dashboard=FILE [-recording=FILE [-svg=FILE]]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/prometheus/prometheus/promql/parser"
)

// dashboard is what is read of Grafana's JSON.
type dashboard struct {
	Title  string  `json:"title"`
	Panels []panel `json:"panels"`
}

// panel is one panel.
type panel struct {
	Type    string `json:"type"`
	Title   string `json:"title"`
	GridPos struct{ X, Y, W, H float64 }
	Targets []struct {
		Expr         string `json:"expr"`
		LegendFormat string `json:"legendFormat"`
	} `json:"targets"`
	FieldConfig struct {
		Defaults struct {
			Unit       string `json:"unit"`
			Thresholds struct {
				Steps []struct {
					Color string   `json:"color"`
					Value *float64 `json:"value"`
				} `json:"steps"`
			} `json:"thresholds"`
			Custom struct {
				Stacking struct {
					Mode string `json:"mode"`
				} `json:"stacking"`
			} `json:"custom"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

func main() {
	recording := flag.String("recording", "", "metrics that were recorded; none if empty")
	source := flag.String("dashboard", "", "dashboard of Grafana, as JSON")
	svg := flag.String("svg", "", "file to draw into; none if empty")
	flag.Parse()
	if err := run(context.Background(), *recording, *source, *svg); err != nil {
		fmt.Fprintln(os.Stderr, "dashboard:", err)
		os.Exit(1)
	}
}

// run reads a dashboard, evaluates all panels, and draws them.
func run(ctx context.Context, recording, source, svg string) (err error) {
	content, err := os.ReadFile(source) //nolint:gosec // the path is the caller's to choose
	if err != nil {
		return err
	}
	var board dashboard
	if err := json.Unmarshal(content, &board); err != nil {
		return err
	}
	if recording == "" {
		return board.parse()
	}
	metrics, err := load(ctx, recording)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, metrics.close()) }()
	picture, err := board.draw(ctx, metrics)
	if svg == "" || picture == nil {
		return err
	}
	return errors.Join(err, os.WriteFile(svg, picture.bytes(), 0o644)) //nolint:gosec // a picture for everybody
}

// draw draws all panels; the error names those that are empty.
func (d dashboard) draw(ctx context.Context, from *metrics) (*picture, error) {
	drawn, empty := newPicture(d, from.start, from.end), []string(nil)
	for _, p := range d.Panels {
		found, err := from.evaluate(ctx, p)
		if err != nil {
			return nil, fmt.Errorf("panel %s: %w", p.Title, err)
		}
		if p.Type != "row" && len(found) == 0 {
			empty = append(empty, p.Title)
		}
		drawn.draw(p, found)
	}
	if len(empty) > 0 {
		return drawn, fmt.Errorf("these panels are empty: %q", empty)
	}
	return drawn, nil
}

// parse returns an error for each query that is no PromQL.
func (d dashboard) parse() error {
	var problems []error
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			if _, err := parser.NewParser(parser.Options{}).ParseExpr(fill(target.Expr)); err != nil {
				problems = append(problems, fmt.Errorf("panel %s: %w", p.Title, err))
			}
		}
	}
	return errors.Join(problems...)
}
