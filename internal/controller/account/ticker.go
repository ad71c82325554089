package account

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
)

// Ticker moves the admission queues of accounts when they ask for it. It is a
// controller because a workqueue is a timer that runs on the operator's own clock,
// also in tests, and keeps one entry an account.
type Ticker struct {
	// Accounts has the admission queues.
	Accounts interface {
		// Tick moves the admission queues of an account; it may be repeated.
		Tick(name types.NamespacedName)
	}
	// Queue is this controller's own workqueue.
	Queue *enqueue.Queue[reconcile.Request]
}

// SetupWithManager adds the controller to a manager.
func (t *Ticker) SetupWithManager(mgr ctrl.Manager) error {
	return builder.TypedControllerManagedBy[reconcile.Request](mgr).
		Named("admission").
		WatchesRawSource(t.Queue.Source()).
		Complete(t)
}

// Reconcile moves the admission queues of one account.
func (t *Ticker) Reconcile(_ context.Context, request ctrl.Request) (ctrl.Result, error) {
	t.Accounts.Tick(request.NamespacedName)
	return ctrl.Result{}, nil
}
