package metrics

import (
	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"
)

// Events counts what becomes of Kubernetes events. Create it with NewEvents.
type Events struct {
	dropped *prometheus.CounterVec
}

// NewEvents creates the collector and registers it, with both types at 0.
func NewEvents(registry prometheus.Registerer) *Events {
	e := &Events{dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: namespace, Name: "events_dropped_total",
		Help: "Kubernetes events that were given up, by type: too many were waiting, or the API server refused them.",
	}, []string{"type"})}
	registry.MustRegister(e.dropped)
	for _, eventType := range []string{corev1.EventTypeNormal, corev1.EventTypeWarning} {
		e.dropped.WithLabelValues(eventType)
	}
	return e
}

// Dropped counts an event that was given up; its type is Normal or Warning.
func (e *Events) Dropped(eventType string) {
	e.dropped.WithLabelValues(eventType).Inc()
}
