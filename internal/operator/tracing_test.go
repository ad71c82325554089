package operator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/tracing"
	"github.com/voiceops/conference-operator/pkg/voicesim"
	"github.com/voiceops/conference-operator/test/sim"
)

// TestAnUpdateIsTraced has the second of two updates wait for a limit of one a second.
func TestAnUpdateIsTraced(t *testing.T) {
	env := sim.New(t)
	env.EditAccount("acme", func(s *v1alpha1.VoiceAccountSpec) {
		s.RateLimit = v1alpha1.RateLimit{RequestsPerSecond: 1, Burst: 1}
	})
	env.RunUntilIdle()
	calls := []string{env.Join(), env.Join()}
	for i, call := range calls {
		env.CreateParticipant(fmt.Sprint("agent-", i), call, func(s *sim.Spec) {
			sim.Hold(s)
			s.HoldURL = "https://" + canaryKey + "@music.example.com/" + canaryNumber
		})
	}
	spans := tracetest.NewInMemoryExporter()
	tracer := tracing.New(sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)))
	traced := tracing.Reconciler(tracer, "participant", tracing.Request, reconcile.Func(func(ctx context.Context, _ reconcile.Request) (reconcile.Result, error) {
		env.StepWithContext(ctx)
		return reconcile.Result{}, nil
	}))
	for range 100 {
		_, _ = traced.Reconcile(t.Context(), reconcile.Request{NamespacedName: types.NamespacedName{Namespace: sim.Namespace, Name: "one-of-two"}})
		if env.Count(voicesim.OpUpdateParticipant) == 2 {
			break
		}
		// The admission queue moves by the clock.
		env.Advance(100 * time.Millisecond)
		env.Controllers.Registry.Tick(sim.AccountName)
	}
	var names []string
	reconciles := map[trace.SpanID]bool{}
	for _, span := range spans.GetSpans() {
		names = append(names, span.Name)
		reconciles[span.SpanContext.SpanID()] = strings.HasPrefix(span.Name, "reconcile ")
	}
	for _, span := range spans.GetSpans() {
		if !strings.HasPrefix(span.Name, "reconcile ") && !reconciles[span.Parent.SpanID()] {
			t.Errorf("%s is below no reconcile", span.Name)
		}
	}
	for _, name := range []string{"reconcile participant", "wait for the limit", "update_participant"} {
		if !slices.Contains(names, name) {
			t.Errorf("no span %s among %q", name, names)
		}
	}
	text := fmt.Sprintf("%+v", spans.GetSpans())
	for _, secret := range append(calls, sim.Token, canaryNumber, canaryKey, "music.example.com") {
		if strings.Contains(text, secret) {
			t.Errorf("a span has %s", secret)
		}
	}
}
