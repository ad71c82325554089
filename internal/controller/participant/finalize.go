package participant

import (
	"context"
	"fmt"
	"slices"
	"time"

	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/audit"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/controller/enqueue"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/provider"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// finalizeRetry is how often a deletion that waits for its account is tried.
const finalizeRetry = 10 * time.Second

// finalizer carries out deletion policies.
type finalizer struct {
	finalizers
	gatherer gatherer
	notify   notifier
	queue    *enqueue.Queue[reconcile.Request]
	clock    func() time.Time
}

// finalize is the reconcile of an object that is being deleted: the deletion policy
// is carried out, and the finalizer removed (R11).
func (f finalizer) finalize(ctx context.Context, x *reconciliation) (outcome, error) {
	if !index.HasFinalizer(x.object) {
		return noReport(), nil
	}
	m := &x.memory
	m.Deletion = m.Deletion.Begin(x.now)
	x.child.standing = f.gatherer.standing(ctx, x.object)
	needed, err := f.needsCleanUp(ctx, x)
	switch {
	case err != nil:
		return outcome{}, err
	case !needed:
		return f.removeFinalizer(ctx, x)
	case !x.now.Before(m.Deletion.EndsAt(f.reachable(x))):
		f.notify.warn(x.object, v1alpha1.EventNotReset, x.notResetMessage())
		return f.removeFinalizer(ctx, x)
	case x.child.unknown():
		return noReport().at(x.now.Add(standingRetry)).by(m.Deletion.EndsAt(f.reachable(x))), nil
	case m.Retry.Waiting(x.now):
		return noReport().at(m.Retry.NotBefore).by(m.Deletion.EndsAt(f.reachable(x))), nil
	}
	found, done := f.cleanUp(ctx, x)
	if done {
		return f.removeFinalizer(ctx, x)
	}
	return found.by(m.Deletion.EndsAt(f.reachable(x))), nil
}

// reachable reports whether requests may be sent for a deletion at all.
func (f finalizer) reachable(x *reconciliation) bool {
	session, account := f.gatherer.accounts.ForFinalizer(x.memory.Key.Account)
	return session != nil && account.Phase != provider.PhaseSuspended
}

// endClaim gives up the claim of an object that is being deleted.
func endClaim(x *reconciliation) {
	if x.memory.Claim == claim.Ours {
		x.setClaim(claim.None)
	}
}

// needsCleanUp reports whether a deletion needs a request: not of an object that was
// not to send any, that has restricted nothing, or that has lost its participant to
// another object by now.
func (f finalizer) needsCleanUp(ctx context.Context, x *reconciliation) (bool, error) {
	deletion := x.object.Spec.DeletionPolicy
	switch {
	case x.silent(), !x.wasLive():
		return false, nil
	case deletion != v1alpha1.DeletionReset && deletion != v1alpha1.DeletionRemove:
		return false, nil
	case deletion == v1alpha1.DeletionReset && x.child.made():
		return f.childNeedsCleanUp(ctx, x)
	case x.memory.Claim == claim.Lost:
		return false, nil
	case deletion == v1alpha1.DeletionReset && x.status.Initial == nil:
		return false, nil
	}
	x.undo = plan.UndoOf(x.desired, x.status.Initial)
	rivals, err := f.gatherer.rivals(ctx, x.object, x.now)
	if deletion == v1alpha1.DeletionRemove {
		// What a policy has made for the call leg meanwhile is no word against its removal.
		rivals = slices.DeleteFunc(rivals, func(r rival) bool { return index.ConferenceOf(r.object) != nil })
	}
	_, account := f.gatherer.accounts.ForFinalizer(x.memory.Key.Account)
	return !claim.Inherited(candidate(x.object, account, x.now), candidates(rivals)), err
}

// cleanUp carries the deletion policy out, by what is observed first; done says that
// nothing is left to do.
func (f finalizer) cleanUp(ctx context.Context, x *reconciliation) (found outcome, done bool) {
	session, account := f.gatherer.accounts.ForFinalizer(x.memory.Key.Account)
	if session == nil || account.Phase == provider.PhaseSuspended {
		return noReport().at(x.now.Add(finalizeRetry)), false
	}
	if block, until := session.Blocked(); block != provider.None {
		return noReport().at(x.now.Add(finalizeRetry)).by(until), false
	}
	release, ok := session.TryAcquire(admissionRequest(x, f.queue, false))
	if !ok {
		return noReport(), false
	}
	defer release()
	if x.stopping() != nil {
		return noReport(), false
	}
	x.session = session
	done, err := f.applyDeletionPolicy(ctx, x)
	if err != nil {
		logf.FromContext(ctx).Info("The deletion policy could not be carried out so far", "cause", err.Error())
	}
	if err != nil || !done {
		// A response that shows no change is no reason to hurry, either.
		return noReport().at(x.backOff(f.clock())), false
	}
	return outcome{}, true
}

// applyDeletionPolicy observes the participant, and resets or removes it. One that
// is not there needs neither.
func (f finalizer) applyDeletionPolicy(ctx context.Context, x *reconciliation) (done bool, err error) {
	m := &x.memory
	seen, times, err := x.session.Read(ctx, m.Key.Conference, m.CallSID)
	m.Deletion = m.Deletion.Read(times.WasSent())
	switch {
	case voice.ClassOf(err) == voice.ClassGone:
		return true, nil
	case err != nil:
		return false, err
	case seen.Ended():
		return true, nil
	case x.object.Spec.DeletionPolicy == v1alpha1.DeletionRemove:
		return f.remove(ctx, x, seen)
	case seen.Ringing():
		// Nothing is sent before it is answered.
		return false, nil
	default:
		return f.reset(ctx, x, roster.Observation{Participant: seen, Present: true, ObservedAt: times.Sent, RespondedAt: times.Responded})
	}
}

// reset opens again what the object restricted. The response is trusted; where it
// shows that more is to be done, that begins with another observation.
func (f finalizer) reset(ctx context.Context, x *reconciliation, seen roster.Observation) (done bool, err error) {
	update := x.undo.Update(seen)
	if update.IsZero() {
		return true, nil
	}
	m := &x.memory
	audited := x.audited(ctx, audit.CauseDeletion, "", audit.UpdateOf(update, seen.Participant))
	echo, times, err := x.session.Update(audited, m.Key.Conference, m.CallSID, update)
	m.Deletion = m.Deletion.Owe(times.WasSent())
	if err != nil {
		return false, err
	}
	f.gatherer.rosters.Note(m.Key, echo, times)
	x.status.Participant = stateOf(echo)
	echoed := roster.Observation{Participant: echo, Present: true, ObservedAt: times.Sent, RespondedAt: times.Responded}
	return x.undo.Update(echoed).IsZero(), nil
}

// remove takes the participant out of the conference, unless that would end with it
// for everyone, or the provider does not say that it would not.
func (f finalizer) remove(ctx context.Context, x *reconciliation, seen voice.Participant) (done bool, err error) {
	ends := seen.EndConferenceOnExit
	if (ends == nil || *ends) && x.object.Annotations[v1alpha1.AllowEndConferenceAnnotation] != "true" {
		f.notify.warn(x.object, v1alpha1.EventWouldEndConference, wouldEndMessage(ends != nil))
		return true, nil
	}
	m := &x.memory
	times, err := x.session.Remove(x.audited(ctx, audit.CauseDeletion, "", audit.Removal()), m.Key.Conference, m.CallSID)
	m.Deletion = m.Deletion.Owe(times.WasSent())
	if voice.ClassOf(err) == voice.ClassGone {
		err = nil
	}
	return err == nil, err
}

// wouldEndMessage says why a participant is not removed; certain says that the
// provider was clear about it.
func wouldEndMessage(certain bool) string {
	reason := "The provider does not say whether the conference would end without the participant, which stays in it"
	if certain {
		reason = "The participant stays in the conference, which would end for everybody without it"
	}
	return fmt.Sprintf("%s; the annotation %s: \"true\" allows that.", reason, v1alpha1.AllowEndConferenceAnnotation)
}

// notResetMessage says what a deletion that took too long leaves as it is.
func (x *reconciliation) notResetMessage() string {
	if x.object.Spec.DeletionPolicy == v1alpha1.DeletionRemove {
		return "The provider could not be asked in time to remove the participant, who is still in the conference."
	}
	restricted := ""
	if x.status.Participant != nil {
		restricted = x.undo.Left(participantOf(x.status.Participant))
	}
	if restricted == "" {
		return "The provider could not be asked in time whether there is something to undo."
	}
	return fmt.Sprintf("The provider could not be asked in time to undo what this object declared; still true: %s.", restricted)
}
