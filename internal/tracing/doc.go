// Package tracing makes OpenTelemetry spans: one for each reconcile, and below it one for
// the wait for a limit and one for each request to the provider. They are exported by OTLP
// if the standard environment variables say where to.
//
// Where tracing is off there is no Tracer, and nothing here does anything or allocates
// memory. A span has the name of its object, and of a request the operation and the
// outcome: no URL, no SID of a call, no number, and nothing from a response but the
// provider's request id. Nothing is sent to the provider for the sake of tracing.
package tracing
