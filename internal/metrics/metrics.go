// Package metrics holds the collectors of the operator. Labels are bounded:
// operations, classes, states and fields are closed sets, accounts are named as
// in Kubernetes; no SID and nothing a provider says is ever a label.
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
}

// New creates the collectors and registers them. count counts the participants
// by state whenever the metrics are read, and size the accounts and conferences.
func New(registry prometheus.Registerer, count func() map[string]int, size func() (accounts, conferences int)) *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "api_requests_total",
			Help: "Requests to the voice provider, by operation and class of the answer.",
		}, []string{"operation", "class"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: namespace, Name: "api_request_duration_seconds",
			Help:    "How long requests to the voice provider took.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}, []string{"operation"}),
		corrections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "drift_corrections_total",
			Help: "Updates that repaired a field which somebody else had changed.",
		}, []string{"field"}),
		convergence: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "convergence_seconds",
			Help:    "Time from when a change of a spec was first seen until it was in sync.",
			Buckets: prometheus.ExponentialBuckets(0.005, 2, 16),
		}),
		announced: prometheus.NewCounterVec(prometheus.CounterOpts{
			Namespace: namespace, Name: "announcements_total",
			Help: "Announcements that are done with, by what became of them.",
		}, []string{"outcome"}),
		breaker: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Namespace: namespace, Name: "account_breaker_open",
			Help: "1 while no requests are sent for an account because it is refused or unavailable.",
		}, []string{"account_namespace", "account_name"}),
		limiter: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "limiter_wait_seconds",
			Help:    "How long updates waited for the account's limits or a provider that asked to wait; 0 where they did not.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 10),
		}),
	}
	registry.MustRegister(m.requests, m.duration, m.corrections, m.convergence, m.announced, m.breaker, m.limiter, participants(count))
	registry.MustRegister(sizes(size)...)
	return m
}

// Request counts one request to the provider; it is a voice.Observer.
func (m *Metrics) Request(operation voice.Operation, class voice.Class, took time.Duration) {
	m.requests.WithLabelValues(string(operation), string(class)).Inc()
	m.duration.WithLabelValues(string(operation)).Observe(took.Seconds())
}

// Corrected counts the repair of a field, named as in the spec.
func (m *Metrics) Corrected(field string) {
	m.corrections.WithLabelValues(field).Inc()
}

// Announced counts an announcement that is done with: accepted, rejected,
// unknown, expired or superseded.
func (m *Metrics) Announced(outcome string) {
	m.announced.WithLabelValues(outcome).Inc()
}

// Converged records how long a change took from first sight to in sync.
func (m *Metrics) Converged(took time.Duration) {
	m.convergence.Observe(took.Seconds())
}

// BreakerOpen says whether the requests of an account are held back.
func (m *Metrics) BreakerOpen(namespace, name string, open bool) {
	value := 0.0
	if open {
		value = 1
	}
	m.breaker.WithLabelValues(namespace, name).Set(value)
}

// ForgetAccount drops the series of an account that is no more.
func (m *Metrics) ForgetAccount(namespace, name string) {
	m.breaker.DeleteLabelValues(namespace, name)
}

// Waited records how long an update waited for the limits, also if it did not.
func (m *Metrics) Waited(wait time.Duration) {
	m.limiter.Observe(wait.Seconds())
}

// sizes are gauges of what is kept in memory.
func sizes(size func() (accounts, conferences int)) []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: namespace, Name: "accounts", Help: "VoiceAccounts that are known.",
		}, func() float64 {
			accounts, _ := size()
			return float64(accounts)
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: namespace, Name: "conferences", Help: "Conferences that are looked at.",
		}, func() float64 {
			_, conferences := size()
			return float64(conferences)
		}),
	}
}

// participants counts when it is read, so that nothing has to be kept.
type participants func() map[string]int

func (p participants) description() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_participants", "ConferenceParticipants by the state of their call.",
		[]string{"state"}, nil)
}

// Describe implements prometheus.Collector.
func (p participants) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- p.description() }

// Collect implements prometheus.Collector.
func (p participants) Collect(collected chan<- prometheus.Metric) {
	for state, count := range p() {
		collected <- prometheus.MustNewConstMetric(p.description(), prometheus.GaugeValue, float64(count), state)
	}
}
