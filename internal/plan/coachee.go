package plan

import (
	"fmt"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/roster"
)

// Referred is the coachee that the participantToCoachRef of a spec leads to: referred is
// the object that it names, nil if there is none. Its State is CoacheeReady if the
// reference can be followed; whether the call leg can be coached, CoacheeSeen says.
func Referred(spec *v1alpha1.ConferenceParticipantSpec, referred *v1alpha1.ConferenceParticipant) Coachee {
	name := spec.ParticipantToCoachRef.Name
	switch {
	case referred == nil:
		return Coachee{State: CoacheeAwaited, Why: fmt.Sprintf("ConferenceParticipant %s, the one to coach, does not exist in this namespace yet.", name)}
	case referred.Spec.CallSID == spec.CallSID:
		return Coachee{State: CoacheeInvalid, Why: fmt.Sprintf("participantToCoachRef %s is this very participant; name the one to coach.", name)}
	case referred.Spec.AccountRef != spec.AccountRef || referred.Spec.ConferenceSID != spec.ConferenceSID:
		return Coachee{State: CoacheeInvalid, Why: fmt.Sprintf("ConferenceParticipant %s is in another conference or account; name one of the same.", name)}
	default:
		return Coachee{SID: string(referred.Spec.CallSID)}
	}
}

// CoacheeSeen is a coachee as its conference shows it. One that is not there is awaited.
func CoacheeSeen(callSID string, seen roster.Observation) Coachee {
	switch {
	case seen.Rings():
		return Coachee{SID: callSID, State: CoacheeRefused, Why: "The call of the participant to coach was not answered yet; the coaching begins once it is."}
	case !seen.There():
		return Coachee{SID: callSID, State: CoacheeAwaited, Why: "The participant to coach is not in the conference yet."}
	case seen.Hold:
		return Coachee{SID: callSID, State: CoacheeAwaited, Why: "The participant to coach is on hold; it is coached once it is not."}
	default:
		return Coachee{SID: callSID, State: CoacheeReady}
	}
}
