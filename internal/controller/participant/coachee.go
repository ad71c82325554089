package participant

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/plan"
)

// desired returns the declared state with the coachee resolved.
func (r *Reconciler) desired(ctx context.Context, p *pass) (plan.Desired, error) {
	desired := plan.DesiredOf(&p.before.Spec)
	if desired.Coaching == nil || !*desired.Coaching {
		return desired, nil
	}
	var err error
	desired.Coachee, err = r.coachee(ctx, p)
	return desired, err
}

// coachee resolves whom to coach, and says whether they can be.
func (r *Reconciler) coachee(ctx context.Context, p *pass) (plan.Coachee, error) {
	reference := p.before.Spec.ParticipantToCoachRef
	if reference == nil {
		return r.coacheeInConference(p, string(p.before.Spec.CallSIDToCoach), false), nil
	}
	referred := &v1alpha1.ConferenceParticipant{}
	err := r.Client.Get(ctx, types.NamespacedName{Namespace: p.name.Namespace, Name: reference.Name}, referred)
	if apierrors.IsNotFound(err) {
		return plan.Coachee{State: plan.CoacheeAwaited, Why: fmt.Sprintf(
			"ConferenceParticipant %s, the one to coach, does not exist in this namespace yet.", reference.Name)}, nil
	}
	if err != nil {
		return plan.Coachee{}, err
	}
	switch mine, theirs := p.before.Spec, referred.Spec; {
	case theirs.CallSID == mine.CallSID:
		return invalid("participantToCoachRef %s is this very participant; name the one to coach.", reference.Name), nil
	case theirs.AccountRef != mine.AccountRef || theirs.ConferenceSID != mine.ConferenceSID:
		return invalid("ConferenceParticipant %s is in another conference or account; name one of the same.", reference.Name), nil
	}
	return r.coacheeInConference(p, string(referred.Spec.CallSID), referred.Status.CallState == v1alpha1.CallLeft), nil
}

func invalid(format, name string) plan.Coachee {
	return plan.Coachee{State: plan.CoacheeInvalid, Why: fmt.Sprintf(format, name)}
}

// coacheeInConference says what the roster knows about a coachee. One that was
// there before and is not now is gone; one that never was is awaited.
func (r *Reconciler) coacheeInConference(p *pass, callSID string, left bool) plan.Coachee {
	sight := r.Registry.Roster(p.key).Sight(callSID)
	there := sight.Present && !sight.Observed.Ended()
	switch {
	case there && sight.Observed.Hold:
		return plan.Coachee{SID: callSID, State: plan.CoacheeAwaited, Why: "The participant to coach is on hold; it is coached once it is not."}
	case there:
		return plan.Coachee{SID: callSID, State: plan.CoacheeReady}
	case left || sight.Present || sight.WasThere || p.coachedBefore(callSID):
		return plan.Coachee{SID: callSID, State: plan.CoacheeGone, Why: p.coacheeGone()}
	default:
		return plan.Coachee{SID: callSID, State: plan.CoacheeAwaited, Why: "The participant to coach is not in the conference yet."}
	}
}

// coacheeGone says that the coachee has left, and what that means for a
// participant that only the coachee was to hear.
func (p *pass) coacheeGone() string {
	if muted := p.before.Spec.Muted; muted != nil && !*muted {
		return "The participant to coach has left the conference, so this one is muted; name another one, or set coaching: false."
	}
	return "The participant to coach has left the conference; name another one, or set coaching: false."
}

// coachedBefore says whether the status remembers the coachee, as the process
// that saw it may not be this one.
func (p *pass) coachedBefore(callSID string) bool {
	state := p.before.Status.Participant
	return state != nil && state.Coaching && state.CallSIDToCoach == callSID ||
		conditions.Reason(p.status.Conditions, p.before.Generation) == v1alpha1.ReasonCoacheeGone
}
