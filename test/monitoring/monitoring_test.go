package monitoring

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func TestSelect(t *testing.T) {
	for expression, want := range map[string]Selected{
		`absent(a_total)`: {Selectors: []Selector{{Metric: "a_total"}}},
		`sum by (x, y) (rate(a_bucket{b="1,}", c=~"d|e\"f"}[5m]) and on (job) c) > 0.1`: {
			Selectors: []Selector{{"a_bucket", map[string]string{"b": "1,}", "c": `d|e\"f`}}, {Metric: "c"}}, Grouped: []string{"x", "y", "job"},
		},
		"sum(max by (job) (a{})) or vector(0)": {Selectors: []Selector{{"a", map[string]string{}}}, Grouped: []string{"job"}},
		"60 * topk(10, a) == bool 1":           {Selectors: []Selector{{Metric: "a"}}},
	} {
		if found := Select(expression); !reflect.DeepEqual(found, want) {
			t.Errorf("%s: %+v", expression, found)
		}
	}
}

func TestMissing(t *testing.T) {
	series := Parse("# HELP a x{y} 1\n# TYPE a gauge\na{b=\"c d\",e=\"\"} 1\na{f=\"}\"} 1e+06\ng 2\n")
	for expression, want := range map[string][]string{
		`sum by (job, b, e, f) (a{b="c", f!=""})`: nil,
		`h + g{instance=""}`:                      {"here: no metric h"},
		`g{b=""}`:                                 {"here: g has no label b"},
		`sum by (b) (g)`:                          {"here: nothing has the label b"},
	} {
		if found := series.Missing([]Expression{{"here", expression}}); !slices.Equal(found, want) {
			t.Errorf("%s: %q", expression, found)
		}
	}
}

// result are the labels in a template: of an annotation, or of a legend.
var result = regexp.MustCompile(`\{\{ *(?:\$labels\.)?(\w+) *\}\}`)

// TestTemplatesNameLabelsOfTheResult wants each label that a text shows to be one by
// which the expression groups, or one of the process that is read.
func TestTemplatesNameLabelsOfTheResult(t *testing.T) {
	check := func(where, expression, template string) {
		t.Helper()
		known := slices.Concat(target(), Select(expression).Grouped)
		for _, label := range result.FindAllStringSubmatch(template, -1) {
			if !slices.Contains(known, label[1]) {
				t.Errorf("%s shows %s, which no result has", where, label[1])
			}
		}
	}
	alerts, err := Alerts(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, alert := range alerts {
		for _, text := range alert.Annotations {
			check(alert.Name, alert.Expr, text)
		}
	}
	queries, err := Queries(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, query := range queries {
		check(query.Panel, query.Expr, query.Legend)
	}
}

// TestGaugesOfReplicasAreNotAddedUp wants max around every gauge of the operator that each
// replica serves from its cache: all but what a single process counts.
func TestGaugesOfReplicasAreNotAddedUp(t *testing.T) {
	expressions, err := Expressions(root)
	if err != nil {
		t.Fatal(err)
	}
	gauge := regexp.MustCompile(`conference_operator_(?:participants|participants_\w+|account_\w+|conference_\w+|rooms|room_participants|accounts|conferences)\b[^\[]{0,120}?(?:\}|\))`)
	for _, expression := range expressions {
		for _, at := range gauge.FindAllStringIndex(expression.Expr, -1) {
			before := strings.TrimSpace(expression.Expr[:at[0]])
			if !regexp.MustCompile(`(?:max by \([a-z_, ]+\) \(|absent\(|and on \(job, instance\))$`).MatchString(before) {
				t.Errorf("%s adds up, or shows for each replica: %s", expression.Where, expression.Expr)
			}
		}
	}
}

// TestEachAlertIsUnitTested wants promtool to see each alert fire.
func TestEachAlertIsUnitTested(t *testing.T) {
	var tested struct {
		Tests []struct {
			Rules []struct {
				Alert string           `json:"alertname"`
				Fires []map[string]any `json:"exp_alerts"`
			} `json:"alert_rule_test"`
		} `json:"tests"`
	}
	if err := read(&tested, root, "hack", "monitoring", "alerts.yaml"); err != nil {
		t.Fatal(err)
	}
	fires, quiet := map[string]bool{}, map[string]bool{}
	for _, test := range tested.Tests {
		for _, rule := range test.Rules {
			fires[rule.Alert] = fires[rule.Alert] || len(rule.Fires) > 0
			quiet[rule.Alert] = quiet[rule.Alert] || len(rule.Fires) == 0
		}
	}
	alerts, err := Alerts(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, alert := range alerts {
		if !fires[alert.Name] || !quiet[alert.Name] {
			t.Errorf("%s: fires in a test %v, is quiet in one %v", alert.Name, fires[alert.Name], quiet[alert.Name])
		}
	}
}
