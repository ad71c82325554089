package tracing

import (
	"context"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/voice"
)

// plain is a reconciler that does nothing.
type plain struct{}

// Reconcile implements reconcile.Reconciler.
func (*plain) Reconcile(context.Context, reconcile.Request) (reconcile.Result, error) {
	return reconcile.Result{}, nil
}

func TestWithoutATracerNothingIsDone(t *testing.T) {
	of := &plain{}
	if got := Reconciler[reconcile.Request](nil, "participant", Request, of); got != of {
		t.Errorf("the reconciler is wrapped: %T", got)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	now, outcome := time.Now(), voice.Outcome{Operation: voice.OpUpdateParticipant, Class: voice.ClassOK, HTTPStatus: 200, RequestID: "r"}
	if allocations := testing.AllocsPerRun(100, func() {
		Waited(ctx, now, time.Second)
		Observe(ctx, outcome)
	}); allocations != 0 {
		t.Errorf("%v allocations", allocations)
	}
}
