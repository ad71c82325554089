package main

import (
	"context"
	"time"

	"go.opentelemetry.io/otel"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/internal/tracing"
)

// flushWithin is how long the export of the last spans may take at the end.
const flushWithin = 3 * time.Second

// startTracing returns a tracer if the environment asks for one, else nil. What is wrong with
// that environment is logged, and keeps nothing from running. flush exports the spans that
// are left when the manager ends.
func startTracing(ctx context.Context, getenv func(name string) string) (tracer *tracing.Tracer, flush func()) {
	if !tracing.Enabled(getenv) {
		return nil, func() {}
	}
	log := logf.FromContext(ctx).WithName("tracing")
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { log.Info("Spans could not be exported", "cause", err.Error()) }))
	tracer, shutdown, err := tracing.Export(ctx, version(), getenv)
	if err != nil {
		log.Info("There are no traces, as the environment variables of OpenTelemetry can't be used", "cause", err.Error())
		return nil, func() {}
	}
	log.Info("Traces are exported")
	return tracer, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushWithin)
		defer cancel()
		if err := shutdown(ctx); err != nil {
			log.Info("The last spans could not be exported", "cause", err.Error())
		}
	}
}
