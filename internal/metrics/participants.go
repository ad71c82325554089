package metrics

import "github.com/prometheus/client_golang/prometheus"

// Participants are numbers of participants, by the values of a label.
type Participants struct {
	// Calls are all participants, by the state of their call.
	Calls map[string]int
	// Differing are those that differ from what is declared and are left so, by the
	// reason for it.
	Differing map[string]int
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

// Describe implements prometheus.Collector.
func (p participants) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- p.states()
	descriptions <- p.drifted()
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
}
