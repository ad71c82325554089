package participant

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	logf "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
)

const (
	// farewellLimit is how long a deletion may take; older ones send nothing.
	farewellLimit = 5 * time.Minute
	// farewellLook is how often a deletion that waits for its account looks.
	farewellLook = 10 * time.Second
)

// farewell ends the passes of objects that are being deleted: the deletion
// policy is carried out, and the object is let go (R11).
func (r *Reconciler) farewell(ctx context.Context, p *pass) (outcome, bool, error) {
	if p.before.DeletionTimestamp.IsZero() {
		return outcome{}, false, nil
	}
	r.setClaim(ctx, p, false)
	if !anchored(p.before) {
		return silent(), true, nil
	}
	limit := p.before.DeletionTimestamp.Add(farewellLimit)
	nothing, err := r.nothingToDo(ctx, p)
	switch {
	case err != nil:
		return outcome{}, true, err
	case nothing:
		return r.letGo(ctx, p)
	case !p.now.Before(limit):
		r.warn(p.before, v1alpha1.EventNotReset, p.leftBehind())
		return r.letGo(ctx, p)
	case p.now.Before(p.notes.notBefore):
		return silent().at(p.notes.notBefore).soonerAt(limit), true, nil
	}
	found, done := r.part(ctx, p)
	if done {
		return r.letGo(ctx, p)
	}
	return found.soonerAt(limit), true, nil
}

// settleRecord gives up the claim that an object has on an announcement, since
// nobody can when the object is gone, and has it told what became of it.
func (r *Reconciler) settleRecord(ctx context.Context, p *pass) (settled bool, err error) {
	if record := recordOf(p.status); record.Claimed() {
		p.setRecord(record.Unknown(nil, p.now))
	}
	err = r.write(ctx, p, silent())
	return !recordOf(p.before.Status).Claimed(), err
}

// nothingToDo says whether an object goes without a request: one that was not
// to send any, or that has closed nothing, or whose participant is somebody
// else's by now.
func (r *Reconciler) nothingToDo(ctx context.Context, p *pass) (bool, error) {
	spec := p.before.Spec
	ready := meta.FindStatusCondition(p.status.Conditions, v1alpha1.ConditionReady)
	switch {
	case spec.Suspend, spec.Mode == v1alpha1.ModeObserve, p.status.CallState != v1alpha1.CallLive:
		return true, nil
	case ready != nil && ready.Reason == v1alpha1.ReasonConflict:
		return true, nil
	case spec.DeletionPolicy == v1alpha1.DeletionReset && p.status.Initial == nil:
		return true, nil
	case spec.DeletionPolicy != v1alpha1.DeletionReset && spec.DeletionPolicy != v1alpha1.DeletionRemove:
		return true, nil
	}
	return r.inherited(ctx, p)
}

// inherited says whether another object claims the same participant by now, as
// after a rename.
func (r *Reconciler) inherited(ctx context.Context, p *pass) (bool, error) {
	rivals, err := index.OfCall(ctx, r.Client, p.before.Spec.CallSID)
	if err != nil {
		return false, err
	}
	_, standing := r.Registry.Farewell(p.key.Account)
	for i := range rivals {
		rival := &rivals[i]
		if rival.UID == p.before.UID || !claims(rival, p.before) {
			continue
		}
		same, proven := r.owns(ctx, rival, standing.Owner)
		if same && proven || index.KeyOf(rival).Account == p.key.Account {
			return true, nil
		}
	}
	return false, nil
}

// part carries the deletion policy out, observed first; done says that nothing
// is left to do.
func (r *Reconciler) part(ctx context.Context, p *pass) (found outcome, done bool) {
	current, standing := r.Registry.Farewell(p.key.Account)
	if current == nil || standing.Suspended {
		return silent().at(p.now.Add(farewellLook)), false
	}
	if trouble, until := current.Held(); trouble != gateway.Fine {
		return silent().at(p.now.Add(farewellLook)).soonerAt(until), false
	}
	release, admitted := current.Admit(r.turn(p, false))
	if !admitted {
		return silent(), false
	}
	defer release()
	if p.stopping() != nil {
		return silent(), false
	}
	p.gateway = current
	done, err := r.settle(ctx, p)
	if err != nil {
		logf.FromContext(ctx).Info("The deletion policy could not be carried out so far", "cause", err.Error())
	}
	if err != nil || !done {
		// An answer that shows no change is no reason to hurry, either.
		return silent().at(r.backOff(p)), false
	}
	return outcome{}, true
}

// settle looks at the participant, and resets or removes it. One who is not
// there needs neither.
func (r *Reconciler) settle(ctx context.Context, p *pass) (done bool, err error) {
	seen, times, err := p.gateway.Read(ctx, p.key.Conference, p.notes.call)
	switch {
	case voice.ClassOf(err) == voice.ClassGone:
		return true, nil
	case err != nil:
		return false, err
	case seen.Ended():
		return true, nil
	case p.before.Spec.DeletionPolicy == v1alpha1.DeletionRemove:
		return r.remove(ctx, p, seen)
	default:
		return r.reset(ctx, p, plan.Observed{Participant: seen, SentAt: times.Sent})
	}
}

// reset opens again what the object closed. The answer is trusted; where it says
// that more is to be done, that begins with another look.
func (r *Reconciler) reset(ctx context.Context, p *pass, seen plan.Observed) (done bool, err error) {
	update := plan.Reset(&p.before.Spec, p.status.Initial, seen)
	if update.IsZero() {
		return true, nil
	}
	answer, times, err := p.gateway.Update(ctx, p.key.Conference, p.notes.call, update)
	if err != nil {
		return false, err
	}
	p.status.Participant = stateOf(answer)
	answered := plan.Observed{Participant: answer, SentAt: times.Sent}
	return plan.Reset(&p.before.Spec, p.status.Initial, answered).IsZero(), nil
}

// remove takes the participant out of the conference, unless that would end
// with it for everybody.
func (r *Reconciler) remove(ctx context.Context, p *pass, seen voice.Participant) (done bool, err error) {
	ends := seen.EndConferenceOnExit != nil && *seen.EndConferenceOnExit
	if ends && p.before.Annotations[v1alpha1.AllowEndConferenceAnnotation] != "true" {
		r.warn(p.before, v1alpha1.EventWouldEndConference, fmt.Sprintf(
			"The participant stays in the conference, which would end for everybody without it; the annotation %s: \"true\" allows that.",
			v1alpha1.AllowEndConferenceAnnotation))
		return true, nil
	}
	_, err = p.gateway.Remove(ctx, p.key.Conference, p.notes.call)
	if voice.ClassOf(err) == voice.ClassGone {
		err = nil
	}
	return err == nil, err
}

// leftBehind says what a deletion that took too long leaves as it is.
func (p *pass) leftBehind() string {
	if p.before.Spec.DeletionPolicy == v1alpha1.DeletionRemove {
		return "The provider could not be asked in time to remove the participant, who is still in the conference."
	}
	closed := ""
	if p.status.Participant != nil {
		closed = plan.StillClosed(&p.before.Spec, p.status.Initial, participantOf(p.status.Participant))
	}
	if closed == "" {
		return "The provider could not be asked in time whether there is something to undo."
	}
	return fmt.Sprintf("The provider could not be asked in time to undo what this object declared; still true: %s.", closed)
}
