package world

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
)

// record keeps what the operator has said: logs, errors, events, statuses, and
// the metrics of processes that are over.
type record struct {
	mu   sync.Mutex
	said strings.Builder
}

func (r *record) note(source, text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = fmt.Fprintf(&r.said, "%s: %s\n", source, text)
}

// logger logs everything, as with the highest verbosity.
func (r *record) logger() logr.Logger {
	return funcr.NewJSON(func(line string) { r.note("log", line) }, funcr.Options{Verbosity: 10})
}

// Said is everything that the operator has told anybody so far: in logs, in the
// errors that passes end with, events, statuses and metrics.
func (w *World) Said() string {
	w.Helper()
	w.keepMetrics()
	w.record.mu.Lock()
	defer w.record.mu.Unlock()
	return w.record.said.String()
}

// keepMetrics notes what the present process has counted.
func (w *World) keepMetrics() {
	w.Helper()
	families, err := w.Metrics.Gather()
	if err != nil {
		w.Fatal(err)
	}
	for _, family := range families {
		w.record.note("metric", family.String())
	}
}

// keepStatus notes a status that is about to be written.
func (w *World) keepStatus(of client.Object) {
	var status any
	switch of := of.(type) {
	case *Object:
		status = of.Status
	case *v1alpha1.VoiceAccount:
		status = of.Status
	}
	text, err := json.Marshal(status)
	if err != nil {
		w.Error(err)
	}
	w.record.note("status", string(text))
}

// recorder is what one process writes events with.
type recorder struct {
	world *World
	of    *life
}

// Eventf notes an event, and hands it on. Whether it was written is nothing that
// an operator waits for.
func (r recorder) Eventf(regarding, related runtime.Object, kind, reason, action, note string, arguments ...any) { //nolint:revive // The interface has so many.
	_ = r.world.cross(r.of, Crossing{What: "post Event", Name: regarding.(client.Object).GetName()}, func() error {
		r.world.record.note("event", fmt.Sprintf("%s %s %s "+note, append([]any{kind, reason, action}, arguments...)...))
		r.world.Recorder.Eventf(regarding, related, kind, reason, action, note, arguments...)
		return nil
	})
}
