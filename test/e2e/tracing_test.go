package e2e

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/voice"
)

// nameOf is the name of the object of a reconcile's span.
func nameOf(span sdktrace.ReadOnlySpan) string {
	for _, attribute := range span.Attributes() {
		if attribute.Key == "k8s.object.name" {
			return attribute.Value.AsString()
		}
	}
	return ""
}

// traced are the requests below the reconciles of objects of a name, as
// "reconcile participant/update_participant".
func traced(object string) (found []string) {
	ended := spans.Ended()
	reconciles := map[trace.SpanID]string{}
	for _, span := range ended {
		if nameOf(span) == object {
			reconciles[span.SpanContext().SpanID()] = span.Name()
		}
	}
	for _, span := range ended {
		if reconcile := reconciles[span.Parent().SpanID()]; reconcile != "" {
			found = append(found, reconcile+"/"+span.Name())
		}
	}
	return found
}

var _ = Describe("A request", func() {
	It("is traced below the reconcile that has sent it, without what is personal", func(ctx context.Context) {
		r := newRoom(ctx)
		call := r.join()
		r.declare(ctx, "the-traced-one", call, muted(true))
		r.becomes(ctx, "the-traced-one", v1alpha1.ReasonInSync)
		r.host()
		r.govern(ctx)
		r.governed(ctx, v1alpha1.ReasonInSync, 0)
		Eventually(func() []string { return traced("the-traced-one") }).WithTimeout(10 * time.Second).
			Should(ConsistOf("reconcile participant/" + string(voice.OpUpdateParticipant)))
		Expect(traced("acme")).To(ContainElements(
			"reconcile account/"+string(voice.OpListConferences), "reconcile roster/"+string(voice.OpListParticipants),
			"reconcile directory/"+string(voice.OpListConferences),
		))
		for _, span := range spans.Ended() {
			Expect(fmt.Sprint(span.Name(), span.Attributes(), span.Status())).NotTo(Or(ContainSubstring(call), ContainSubstring(canary)))
		}
	})
})
