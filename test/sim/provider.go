package sim

import (
	"maps"
	"net"
	"net/http"
	"net/http/httptest"

	"github.com/voiceops/conference-operator/internal/voice"
)

// providerHandler lets requests through to the simulated provider. A process that
// crashes meanwhile gets no response.
func (s *Sim) providerHandler(provider http.Handler) http.Handler {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		recorded, err := s.relay(provider, request)
		if recorded == nil && err == nil {
			provider.ServeHTTP(response, request)
			return
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		maps.Copy(response.Header(), recorded.Header())
		response.WriteHeader(recorded.Code)
		_, _ = response.Write(recorded.Body.Bytes())
	})
}

// relay sends a request over its boundary; it returns nothing where no test
// observes boundaries, and the request need not be recorded.
func (s *Sim) relay(provider http.Handler, request *http.Request) (recorded *httptest.ResponseRecorder, err error) {
	s.requestMu.Lock()
	defer s.requestMu.Unlock()
	if s.AtBoundary == nil && s.AfterBoundary == nil && s.ear == nil && !s.crashed() {
		return nil, nil
	}
	recorded = httptest.NewRecorder()
	err = s.cross(s.process, Boundary{Provider: true, What: request.Method + " " + request.URL.Path}, func() error {
		if s.ear != nil {
			s.ear.before()
			defer func() { s.ear.after(recorded.Body.Bytes()) }()
		}
		provider.ServeHTTP(recorded, request)
		return nil
	})
	return recorded, err
}

// StopProvider closes the provider's port; start opens the same port again.
func (s *Sim) StopProvider() (start func()) {
	s.t.Helper()
	address, handler := s.server.Listener.Addr().String(), s.server.Config.Handler
	s.server.Close()
	return func() {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			s.t.Fatal(err)
		}
		s.server = &httptest.Server{Listener: listener, Config: &http.Server{Handler: handler}}
		s.server.Start()
		s.t.Cleanup(s.server.Close)
	}
}

// Requests counts the present process's requests to the provider of one class of
// outcome, by its own metrics.
func (s *Sim) Requests(class voice.Class) (n int) {
	s.t.Helper()
	families, err := s.Metrics.Gather()
	if err != nil {
		s.t.Fatal(err)
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
