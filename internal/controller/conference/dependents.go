package conference

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
)

// ChildrenHandler enqueues the children to which it makes a difference that a Conference
// was made, was changed or goes, on the workqueue of the participants: its own, and those
// of its rivals, which may win or lose their room by it.
func ChildrenHandler(reader client.Reader, participants *enqueue.Queue[reconcile.Request]) handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	add := func(ctx context.Context, priority int, object client.Object) {
		participants.Enqueue(priority, 0, MapChildren(ctx, reader, object.(*v1alpha1.Conference))...)
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, _ queue) {
			if e.IsInInitialList {
				add(ctx, enqueue.PriorityStartUp, e.Object)
				return
			}
			add(ctx, enqueue.PriorityEdit, e.Object)
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, _ queue) { add(ctx, enqueue.PriorityEdit, e.ObjectNew) },
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, _ queue) { add(ctx, enqueue.PriorityEdit, e.Object) },
	}
}

// MapChildren returns the children of a Conference and of its rivals. What can't be read
// is left to the retries of the children.
func MapChildren(ctx context.Context, reader client.Reader, changed *v1alpha1.Conference) (requests []reconcile.Request) {
	owners, err := overlapping(ctx, reader, changed)
	if err != nil {
		return nil
	}
	for _, owner := range append(owners, client.ObjectKeyFromObject(changed)) {
		children, err := index.OfOwner(ctx, reader, owner)
		if err != nil {
			return nil
		}
		for i := range children {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(&children[i])})
		}
	}
	return requests
}

// OfAccount returns the Conferences to which it makes a difference what is known of an
// account: its own, and those that may win or lose rooms of them. Of a kind that is not
// served there are none.
func OfAccount(ctx context.Context, reader client.Reader, account types.NamespacedName) (names []types.NamespacedName, err error) {
	all := &v1alpha1.ConferenceList{}
	err = reader.List(ctx, all, client.InNamespace(account.Namespace), client.UnsafeDisableDeepCopy)
	if meta.IsNoMatchError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i := range all.Items {
		object := &all.Items[i]
		if accountOf(object) != account {
			continue
		}
		rivals, err := overlapping(ctx, reader, object)
		if err != nil {
			return nil, err
		}
		names = append(append(names, client.ObjectKeyFromObject(object)), rivals...)
	}
	return names, nil
}
