package monitoring

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sigs.k8s.io/yaml"
)

// Alert is one alert of the PrometheusRule.
type Alert struct {
	// Name is that of the alert, and of its page.
	Name string `json:"alert"`
	// Expr is in PromQL, and For is how long it has to hold; empty for at once.
	Expr string `json:"expr"`
	For  string `json:"for"`
	// Labels and Annotations are templates.
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

// Query is one query of a panel of the dashboard.
type Query struct {
	// Panel is the title of the panel.
	Panel string
	// Expr is in PromQL, with variables of Grafana.
	Expr string `json:"expr"`
	// Legend is a template with the labels of a series.
	Legend string `json:"legendFormat"`
}

// Expression is one expression in PromQL and where it stands.
type Expression struct{ Where, Expr string }

// Alerts returns the alerts, in order.
func Alerts(root string) (alerts []Alert, err error) {
	var rules struct {
		Spec struct {
			Groups []struct {
				Rules []Alert `json:"rules"`
			} `json:"groups"`
		} `json:"spec"`
	}
	err = read(&rules, root, "config", "prometheus", "rules.yaml")
	for _, group := range rules.Spec.Groups {
		alerts = append(alerts, group.Rules...)
	}
	return alerts, some(err, len(alerts), "alerts")
}

// Queries returns the queries of the dashboard, in order.
func Queries(root string) (queries []Query, err error) {
	var dashboard struct {
		Panels []struct {
			Title   string  `json:"title"`
			Targets []Query `json:"targets"`
		} `json:"panels"`
	}
	err = read(&dashboard, root, "config", "grafana", "conference-operator.json")
	for _, panel := range dashboard.Panels {
		for _, query := range panel.Targets {
			query.Panel = panel.Title
			queries = append(queries, query)
		}
	}
	return queries, some(err, len(queries), "queries")
}

// Expressions returns those of the alerts and of the dashboard. root is the directory of
// the repository.
func Expressions(root string) (expressions []Expression, err error) {
	alerts, err := Alerts(root)
	queries, queriesErr := Queries(root)
	for _, alert := range alerts {
		expressions = append(expressions, Expression{"alert " + alert.Name, alert.Expr})
	}
	for _, query := range queries {
		expressions = append(expressions, Expression{"panel " + query.Panel, query.Expr})
	}
	return expressions, errors.Join(err, queriesErr)
}

// read decodes a file in YAML or JSON.
func read(into any, path ...string) error {
	content, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		return fmt.Errorf("reading what is monitored: %w", err)
	}
	return yaml.Unmarshal(content, into)
}

// some returns err, or an error if nothing was found.
func some(err error, count int, what string) error {
	if err == nil && count == 0 {
		return errors.New("there are no " + what)
	}
	return err
}
