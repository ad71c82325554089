// Package metrics has the operator's Prometheus collectors. The values of labels
// are bounded: operations, classes, states, fields, flaws and types of events are closed
// sets, and accounts are identified by namespace and name. No SID and nothing
// from a response of a provider is ever the value of a label.
package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/voiceops/conference-operator/internal/voice"
)

const namespace = "conference_operator"

// Metrics are the operator's collectors. Create them with New.
type Metrics struct {
	requests    *prometheus.CounterVec
	duration    *prometheus.HistogramVec
	corrections *prometheus.CounterVec
	convergence prometheus.Histogram
	announced   *prometheus.CounterVec
	breaker     *prometheus.GaugeVec
	limiter     prometheus.Histogram
	unreadable  *prometheus.CounterVec
}

// New creates the collectors and registers them. Whenever the metrics are read,
// count counts the participants, and size returns the number of accounts and
// conferences in memory.
func New(registry prometheus.Registerer, count func() Participants, size func() (accounts, conferences int)) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "api_requests_total",
			Help: "Requests to the voice provider, by operation and class of the response.",
		}, []string{"operation", "class"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "api_request_duration_seconds",
			Help:    "How long requests to the voice provider took.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}, []string{"operation"}),
		corrections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "drift_corrections_total",
			Help: "Accepted updates of a field that had been in sync and was changed outside of the operator.",
		}, []string{"field"}),
		convergence: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "convergence_seconds",
			Help:    "Time from when a change of a spec was first seen until it was in sync.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 16),
		}),
		announced:  counter("announcements_total", "Announcements that have ended, by outcome.", "outcome"),
		unreadable: counter("unreadable_rows_total", "Rows of lists of participants that can't be read, by what is wrong with them.", "flaw"),
		breaker: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "account_breaker_open",
			Help: "1 while no requests are sent for an account because it is refused or unavailable.",
		}, []string{"account_namespace", "account_name"}),
		limiter: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "limiter_wait_seconds",
			Help:    "How long updates waited for the account's limits or because the provider asked to wait; 0 without a wait.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 10),
		}),
	}
	begin(m.corrections, "muted", "hold", "coaching")
	begin(m.announced, "accepted", "rejected", "unknown", "expired", "superseded")
	begin(m.unreadable, voice.Flaws()...)
	registry.MustRegister(m.requests, m.duration, m.corrections, m.convergence, m.announced, m.breaker, m.limiter, m.unreadable)
	registry.MustRegister(append(sizes(size), participants(count))...)
	return m
}

// Request records one request to the provider and its duration; it is a
// voice.Observer.
func (m *Metrics) Request(operation voice.Operation, class voice.Class, took time.Duration) {
	m.requests.WithLabelValues(string(operation), string(class)).Inc()
	m.duration.WithLabelValues(string(operation)).Observe(took.Seconds())
}

// Corrected counts the repair of a field, named as in the spec.
func (m *Metrics) Corrected(field string) {
	m.corrections.WithLabelValues(field).Inc()
}

// Announced counts an announcement that has ended. The outcome is accepted,
// rejected, unknown, expired or superseded.
func (m *Metrics) Announced(outcome string) {
	m.announced.WithLabelValues(outcome).Inc()
}

// Converged records how long it took from when a change was first seen until it
// was in sync.
func (m *Metrics) Converged(took time.Duration) {
	m.convergence.Observe(took.Seconds())
}

// BreakerOpen records whether the breaker of an account is open: while it is, no
// requests are sent.
func (m *Metrics) BreakerOpen(namespace, name string, open bool) {
	m.breaker.WithLabelValues(namespace, name).Set(zeroOrOne(open))
}

// ForgetAccount removes the series of an account that was deleted.
func (m *Metrics) ForgetAccount(namespace, name string) {
	m.breaker.DeleteLabelValues(namespace, name)
}

// Waited records how long an update waited for the limits; 0 if it did not.
func (m *Metrics) Waited(wait time.Duration) {
	m.limiter.Observe(wait.Seconds())
}

// counter creates a counter with labels.
func counter(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

// begin has a counter show each value of its label from the start, at 0: Prometheus takes no
// first appearance for an increase.
func begin[T ~string](counter *prometheus.CounterVec, values ...T) {
	for _, value := range values {
		counter.WithLabelValues(string(value))
	}
}

// Unreadable counts a row of a list that can't be read, by its flaw.
func (m *Metrics) Unreadable(flaw string) {
	m.unreadable.WithLabelValues(flaw).Inc()
}

// sizes are gauges of what the process keeps in memory.
func sizes(size func() (accounts, conferences int)) []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: namespace, Name: "accounts", Help: "VoiceAccounts in memory.",
		}, func() float64 {
			accounts, _ := size()
			return float64(accounts)
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: namespace, Name: "conferences", Help: "Conferences that are polled.",
		}, func() float64 {
			_, conferences := size()
			return float64(conferences)
		}),
	}
}
