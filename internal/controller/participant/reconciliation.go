package participant

import (
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/controller/participant/memory"
	"github.com/voiceops/conference-operator/internal/controller/status"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/roster"
)

// Kind is the kind of the objects as subscribers of rosters.
const Kind = "ConferenceParticipant"

// reconciliation is one reconcile of one object.
type reconciliation struct {
	facts
	state
	// effects are what the other controllers are to do.
	effects effects
	now     time.Time
	// echoed says that the observation is the response to this reconcile's own
	// update, and sent that it has sent one.
	echoed, sent bool
	// merged says that the status was merged into another one than it was computed
	// from, so that the reconcile follows once more.
	merged bool
	// recordAt is when the record of announcements changes by itself; zero is
	// never.
	recordAt time.Time
	// undo is what the deletion of the object undoes.
	undo plan.Undo
	// stopping returns an error once the manager shuts down; the reconcile's own
	// context goes on, since what was begun is finished (R16).
	stopping func() error
}

// state is what a reconcile changes.
type state struct {
	// memory is what this process remembers of the object.
	memory memory.Memory
	// status is what becomes of the object's status.
	status v1alpha1.ConferenceParticipantStatus
}

// begin returns the reconcile of an object from the cache, with what is remembered
// of it, and the subject of another object of the same name that is gone.
func begin(memories *memory.Store, object *v1alpha1.ConferenceParticipant, now time.Time) (x *reconciliation, stale *memory.Subject) {
	x = &reconciliation{now: now, facts: facts{
		object: object, child: childOf(object), desired: plan.DesiredOf(&object.Spec), announcement: plan.RequestOf(object.Spec.Announcement),
	}}
	x.memory, stale = memories.Get(memory.Subject{
		Name: client.ObjectKeyFromObject(object), UID: object.UID, Key: index.KeyOf(object), CallSID: string(object.Spec.CallSID),
	}, now)
	x.memory.Stored = x.memory.Stored.Overlay(object, &object.Status)
	x.status = *object.Status.DeepCopy()
	x.observeEdit()
	x.inheritJoin()
	if x.memory.UnsavedOnce != nil {
		// What was done could not be written down so far.
		x.status.Once = *x.memory.UnsavedOnce
	}
	x.refreshOnce()
	return x, stale
}

// observeEdit takes up a new edit, which ends every wait of the one before.
func (x *reconciliation) observeEdit() {
	m, object := &x.memory, x.object
	unconfirmed := m.Edit.Provisional()
	edit, change := m.Edit.Observe(object.Generation, requestedAt(object), !unreported(object), x.now)
	if !change.New {
		return
	}
	*m = m.ForNewEdit()
	m.Edit, m.Updates = edit, m.Updates.ForNewGeneration()
	m.Updates.Synced = object.Status.LastSyncedDigest == x.desired.Digest && !unconfirmed
	// A generation that was reported on was sent before, by any process.
	m.Updates.Beeped = m.Updates.Beeped && !change.Edited || object.Generation == object.Status.ObservedGeneration
	if change.First {
		x.resume()
	}
}

// resume takes up what the process before this one was at, as far as the status
// tells. It is the only place that reads a condition.
func (x *reconciliation) resume() {
	m, current := &x.memory, x.object.Status
	m.Updates.AppliedInputs = current.AppliedInputsDigest
	if status.Reason(current.Conditions) == v1alpha1.ReasonConflict {
		m.Claim = claim.Lost
	}
	reason := status.ReasonFor(current.Conditions, x.object.Generation)
	x.resumeCoaching(reason)
	m.DeadlinePassed = reason == v1alpha1.ReasonParticipantNotFound || neverJoined(current) && reason != ""
	m.ConferenceOver = status.Reason(current.Conditions) == v1alpha1.ReasonConferenceOver
	if m.Edit.RequestedAt() != current.LastHandledReconcileAt {
		return
	}
	switch reason {
	case v1alpha1.ReasonRejected:
		if current.Participant != nil {
			m.Updates = m.Updates.ResumeRejected(x.desired, participantOf(current.Participant))
		}
	case v1alpha1.ReasonNotApplied:
		m.Updates = m.Updates.ResumeNotApplied(x.now)
	case v1alpha1.ReasonContested:
		m.Updates = m.Updates.ResumeContested(x.now)
	}
}

// resumeCoaching takes up why a coaching was waited for.
func (x *reconciliation) resumeCoaching(reason string) {
	m := &x.memory
	m.Coachee.Lost = reason == v1alpha1.ReasonCoacheeGone
	if m.Coachee.Lost || reason == v1alpha1.ReasonWaitingForCoachee {
		// What is built again when the coachee is back is no drift.
		m.Updates.Synced = false
	}
}

// unreported reports whether an object was changed since it was last reported on,
// so that a person waits for it.
func unreported(object *v1alpha1.ConferenceParticipant) bool {
	return object.Generation != object.Status.ObservedGeneration ||
		requestedAt(object) != object.Status.LastHandledReconcileAt
}

// requestedAt is the value of the reconcile annotation.
func requestedAt(object client.Object) string {
	return object.GetAnnotations()[v1alpha1.ReconcileRequestedAtAnnotation]
}

// pending reports whether there is something to send, as far as is known.
func (x *reconciliation) pending() bool {
	return unreported(x.object) || x.memory.Backlog.Planned() || x.memory.Edit.Awaited() ||
		!x.observes() && recordOf(x.status).Pending()
}

// markReconcileHandled notes a reconcile request as handled where nothing is to be
// observed.
func (x *reconciliation) markReconcileHandled() {
	x.status.LastHandledReconcileAt = x.memory.Edit.RequestedAt()
}

// subscriber is the object as rosters know it.
func (x *reconciliation) subscriber() roster.Subscriber {
	return roster.Subscriber{Kind: Kind, Name: x.memory.Name}
}

// refresh has a call leg observed, and this object enqueued then.
func (x *reconciliation) refresh(callSID string, at time.Time) {
	x.requestRefresh(roster.RefreshRequest{CallSID: callSID, At: at})
}

// requestRefresh makes a request in the name of this object.
func (x *reconciliation) requestRefresh(request roster.RefreshRequest) {
	request.Subscriber, request.Priority = x.subscriber(), x.memory.Edit.Priority(x.memory.Backlog)
	x.effects.refresh = append(x.effects.refresh, request)
}

// leavesDrift reports whether the drift policy leaves any drift alone.
func (x *reconciliation) leavesDrift() bool {
	policy := x.object.Spec.DriftPolicy
	return policy == v1alpha1.DriftRestrict || policy == v1alpha1.DriftReport
}

// setRecord takes over a record of announcements.
func (x *reconciliation) setRecord(record plan.Record) {
	x.status.Announcement, x.status.HandledAnnouncementIDs = record.Current, record.Handled
}

// setClaim notes what the claim has come to, and has the rivals reconciled when it
// begins or ends to stand.
func (x *reconciliation) setClaim(now claim.State) {
	if (now == claim.Ours) != (x.memory.Claim == claim.Ours) {
		x.effects.enqueueRelated = true
	}
	x.memory.Claim = now
}

// unsubscribe has nothing sent for the object any more, and a fresh observation
// before its next request.
func (x *reconciliation) unsubscribe() {
	x.memory = x.memory.Unsubscribed()
	x.effects.unsubscribe = true
}
