package metrics

import "github.com/prometheus/client_golang/prometheus"

// Rooms are numbers of the rooms that Conferences govern.
type Rooms struct {
	// States are the rooms, by whether they are waiting or live.
	States map[string]int
	// Legs are the call legs in them, by whether their role is identified or
	// unidentified.
	Legs map[string]int
}

// rooms is a collector that counts when the metrics are read.
type rooms func() Rooms

// NewRooms creates the collector of rooms and registers it.
func NewRooms(registry prometheus.Registerer, count func() Rooms) {
	registry.MustRegister(rooms(count))
}

func (r rooms) states() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_rooms", "Rooms that Conferences govern, by their state.", []string{"state"}, nil)
}

func (r rooms) legs() *prometheus.Desc {
	return prometheus.NewDesc(namespace+"_room_participants",
		"Call legs in rooms that Conferences govern, by whether their role is known.", []string{"role"}, nil)
}

// Describe implements prometheus.Collector.
func (r rooms) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- r.states()
	descriptions <- r.legs()
}

// Collect implements prometheus.Collector.
func (r rooms) Collect(collected chan<- prometheus.Metric) {
	counted := r()
	for state, count := range counted.States {
		collected <- prometheus.MustNewConstMetric(r.states(), prometheus.GaugeValue, float64(count), state)
	}
	for role, count := range counted.Legs {
		collected <- prometheus.MustNewConstMetric(r.legs(), prometheus.GaugeValue, float64(count), role)
	}
}
