package conference

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/directory"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/roster"
)

// roomDeadline bounds a reconcile of a room, which goes on through a shut-down of the
// manager once it has begun (R16).
const roomDeadline = 8 * time.Second

// RoomReconciler keeps the children of a Conference in one room. Create it with NewRooms.
type RoomReconciler struct {
	Config
	overrides overrides
	writer    childWriter
	ender     ender
}

// NewRooms returns a reconciler of rooms.
func NewRooms(c Config) *RoomReconciler {
	return &RoomReconciler{
		Config: c, overrides: overrides{reader: c.Client, accounts: c.Accounts}, ender: newEnder(c),
		writer: childWriter{client: c.Client, inFlight: c.InFlight, labels: labelsOf(c.Selector), clock: c.Now},
	}
}

// scope is one reconcile of one room.
type scope struct {
	view
	key      directory.RoomKey
	roster   roster.Key
	snapshot roster.Snapshot
	// children are those that are there, by call SID.
	children map[string]policy.Child
	// ready says what the children report.
	reports map[string]childReport
	// legs are the call legs as the policy sees them, by call SID, and released how many
	// of them were left restricted and managed no more.
	legs     map[string]policy.Leg
	released int
	now      time.Time
}

// Reconcile brings the children of a room closer to what the policy says.
func (r *RoomReconciler) Reconcile(ctx context.Context, key directory.RoomKey) (ctrl.Result, error) {
	seen, governed := r.Store.room(key)
	if !governed {
		return ctrl.Result{}, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), roomDeadline)
	defer cancel()
	s := &scope{view: seen, key: key, roster: roster.Key{Account: accountOf(seen.object), Conference: key.SID}, now: r.Now()}
	s.legs = map[string]policy.Leg{}
	if s.snapshot = r.Rosters.Snapshot(s.roster); s.snapshot.ListedAt.IsZero() {
		// The first list enqueues it.
		return ctrl.Result{}, nil
	}
	if err := r.observeChildren(ctx, s); err != nil {
		return ctrl.Result{}, err
	}
	room, err := r.observe(ctx, s)
	if err != nil {
		return ctrl.Result{}, err
	}
	assignment := policy.Assign(s.policy, room, s.now)
	s.memory.ask(assignment.Lookups, s.now)
	if len(assignment.Lookups) > 0 {
		r.Callers.Request(s.roster.Account, key, assignment.Lookups...)
	}
	if s.room.Waiting {
		// No call leg can be heard there, so that nothing else is to be done (R18).
		return r.conclude(s, room, policy.Assignment{}, time.Time{}), nil
	}
	next := earlier(s.memory.overlaidUntil, r.writer.write(ctx, s, assignment))
	s.memory.absent = assignment.Absent
	again, err := r.ender.end(ctx, s, assignment.EndAt)
	if err != nil {
		return ctrl.Result{}, err
	}
	return r.conclude(s, room, assignment, earlier(earlier(next, again), assignment.NextAt)), nil
}

// conclude takes over what the room has come to.
func (r *RoomReconciler) conclude(s *scope, room policy.Room, found policy.Assignment, next time.Time) ctrl.Result {
	if s.released > 0 && r.Store.addReleased(s.view, s.released, s.now) {
		r.Queue.Enqueue(enqueue.PriorityDrift, newsAfter, reconcile.Request{NamespacedName: s.key.Conference})
	}
	result, settled := s.result(room, found)
	if r.Store.conclude(s.memory, result) {
		r.Queue.Enqueue(enqueue.PriorityEdit, 0, reconcile.Request{NamespacedName: s.key.Conference})
	}
	if next = earlier(next, settled); next.IsZero() {
		return ctrl.Result{}
	}
	return ctrl.Result{RequeueAfter: max(next.Sub(s.now), time.Millisecond)}
}

// earlier is the earlier of two times, of which zero means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// observeChildren reads the children of the room, as they are known to be stored.
func (r *RoomReconciler) observeChildren(ctx context.Context, s *scope) error {
	cached, err := index.OfRoom(ctx, r.Client, s.object, s.key.SID)
	if err != nil {
		return err
	}
	s.children, s.reports = map[string]policy.Child{}, map[string]childReport{}
	s.memory.forget(s.gone)
	for _, object := range s.memory.overlay(cached, s.now) {
		callSID := string(object.Spec.CallSID)
		s.children[callSID] = policy.ChildOf(object)
		s.reports[callSID] = reportOf(object)
	}
	return nil
}

// overrides finds the objects that people wrote for the call legs of a room (R22).
type overrides struct {
	reader   client.Reader
	accounts Accounts
}

// of returns which fields the hand-written objects of a call leg declare, and whether
// there is one that claims it, its token being accepted.
func (o overrides) of(ctx context.Context, s *scope, callSID string) (fields policy.Fields, overridden bool, err error) {
	objects, err := index.OfCall(ctx, o.reader, v1alpha1.SID(callSID))
	if err != nil {
		return fields, false, err
	}
	_, own, _ := o.accounts.Lookup(s.roster.Account)
	for i := range objects {
		object := &objects[i]
		if index.ConferenceOf(object) != nil || string(object.Spec.ConferenceSID) != s.key.SID || !holds(object) {
			continue
		}
		_, account, _ := o.accounts.Lookup(types.NamespacedName{Namespace: object.Namespace, Name: object.Spec.AccountRef.Name})
		if !account.Verified || account.ProviderAccount != own.ProviderAccount {
			continue
		}
		overridden = true
		fields.Muted = fields.Muted || object.Spec.Muted != nil
		fields.Hold = fields.Hold || object.Spec.Hold != nil
	}
	return fields, overridden, nil
}

// holds reports whether an object that people wrote keeps its call leg out of the policy:
// while it wants it, and until its deletion has undone what it declared or has removed
// the call leg, against which a child would declare the contrary (R11, R22).
func holds(p *v1alpha1.ConferenceParticipant) bool {
	undoes := index.HasFinalizer(p) && !index.Abstains(p) && p.Status.CallState == v1alpha1.CallLive
	return undoes || !index.Withdrawn(p)
}
