package operator

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/controller/conference"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
)

// accountDependents finds and enqueues what depends on an account.
type accountDependents struct {
	client client.Reader
	queues *queues
	stores stores
}

// enqueue adds the participants of an account to their queue, its Conferences and their
// rivals, and what is to be asked of the provider.
func (d accountDependents) enqueue(ctx context.Context, account types.NamespacedName) error {
	found, err := index.OfAccount(ctx, d.client, account)
	if err != nil {
		return err
	}
	for i := range found {
		d.queues.rosters.Enqueue(enqueue.PriorityDrift, 0, index.KeyOf(&found[i]))
		d.queues.participants.Enqueue(enqueue.PriorityDrift, 0, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&found[i])})
	}
	d.queues.rosters.Enqueue(enqueue.PriorityDrift, 0, d.stores.Conferences(account)...)
	rooms, err := conference.OfAccount(ctx, d.client, account)
	if err != nil {
		return err
	}
	d.queues.notifyConferences(append(rooms, d.stores.directories.Subscribers(account)...))
	d.queues.directories.Enqueue(enqueue.PriorityDrift, 0, account)
	d.queues.calls.Enqueue(enqueue.PriorityDrift, 0, account)
	return nil
}
