package participant

import (
	"context"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/roster"
)

// effects are what a reconcile asks of the other controllers. They are values:
// deciding on them has no effect.
type effects struct {
	// refresh are the observations that are needed.
	refresh []roster.RefreshRequest
	// unsubscribe ends everything that was asked of the roster before.
	unsubscribe bool
	// forgiveRefusal has a conference listed again that was refused.
	forgiveRefusal bool
	// enqueueRelated has the object's rivals and coaches reconciled.
	enqueueRelated bool
}

// carryOut has the effects so far take place.
func (r *Reconciler) carryOut(ctx context.Context, x *reconciliation) {
	due := x.effects
	x.effects = effects{}
	if due.unsubscribe {
		r.Rosters.Unsubscribe(x.memory.Key, x.subscriber(), x.memory.CallSID)
	}
	if due.forgiveRefusal {
		r.Rosters.Roster(x.memory.Key).Forgive()
	}
	if due.enqueueRelated {
		r.Queue.Enqueue(enqueue.PriorityEdit, 0, r.MapRelated(ctx, x.object)...)
	}
	for _, request := range due.refresh {
		r.Rosters.RequestRefresh(x.memory.Key, request)
	}
}

// subscribe registers how the object's conference is to be observed, as it stands
// after a reconcile; that of an object which needs nothing is not.
func (r *Reconciler) subscribe(x *reconciliation) (interested bool) {
	interest, wanted := x.interest()
	if wanted {
		r.Rosters.Subscribe(x.memory.Key, x.subscriber(), interest)
	} else {
		r.Rosters.Unsubscribe(x.memory.Key, x.subscriber(), x.memory.CallSID)
	}
	return wanted
}

// unsubscribe ends everything that was asked for on behalf of an object that is
// gone.
func (r *Reconciler) unsubscribe(subject memory.Subject) {
	r.Rosters.Unsubscribe(subject.Key, roster.Subscriber{Kind: Kind, Name: subject.Name}, subject.CallSID)
}
