package tracing

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"k8s.io/apimachinery/pkg/types"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/voice"
)

// scope is the name of what makes the spans.
const scope = "github.com/voiceops/conference-operator"

// Tracer makes the spans of reconciles. A nil Tracer makes none.
type Tracer struct {
	tracer trace.Tracer
}

// New returns a tracer of a provider.
func New(provider trace.TracerProvider) *Tracer {
	return &Tracer{tracer: provider.Tracer(scope)}
}

// Reconciler has a span around each reconcile of a reconciler, with the name of the object
// that a key stands for. Everything that happens in a reconcile gets the span by its
// context, and the logger there has the id of the trace. It returns the reconciler itself
// where there is no tracer.
func Reconciler[K comparable](t *Tracer, controller string, name func(K) types.NamespacedName, of reconcile.TypedReconciler[K]) reconcile.TypedReconciler[K] {
	if t == nil {
		return of
	}
	return reconcile.TypedFunc[K](func(ctx context.Context, key K) (result reconcile.Result, err error) {
		ctx, span := t.start(ctx, controller, name(key))
		defer func() { end(span, err) }()
		return of.Reconcile(ctx, key)
	})
}

// Request is the name of the object that a request is about.
func Request(request reconcile.Request) types.NamespacedName { return request.NamespacedName }

// Name is the name of an object.
func Name(name types.NamespacedName) types.NamespacedName { return name }

func (t *Tracer) start(ctx context.Context, controller string, object types.NamespacedName) (context.Context, trace.Span) {
	ctx, span := t.tracer.Start(ctx, "reconcile "+controller, trace.WithAttributes(
		attribute.String("controller", controller),
		attribute.String("k8s.namespace.name", object.Namespace),
		attribute.String("k8s.object.name", object.Name),
	))
	log := logf.FromContext(ctx).WithValues("traceID", span.SpanContext().TraceID().String())
	return logf.IntoContext(ctx, log), span
}

// end ends the span of a reconcile with its error; nil for none.
func end(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, err.Error())
	}
	span.End()
}

// Waited makes the span of a wait for a limit that has ended now. The wait has begun in an
// earlier reconcile, and so does its span.
func Waited(ctx context.Context, now time.Time, waited time.Duration) {
	parent := trace.SpanFromContext(ctx)
	if waited <= 0 || !parent.IsRecording() {
		return
	}
	_, span := parent.TracerProvider().Tracer(scope).Start(ctx, "wait for the limit", trace.WithTimestamp(now.Add(-waited)))
	span.End(trace.WithTimestamp(now))
}

// Observe makes the span of a request to the provider; it is a voice.Observer.
func Observe(ctx context.Context, outcome voice.Outcome) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return
	}
	_, span := parent.TracerProvider().Tracer(scope).Start(ctx, string(outcome.Operation),
		trace.WithTimestamp(outcome.Sent), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributesOf(outcome)...))
	if outcome.Class != voice.ClassOK {
		span.SetStatus(codes.Error, string(outcome.Class))
	}
	span.End(trace.WithTimestamp(outcome.Sent.Add(outcome.Took)))
}

// attributesOf are what a span says of a request; what is empty is left out.
func attributesOf(outcome voice.Outcome) []attribute.KeyValue {
	found := []attribute.KeyValue{
		attribute.String("http.request.method", outcome.Operation.Method()), attribute.String("outcome", string(outcome.Class)),
	}
	if outcome.HTTPStatus != 0 {
		found = append(found, attribute.Int("http.response.status_code", outcome.HTTPStatus))
	}
	if outcome.Code != 0 {
		found = append(found, attribute.Int("code", outcome.Code))
	}
	if outcome.Cause != "" {
		found = append(found, attribute.String("error.type", string(outcome.Cause)))
	}
	if outcome.RequestID != "" {
		found = append(found, attribute.String("request_id", outcome.RequestID))
	}
	return found
}
