package world

import (
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Leave has nobody listen where the provider was, until it is back.
func (w *World) Leave() (back func()) {
	w.Helper()
	address, handler := w.server.Listener.Addr().String(), w.server.Config.Handler
	w.server.Close()
	return func() {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			w.Fatal(err)
		}
		w.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
		w.server.Start()
		w.Cleanup(w.server.Close)
	}
}

// Requests is how many of the present process's requests to the provider came to
// something, as it counts them itself.
func (w *World) Requests(class voice.Class) (n int) {
	w.Helper()
	families, err := w.Metrics.Gather()
	if err != nil {
		w.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "conference_operator_api_requests_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetValue() == string(class) {
					n += int(metric.GetCounter().GetValue())
				}
			}
		}
	}
	return n
}
