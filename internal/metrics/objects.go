package metrics

import "github.com/prometheus/client_golang/prometheus"

// Objects are the VoiceAccounts and Conferences that say whether they are Ready: all but
// those that are suspended or were not looked at since their last edit.
type Objects struct {
	// Accounts are VoiceAccounts.
	Accounts []Object
	// Conferences are Conferences.
	Conferences []Object
}

// Object is a VoiceAccount or a Conference.
type Object struct {
	// Namespace and Name are those in Kubernetes.
	Namespace, Name string
	// Ready says that the condition Ready is True, and Reason is its reason.
	Ready  bool
	Reason string
	// Participants are the call legs in the rooms of a Conference, and NotReady those of
	// them that have been Rejected, NotApplied or Contested for over a minute.
	Participants, NotReady int
}

// objects is a collector that counts when the metrics are read.
type objects func() Objects

// NewObjects creates the collector of VoiceAccounts and Conferences and registers it.
func NewObjects(registry prometheus.Registerer, count func() Objects) {
	registry.MustRegister(objects(count))
}

func (o objects) account() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_account_ready", "1 if a VoiceAccount is Ready, else 0, with the reason.",
		[]string{"account_namespace", "account_name", "reason"}, nil)
}

func (o objects) conference() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_conference_ready", "1 if a Conference is Ready, else 0, with the reason.",
		[]string{"conference_namespace", "conference_name", "reason"}, nil)
}

func (o objects) participants() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_conference_participants", "Call legs in the rooms of a Conference.",
		[]string{"conference_namespace", "conference_name"}, nil)
}

func (o objects) notReady() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_conference_participants_not_ready",
		"Call legs in the rooms of a Conference that have been Rejected, NotApplied or Contested for over a minute.",
		[]string{"conference_namespace", "conference_name"}, nil)
}

// Describe implements prometheus.Collector.
func (o objects) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- o.account()
	descriptions <- o.conference()
	descriptions <- o.participants()
	descriptions <- o.notReady()
}

// Collect implements prometheus.Collector.
func (o objects) Collect(collected chan<- prometheus.Metric) {
	gauge := func(description *prometheus.Desc, value float64, labels ...string) {
		collected <- prometheus.MustNewConstMetric(description, prometheus.GaugeValue, value, labels...)
	}
	found, account, conference, legs, notReady := o(), o.account(), o.conference(), o.participants(), o.notReady()
	for _, a := range found.Accounts {
		gauge(account, zeroOrOne(a.Ready), a.Namespace, a.Name, a.Reason)
	}
	for _, c := range found.Conferences {
		gauge(conference, zeroOrOne(c.Ready), c.Namespace, c.Name, c.Reason)
		gauge(legs, float64(c.Participants), c.Namespace, c.Name)
		gauge(notReady, float64(c.NotReady), c.Namespace, c.Name)
	}
}

// zeroOrOne is a truth as the value of a gauge.
func zeroOrOne(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
