package participant

import (
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/provider/admission"
)

// admissionRequest is the object's request to send an update.
func admissionRequest(x *reconciliation, queue *enqueue.Queue[reconcile.Request], restricts bool) admission.Request {
	request := reconcile.Request{NamespacedName: x.memory.Name}
	return admission.Request{
		Key: x.memory.Name, Flow: x.memory.Key.Conference, Write: true, Restricts: restricts,
		// The function must not close over the reconcile, which it would keep.
		Wake: func(crowd int) { queue.Enqueue(enqueue.InCrowd(enqueue.PriorityEdit, crowd), 0, request) },
	}
}
