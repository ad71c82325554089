package participant

import (
	"context"
	"time"

	"golang.org/x/time/rate"
	"k8s.io/apimachinery/pkg/api/equality"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/roster"
)

// reporter carries out what a reconcile came to.
type reporter struct {
	rosters Rosters
	queue   *enqueue.Queue[reconcile.Request]
	related related
	persist persister
	limiter *rate.Limiter
	clock   func() time.Time
}

// report turns the outcome into effects, status, events and the time of the next
// reconcile: one write, and none if nothing changed.
func (r reporter) report(ctx context.Context, x *reconciliation, found outcome) (ctrl.Result, error) {
	if found.finalized {
		return ctrl.Result{}, nil
	}
	found = x.reportJoin(found)
	if found.accountWide && !r.mayReportNow(x, found) {
		found = noReport().at(found.requeueAt).by(x.memory.ReportAt)
	}
	if err := r.persist.write(ctx, x, found); err != nil {
		return ctrl.Result{}, err
	}
	x.memory.Unsaved, x.memory.UnsavedOnce = nil, nil
	if found.expired {
		return ctrl.Result{}, r.persist.expire(ctx, x)
	}
	if found.requeueNow || x.merged {
		// A result can ask for a delay only.
		r.queue.Enqueue(enqueue.PriorityEdit, 0, reconcile.Request{NamespacedName: x.memory.Name})
		return ctrl.Result{}, nil
	}
	found = found.by(x.recordAt)
	if found.requeueAt.IsZero() {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{RequeueAfter: max(found.requeueAt.Sub(r.clock()), time.Millisecond)}, nil
}

// mayReportNow reports whether it is the object's turn to report what all objects of
// its account have to, and gives it one if not.
func (r reporter) mayReportNow(x *reconciliation, found outcome) bool {
	if equality.Semantic.DeepEqual(x.object.Status, x.statusAfter(found)) {
		x.memory.ReportAt = time.Time{}
		return true
	}
	if x.memory.ReportAt.IsZero() {
		x.memory.ReportAt = x.now.Add(r.limiter.ReserveN(x.now, 1).DelayFrom(x.now))
	}
	return !x.now.Before(x.memory.ReportAt)
}

// carryOut has the effects so far take place.
func (r reporter) carryOut(ctx context.Context, x *reconciliation) {
	due := x.effects
	x.effects = effects{}
	if due.unsubscribe {
		r.rosters.Unsubscribe(x.memory.Key, x.subscriber(), x.memory.CallSID)
	}
	if due.forgiveRefusal {
		r.rosters.Roster(x.memory.Key).Forgive()
	}
	if due.enqueueRelated {
		r.queue.Enqueue(enqueue.PriorityEdit, 0, r.related.MapRelated(ctx, x.object)...)
	}
	for _, request := range due.refresh {
		r.rosters.RequestRefresh(x.memory.Key, request)
	}
}

// subscribe registers how the object's conference is to be observed, as it stands
// after a reconcile; that of an object which needs nothing is not.
func (r reporter) subscribe(x *reconciliation) (interested bool) {
	interest, wanted := x.interest()
	if wanted {
		r.rosters.Subscribe(x.memory.Key, x.subscriber(), interest)
	} else {
		r.rosters.Unsubscribe(x.memory.Key, x.subscriber(), x.memory.CallSID)
	}
	return wanted
}

// unsubscribe ends everything that was asked for on behalf of an object that is
// gone.
func (r reporter) unsubscribe(subject memory.Subject) {
	r.rosters.Unsubscribe(subject.Key, roster.Subscriber{Kind: Kind, Name: subject.Name}, subject.CallSID)
}
