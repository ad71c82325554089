package tracing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// ErrProtocol says that the environment asks for another protocol than OTLP over gRPC.
var ErrProtocol = errors.New("only OTLP over gRPC is supported")

// Enabled reports whether the environment says where spans are exported to.
func Enabled(getenv func(name string) string) bool {
	endpoint := getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") + getenv("OTEL_EXPORTER_OTLP_ENDPOINT")
	disabled := strings.EqualFold(getenv("OTEL_SDK_DISABLED"), "true") || getenv("OTEL_TRACES_EXPORTER") == "none"
	return endpoint != "" && !disabled
}

// Export returns a tracer with an export of its spans as the environment says, under the
// version of the operator. Nothing is connected to before there is a span. flush exports
// the spans that are left, and ends the exports. The error is ErrProtocol, or says that
// the environment can't be read.
func Export(ctx context.Context, version string, getenv func(name string) string) (t *Tracer, flush func(context.Context) error, err error) {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		protocol := getenv(name)
		if protocol == "grpc" {
			break
		}
		if protocol != "" {
			return nil, nil, fmt.Errorf("%s: %w", name, ErrProtocol)
		}
	}
	// The environment comes last, and so has the last word.
	described, err := resource.New(ctx, resource.WithTelemetrySDK(), resource.WithAttributes(
		attribute.String("service.name", "conference-operator"), attribute.String("service.version", version),
	), resource.WithFromEnv())
	if err != nil {
		return nil, nil, fmt.Errorf("read the resource attributes of the environment: %w", err)
	}
	exporter, err := otlptracegrpc.New(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("prepare the export of traces: %w", err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(described))
	return New(provider), provider.Shutdown, nil
}
