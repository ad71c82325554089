package monitoring

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Series are the labels that the series of each metric have.
type Series map[string][]string

const (
	sample = `^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? \S+$`
	pair   = `([a-zA-Z_][a-zA-Z0-9_]*)="(?:[^"\\]|\\.)*"`
)

// target are the labels that Prometheus adds when it reads a process.
func target() []string { return []string{"job", "instance"} }

// Parse reads metrics in the text format in which a manager serves them.
func Parse(text string) Series {
	series, samples, pairs := Series{}, regexp.MustCompile(sample), regexp.MustCompile(pair)
	for line := range strings.Lines(text) {
		found := samples.FindStringSubmatch(strings.TrimSpace(line))
		if found == nil {
			continue
		}
		labels := series[found[1]]
		for _, one := range pairs.FindAllStringSubmatch(found[2], -1) {
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
		selected, known := Select(expression.Expr), target()
		for _, selector := range selected.Selectors {
			known = append(known, s[selector.Metric]...)
			missing = append(missing, s.missing(expression.Where, selector)...)
		}
		for _, label := range selected.Grouped {
			if !slices.Contains(known, label) {
				missing = append(missing, fmt.Sprintf("%s: nothing has the label %s", expression.Where, label))
			}
		}
	}
	return missing
}

// missing returns what one selector asks for that the series don't have.
func (s Series) missing(where string, selector Selector) (missing []string) {
	labels, served := s[selector.Metric]
	if !served {
		return []string{fmt.Sprintf("%s: no metric %s", where, selector.Metric)}
	}
	for label := range selector.Matchers {
		if !slices.Contains(labels, label) && !slices.Contains(target(), label) {
			missing = append(missing, fmt.Sprintf("%s: %s has no label %s", where, selector.Metric, label))
		}
	}
	return missing
}
