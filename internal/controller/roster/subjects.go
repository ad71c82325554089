package roster

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/controller/conditions"
	"github.com/voiceops/conference-operator/internal/controller/index"
	"github.com/voiceops/conference-operator/internal/gateway"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/voice"
)

// subjects returns the live objects of a conference, and notes what they are:
// those that have not left, or only just, are not suspended and have not lost
// their claim.
func (r *Reconciler) subjects(ctx context.Context, v visit) (live []*v1alpha1.ConferenceParticipant, err error) {
	began := r.Now()
	all, err := index.OfConference(ctx, r.Client, v.key)
	if err != nil {
		return nil, err
	}
	crew := gateway.Crew{}
	for i := range all {
		if r.live(&all[i]) {
			live = append(live, &all[i])
			crew.Live, crew.Coaching = true, crew.Coaching || isCoaching(&all[i])
		}
	}
	v.roster.SetCrew(crew, began)
	return live, nil
}

// crew says for whom a conference is looked at. In a crowd everybody who waits
// brings us here, and it is not gone through each time.
func (r *Reconciler) crew(ctx context.Context, v visit) (gateway.Crew, error) {
	if crew, known := v.roster.Crew(); known {
		return crew, nil
	}
	_, err := r.subjects(ctx, v)
	crew, _ := v.roster.Crew()
	return crew, err
}

func isCoaching(p *v1alpha1.ConferenceParticipant) bool {
	if p.Spec.Coaching != nil {
		return *p.Spec.Coaching
	}
	return plan.Targeted(&p.Spec)
}

func (r *Reconciler) live(p *v1alpha1.ConferenceParticipant) bool {
	lost := conditions.Reason(p.Status.Conditions, p.Generation) == v1alpha1.ReasonConflict
	if p.Spec.Suspend || lost || !p.DeletionTimestamp.IsZero() {
		return false
	}
	return p.Status.FinishTime == nil || plan.Revivable(p.Status.FinishTime.Time, r.Now())
}

// concerns says whether what a list has shown makes a difference to a
// participant: its compared fields differ from its status, or it is newly
// missing, or whom it coaches is.
func concerns(p *v1alpha1.ConferenceParticipant, roster *gateway.Roster) bool {
	sight := roster.Sight(string(p.Spec.CallSID))
	if !sight.Present {
		return p.Status.CallState == v1alpha1.CallLive
	}
	if p.Status.CallState == v1alpha1.CallLeft {
		return !sight.Observed.Ended()
	}
	if p.Status.Participant == nil || !gateway.Same(sight.Observed.Participant, compared(p.Status.Participant)) {
		return true
	}
	return coacheeVanished(p, sight.Observed, roster)
}

// compared is the part of a status that is compared with a list.
func compared(state *v1alpha1.ParticipantState) voice.Participant {
	return voice.Participant{
		Muted: state.Muted, Hold: state.Hold, Coaching: state.Coaching,
		CallSIDToCoach: state.CallSIDToCoach, Status: state.Status,
	}
}

// coacheeVanished says whether somebody coaches, or so the provider says, who
// is not there any more, and nobody knows it yet.
func coacheeVanished(p *v1alpha1.ConferenceParticipant, observed plan.Observed, roster *gateway.Roster) bool {
	coachee := roster.Sight(observed.CallSIDToCoach)
	if !isCoaching(p) || !observed.Coaching || coachee.Present && !coachee.Observed.Ended() {
		return false
	}
	// A whisperer who can be heard is muted, whatever else is wrong (R17).
	audible := plan.DesiredOf(&p.Spec).Whisper() && !observed.Muted
	return audible || meta.IsStatusConditionTrue(p.Status.Conditions, v1alpha1.ConditionReady)
}
