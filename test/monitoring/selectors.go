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

// token is the next part of an expression: a text, a range in brackets, a word, or one
// character.
const token = `"(?:[^"\\]|\\.)*"|\[[^\]]*\]|[a-zA-Z_][a-zA-Z0-9_:]*|[0-9.]+[a-z]*|\S`

// isWord reports whether a token is a name of a metric, a label, a function or an operator.
func isWord(token string) bool { return regexp.MustCompile(`^[a-zA-Z_]`).MatchString(token) }

// isOperator reports whether a word stands between expressions.
func isOperator(word string) bool {
	return slices.Contains([]string{"and", "or", "unless", "bool", "offset"}, word)
}

// isBeforeLabels reports whether a list of labels follows a word.
func isBeforeLabels(word string) bool {
	return slices.Contains([]string{"by", "without", "on", "ignoring", "group_left", "group_right"}, word)
}

// Select reads an expression that promtool has found to be valid.
func Select(expression string) (found Selected) {
	tokens := append(regexp.MustCompile(token).FindAllString(expression, -1), "", "")
	for i := 0; i < len(tokens)-2; i++ {
		name, next := tokens[i], tokens[i+1]
		switch {
		case !isWord(name) || isOperator(name):
		case isBeforeLabels(name) && next == "(":
			list := tokens[i+2 : i+2+slices.Index(tokens[i+2:], ")")]
			found.Grouped = append(found.Grouped, slices.DeleteFunc(slices.Clone(list), func(t string) bool { return t == "," })...)
			i += 2 + len(list)
		case next == "(" || isBeforeLabels(next):
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
		case isWord(tokens[i]):
			label = tokens[i]
		case tokens[i][0] == '"':
			into[label] = tokens[i][1 : len(tokens[i])-1]
		}
	}
	return i
}
