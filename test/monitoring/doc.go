// Package monitoring reads the alerts in config/prometheus and the dashboard in
// config/grafana, and compares what they ask for with the metrics that a manager serves:
// every metric has to be there, with every label that is matched or grouped by.
package monitoring
