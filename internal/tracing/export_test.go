package tracing

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/voice"
)

// collector receives spans by OTLP.
type collector struct {
	coltracepb.UnimplementedTraceServiceServer

	mu       sync.Mutex
	resource map[string]string
	spans    []*tracepb.Span
}

// Export implements coltracepb.TraceServiceServer.
func (c *collector) Export(_ context.Context, request *coltracepb.ExportTraceServiceRequest) (*coltracepb.ExportTraceServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, of := range request.ResourceSpans {
		c.resource = textsOf(of.Resource.Attributes)
		for _, scoped := range of.ScopeSpans {
			c.spans = append(c.spans, scoped.Spans...)
		}
	}
	return &coltracepb.ExportTraceServiceResponse{}, nil
}

// textsOf are the attributes that are texts.
func textsOf(attributes []*commonpb.KeyValue) map[string]string {
	texts := map[string]string{}
	for _, attribute := range attributes {
		texts[attribute.Key] = attribute.Value.GetStringValue()
	}
	return texts
}

// newCollector serves until the test ends, and returns its endpoint.
func newCollector(t *testing.T) (c *collector, endpoint string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	c = &collector{}
	coltracepb.RegisterTraceServiceServer(server, c)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return c, "http://" + listener.Addr().String()
}

// environment is an environment of a few variables.
func environment(variables map[string]string) func(string) string {
	return func(name string) string { return variables[name] }
}

func TestSpansAreNestedAndFlushed(t *testing.T) {
	found, endpoint := newCollector(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "k8s.cluster.name=blue")
	tracer, flush, err := Export(t.Context(), "v1", environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	failure := errors.New("it can't be stored")
	traced := Reconciler(tracer, "participant", Request, reconcile.Func(func(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
		Waited(ctx, began, time.Minute)
		Waited(ctx, began, 0)
		Observe(ctx, voice.Outcome{
			Operation: voice.OpUpdateParticipant, Class: voice.ClassRefused, HTTPStatus: 422, Code: 21402, RequestID: "r-1", Sent: began, Took: time.Second,
		})
		return reconcile.Result{}, failure
	}))
	if _, err := traced.Reconcile(t.Context(), reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "support", Name: "agent"}}); !errors.Is(err, failure) {
		t.Errorf("the reconcile returned %v", err)
	}
	if err := flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(found.spans) != 3 {
		t.Fatalf("%d spans: %v", len(found.spans), found.spans)
	}
	if found.resource["service.name"] != "conference-operator" || found.resource["service.version"] != "v1" || found.resource["k8s.cluster.name"] != "blue" {
		t.Errorf("the resource is %v", found.resource)
	}
	wait, request, root := found.spans[0], found.spans[1], found.spans[2]
	if root.Name != "reconcile participant" || len(root.ParentSpanId) != 0 || root.Status.Code != tracepb.Status_STATUS_CODE_ERROR {
		t.Errorf("the reconcile is %v", root)
	}
	if texts := textsOf(root.Attributes); texts["k8s.namespace.name"] != "support" || texts["k8s.object.name"] != "agent" {
		t.Errorf("the object is %v", texts)
	}
	for name, span := range map[string]*tracepb.Span{"wait for the limit": wait, "update_participant": request} {
		if span.Name != name || string(span.ParentSpanId) != string(root.SpanId) || string(span.TraceId) != string(root.TraceId) {
			t.Errorf("%s is %v", name, span)
		}
	}
	if took := time.Duration(wait.EndTimeUnixNano - wait.StartTimeUnixNano); took != time.Minute {
		t.Errorf("the wait took %s", took)
	}
	if took := time.Duration(request.EndTimeUnixNano - request.StartTimeUnixNano); took != time.Second || request.Kind != tracepb.Span_SPAN_KIND_CLIENT {
		t.Errorf("the request is %v", request)
	}
	if texts := textsOf(request.Attributes); texts["outcome"] != "refused" || texts["request_id"] != "r-1" || texts["http.request.method"] != "POST" {
		t.Errorf("the request says %v", texts)
	}
}

func TestTracesAreOffByDefault(t *testing.T) {
	for _, c := range []struct {
		environment map[string]string
		want        bool
	}{
		{nil, false},
		{map[string]string{"OTEL_SERVICE_NAME": "x"}, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317"}, true},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4317"}, true},
		{map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://collector:4317"}, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_SDK_DISABLED": "true"}, false},
		{map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4317", "OTEL_TRACES_EXPORTER": "none"}, false},
	} {
		if got := Enabled(environment(c.environment)); got != c.want {
			t.Errorf("%v: %v", c.environment, got)
		}
	}
}

func TestAnotherProtocolIsRefused(t *testing.T) {
	for _, c := range []struct {
		environment map[string]string
		want        error
	}{
		{map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, ErrProtocol},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, ErrProtocol},
		{map[string]string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, nil},
	} {
		_, flush, err := Export(t.Context(), "v1", environment(c.environment))
		if !errors.Is(err, c.want) {
			t.Errorf("%v: %v, want %v", c.environment, err, c.want)
		}
		if err == nil {
			_ = flush(t.Context())
		}
	}
}
