package monitoring

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Series are the labels that the series of each metric have.
type Series map[string][]string

var (
	sample = regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? \S+$`)
	pair   = regexp.MustCompile(`([a-zA-Z_][a-zA-Z0-9_]*)="(?:[^"\\]|\\.)*"`)
	// target are labels that Prometheus adds when it reads a process.
	target = []string{"job", "instance"}
)

// Parse reads metrics in the text format in which a manager serves them.
func Parse(text string) Series {
	series := Series{}
	for line := range strings.Lines(text) {
		found := sample.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil {
			continue
		}
		labels := series[found[1]]
		for _, one := range pair.FindAllStringSubmatch(found[2], -1) {
			if !slices.Contains(labels, one[1]) {
				labels = append(labels, one[1])
			}
		}
		series[found[1]] = labels
	}
	return series
}

// Missing returns what expressions ask for that the series don't have, a line each.
func (s Series) Missing(expressions []Expression) (missing []string) {
	for _, expression := range expressions {
		selected := Select(expression.Expr)
		known := slices.Clone(target)
		for _, selector := range selected.Selectors {
			labels, served := s[selector.Metric]
			if !served {
				missing = append(missing, fmt.Sprintf("%s: no metric %s", expression.Where, selector.Metric))
				continue
			}
			known = append(known, labels...)
			for label := range selector.Matchers {
				if !slices.Contains(labels, label) && !slices.Contains(target, label) {
					missing = append(missing, fmt.Sprintf("%s: %s has no label %s", expression.Where, selector.Metric, label))
				}
			}
		}
		for _, label := range selected.Grouped {
			if !slices.Contains(known, label) {
				missing = append(missing, fmt.Sprintf("%s: nothing has the label %s", expression.Where, label))
			}
		}
	}
	return missing
}
