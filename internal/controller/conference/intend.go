package conference

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/requests"
)

// intend stores the requests before one of them is sent, with all that was judged with it.
// A reconcile that loses a race for the object sends nothing.
func (r reporter) intend(ctx context.Context, f *facts, m *memory) (stored bool, err error) {
	after := f.object.DeepCopy()
	after.Status = f.statusSpoken()
	switch err := r.writer.Patch(ctx, f.object, after); {
	case apierrors.IsConflict(err), apierrors.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("write down what is about to be said to a room: %w", err)
	}
	m.stored = status.Store(after, after.Status.DeepCopy())
	r.announceRequests(f, after)
	f.object = after
	for _, kind := range requests.Kinds() {
		f.requests.base[kind] = requests.Read(kind, &after.Status)
	}
	return true, nil
}

// announceRequests writes the events of what has become of requests, and counts it.
func (r reporter) announceRequests(f *facts, written *v1alpha1.Conference) {
	for kind, ledger := range f.requests.ledgers {
		told, rest := ledger.Notices()
		f.requests.ledgers[kind] = rest
		for _, notice := range told {
			if notice.Outcome != "" {
				r.metrics.Announced(notice.Outcome)
			}
			r.recorder.Eventf(written, nil, notice.Kind, notice.Reason, requests.Kind(kind).Action(), "%s", notice.Message)
		}
	}
}
