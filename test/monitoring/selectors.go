package monitoring

import (
	"regexp"
	"slices"
)

// Selected is what an expression asks of the metrics.
type Selected struct {
	// Selectors are the metrics with what is matched.
	Selectors []Selector
	// Grouped are the labels by which results are grouped or joined.
	Grouped []string
}

// Selector selects series of a metric.
type Selector struct {
	// Metric is the name of the series: of a histogram with its ending.
	Metric string
	// Matchers are the values or patterns, by label.
	Matchers map[string]string
}

var (
	// token is the next part of an expression: a text, a range in brackets, a word, or
	// one character.
	token = regexp.MustCompile(`"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[a-zA-Z_][a-zA-Z0-9_:]*|[0-9.]+[a-z]*|\S`)
	// word is a name of a metric, a label, a function or an operator.
	word = regexp.MustCompile(`^[a-zA-Z_]`)
)

// operators are words between expressions; lists are those before labels.
var (
	operators = []string{"and", "or", "unless", "bool", "offset"}
	lists     = []string{"by", "without", "on", "ignoring", "group_left", "group_right"}
)

// Select reads an expression that promtool has found to be valid.
func Select(expression string) (found Selected) {
	tokens := append(token.FindAllString(expression, -1), "", "")
	for i := 0; i < len(tokens)-2; i++ {
		name, next := tokens[i], tokens[i+1]
		switch {
		case !word.MatchString(name) || slices.Contains(operators, name):
		case slices.Contains(lists, name) && next == "(":
			for i += 2; tokens[i] != ")"; i++ {
				if tokens[i] != "," {
					found.Grouped = append(found.Grouped, tokens[i])
				}
			}
		case next == "(" || slices.Contains(lists, next):
			// A function or an aggregation.
		case next == "{":
			selector := Selector{Metric: name, Matchers: map[string]string{}}
			i = matchers(tokens, i+2, selector.Matchers)
			found.Selectors = append(found.Selectors, selector)
		default:
			found.Selectors = append(found.Selectors, Selector{Metric: name})
		}
	}
	return found
}

// matchers reads what is between braces, and returns where it ends.
func matchers(tokens []string, i int, into map[string]string) int {
	label := ""
	for ; tokens[i] != "}"; i++ {
		switch {
		case word.MatchString(tokens[i]):
			label = tokens[i]
		case tokens[i][0] == '"':
			into[label] = tokens[i][1 : len(tokens[i])-1]
		}
	}
	return i
}
