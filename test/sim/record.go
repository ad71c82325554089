package sim

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/audit"
)

// record keeps what the operator has written: logs, errors, events, statuses, and
// the metrics of processes that are over.
type record struct {
	mu     sync.Mutex
	output strings.Builder
	// audited are the lines of the audit log, as JSON.
	audited []string
}

func (r *record) note(source, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = fmt.Fprintf(&r.output, "%s: %s\n", source, text)
}

// logger logs everything, as with the highest verbosity.
func (r *record) logger() logr.Logger {
	return funcr.NewJSON(func(line string) { r.note("log", line) }, funcr.Options{Verbosity: 10})
}

// auditLogger keeps the lines of the audit log, which are part of the output, too.
func (r *record) auditLogger() logr.Logger {
	return funcr.NewJSON(func(line string) {
		r.note("audit", line)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.audited = append(r.audited, line)
	}, funcr.Options{})
}

// TakeAudit takes the lines of the audit log that were written since the last call.
func (s *Sim) TakeAudit() (lines []AuditLine) {
	s.t.Helper()
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	for _, text := range s.record.audited {
		var line AuditLine
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			s.t.Fatal(err)
		}
		lines = append(lines, line)
	}
	s.record.audited = nil
	return lines
}

// AuditLine is a line of the audit log.
type AuditLine struct {
	Operation, Outcome, Cause, Kind, Namespace, Name, UID, Conference, Role, Account string
	ConferenceSID, CallSID, ID, RequestID, Why                                       string
	HTTPStatus, Code                                                                 int
	Generation                                                                       int64
	Seconds                                                                          *float64
	Changes                                                                          []audit.Change
}

// Output is everything that the operator has written so far: in logs, in the
// errors that reconciles end with, events, statuses and metrics.
func (s *Sim) Output() string {
	s.t.Helper()
	s.keepMetrics()
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	return s.record.output.String()
}

// keepMetrics notes what the present process has counted.
func (s *Sim) keepMetrics() {
	s.t.Helper()
	families, err := s.Metrics.Gather()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, family := range families {
		s.record.note("metric", family.String())
	}
}

// keepStatus notes a status that is about to be written.
func (s *Sim) keepStatus(of client.Object) {
	var status any
	switch of := of.(type) {
	case *Object:
		status = of.Status
	case *v1alpha1.VoiceAccount:
		status = of.Status
	case *Room:
		status = of.Status
	}
	text, err := json.Marshal(status)
	if err != nil {
		s.t.Error(err)
	}
	s.record.note("status", string(text))
}

// recorder is what one process writes events with.
type recorder struct {
	sim *Sim
	of  *process
}

// Eventf notes an event, and hands it on. Whether it was written is nothing that
// an operator waits for.
func (r recorder) Eventf(regarding, related runtime.Object, kind, reason, action, note string, arguments ...any) { //nolint:revive // The interface has so many.
	_ = r.sim.cross(r.of, Boundary{What: "post Event", Name: regarding.(client.Object).GetName()}, func() error {
		r.sim.record.note("event", fmt.Sprintf("%s %s %s "+note, append([]any{kind, reason, action}, arguments...)...))
		r.sim.Recorder.Eventf(regarding, related, kind, reason, action, note, arguments...)
		return nil
	})
}

// TakeEvents takes the events that were written since the last call.
func (s *Sim) TakeEvents() (told []string) {
	for len(s.Recorder.Events) > 0 {
		told = append(told, <-s.Recorder.Events)
	}
	return told
}
