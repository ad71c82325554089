package participant

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
)

// report turns the outcome into status, events and the time of the next pass:
// one write, and none if nothing changed.
func (r *Reconciler) report(ctx context.Context, p *pass, found outcome) (ctrl.Result, error) {
	if found.gone {
		return ctrl.Result{}, nil
	}
	if found.shared && !r.mayTell(p, found) {
		found = silent().at(found.next).soonerAt(p.notes.tellAt)
	}
	if err := r.write(ctx, p, found); err != nil {
		return ctrl.Result{}, err
	}
	p.notes.played = nil
	if found.expire {
		return ctrl.Result{}, r.expire(ctx, p)
	}
	found = found.soonerAt(p.recordAt)
	if found.next.IsZero() {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{RequeueAfter: max(found.next.Sub(r.Now()), time.Millisecond)}, nil
}

// mayTell says whether it is the object's turn to tell what a whole crowd is told,
// and gives it one if not.
func (r *Reconciler) mayTell(p *pass, found outcome) bool {
	if equality.Semantic.DeepEqual(p.before.Status, p.statusAfter(found)) {
		return true
	}
	if p.notes.tellAt.IsZero() {
		p.notes.tellAt = p.now.Add(r.Pace.ReserveN(p.now, 1).DelayFrom(p.now))
	}
	return !p.now.Before(p.notes.tellAt)
}

// statusAfter is the status that an outcome leaves behind. It is pure. An
// outcome without a verdict keeps only what must not be lost.
func (p *pass) statusAfter(found outcome) v1alpha1.ConferenceParticipantStatus {
	if found.verdict == nil {
		status := *p.before.Status.DeepCopy()
		status.Announcement, status.HandledAnnouncementIDs = p.status.Announcement, p.status.HandledAnnouncementIDs
		status.Initial = p.status.Initial
		if anchored(p.before) && p.status.CallState == v1alpha1.CallLive {
			status.CallState, status.FinishTime = v1alpha1.CallLive, nil
		}
		if p.status.LastSyncedDigest == "" {
			status.LastSyncedDigest = ""
		}
		return status
	}
	status := p.status
	generation := p.before.Generation
	status.ObservedGeneration = generation
	status.Conditions = conditions.Apply(p.before.Status.Conditions, *found.verdict, generation, p.now)
	status.AppliedInputsDigest = p.notes.history.AppliedInputs
	if p.notes.judged {
		status.LastHandledReconcileAt = p.notes.request.requestedAt
	}
	return status
}

// write stores the status if it differs, with the version that it was computed
// from, or else onto the live object (R14).
func (r *Reconciler) write(ctx context.Context, p *pass, found outcome) error {
	after := p.before.DeepCopy()
	after.Status = p.statusAfter(found)
	if equality.Semantic.DeepEqual(p.before.Status, after.Status) {
		return nil
	}
	err := r.patch(ctx, p.before, after)
	if apierrors.IsConflict(err) {
		after, err = r.rewrite(ctx, p, after)
	}
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("write the participant's status: %w", err)
	}
	r.stored(p, after, found)
	return nil
}

// rewrite writes an outcome onto the live object. Another object of the same
// name is not found (R14).
func (r *Reconciler) rewrite(ctx context.Context, p *pass, after *v1alpha1.ConferenceParticipant) (*v1alpha1.ConferenceParticipant, error) {
	live := &v1alpha1.ConferenceParticipant{}
	if err := r.Live.Get(ctx, p.name, live); err != nil {
		return nil, err
	}
	if live.UID != p.before.UID {
		return nil, apierrors.NewNotFound(v1alpha1.GroupVersion.WithResource("conferenceparticipants").GroupResource(), p.name.Name)
	}
	rewritten := live.DeepCopy()
	rewritten.Status = after.Status
	r.keepLive(p, live, rewritten)
	return rewritten, r.patch(ctx, live, rewritten)
}

// keepLive leaves what may be another process's claim as it stands in the live
// object, save what became of our own.
func (r *Reconciler) keepLive(p *pass, live, rewritten *v1alpha1.ConferenceParticipant) {
	ours, theirs := recordOf(rewritten.Status), recordOf(live.Status)
	if p.notes.played != nil && theirs.Claimed() && theirs.Current.ID == ours.Current.ID {
		return
	}
	rewritten.Status.Announcement, rewritten.Status.HandledAnnouncementIDs = theirs.Current, theirs.Handled
	if live.Status.Initial != nil {
		rewritten.Status.Initial = live.Status.Initial
	}
	if !equality.Semantic.DeepEqual(ours, theirs) {
		r.again(p)
	}
}

// stored notes what was written, and tells people what they would call a
// transition.
func (r *Reconciler) stored(p *pass, after *v1alpha1.ConferenceParticipant, found outcome) {
	p.notes.written, p.notes.tellAt = writtenTo(after), time.Time{}
	r.tell(p.before, after, found)
	p.before = after
}

// secure stores the status before a request that must not be sent without it.
// Whoever loses a race for the object sends nothing.
func (r *Reconciler) secure(ctx context.Context, p *pass, found outcome) (won bool, err error) {
	after := p.before.DeepCopy()
	after.Status = p.statusAfter(found)
	switch err := r.patch(ctx, p.before, after); {
	case apierrors.IsConflict(err), apierrors.IsNotFound(err):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("write down what is about to be sent: %w", err)
	}
	r.stored(p, after, found)
	p.status = *after.Status.DeepCopy()
	return true, nil
}

func (r *Reconciler) patch(ctx context.Context, before, after *v1alpha1.ConferenceParticipant) error {
	return r.Client.Status().Patch(ctx, after, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
}

// expire deletes the object, if it still is the one that was looked at.
func (r *Reconciler) expire(ctx context.Context, p *pass) error {
	// What was looked at is the newest that is known: what was written last, or
	// what somebody else has changed since (R14).
	err := r.Client.Delete(ctx, p.before, client.Preconditions{UID: &p.before.UID, ResourceVersion: ptr.To(p.before.ResourceVersion)})
	if err := client.IgnoreNotFound(err); err != nil {
		return fmt.Errorf("delete after the call has ended: %w", err)
	}
	return nil
}
