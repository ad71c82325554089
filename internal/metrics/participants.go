package metrics

import "github.com/prometheus/client_golang/prometheus"

// Participants are numbers of participants, by the values of a label.
type Participants struct {
	// Calls are all participants, by the state of their call.
	Calls map[string]int
	// Differing are those that differ from what is declared and are left so, by the
	// reason for it.
	Differing map[string]int
	// Reports are all participants, by what they report.
	Reports map[Report]int
}

// Report is what the conditions of a participant come to.
type Report struct {
	// Status is ready, reconciling, stalled, suspended, or unknown if the latest edit was
	// not looked at so far.
	Status string
	// Reason is the reason for it, as in the status of the object; empty if it is unknown.
	Reason string
}

// participants is a collector that counts when the metrics are read, so that no
// count has to be kept up to date.
type participants func() Participants

func (p participants) states() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_participants", "ConferenceParticipants by the state of their call.",
		[]string{"state"}, nil)
}

func (p participants) drifted() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_participants_drifted",
		"ConferenceParticipants that differ from what is declared and are left so, by the reason for it.",
		[]string{"reason"}, nil)
}

func (p participants) status() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_participants_status", "ConferenceParticipants by what they report, and the reason for it.",
		[]string{"status", "reason"}, nil)
}

// Describe implements prometheus.Collector.
func (p participants) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- p.states()
	descriptions <- p.drifted()
	descriptions <- p.status()
}

// Collect implements prometheus.Collector.
func (p participants) Collect(collected chan<- prometheus.Metric) {
	counted := p()
	for state, count := range counted.Calls {
		collected <- prometheus.MustNewConstMetric(p.states(), prometheus.GaugeValue, float64(count), state)
	}
	for reason, count := range counted.Differing {
		collected <- prometheus.MustNewConstMetric(p.drifted(), prometheus.GaugeValue, float64(count), reason)
	}
	for report, count := range counted.Reports {
		collected <- prometheus.MustNewConstMetric(p.status(), prometheus.GaugeValue, float64(count), report.Status, report.Reason)
	}
}
