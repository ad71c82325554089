package preview

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/claim"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// Scene is what is there.
type Scene struct {
	// Participants are the objects of the namespace.
	Participants []v1alpha1.ConferenceParticipant
	// Conferences are the objects of the namespace.
	Conferences []v1alpha1.Conference
	// Rooms are the call legs in each conference, by its SID.
	Rooms map[string][]voice.Participant
	// Now is the time.
	Now time.Time
}

// Participant is what would be done about a participant.
func (s Scene) Participant(object *v1alpha1.ConferenceParticipant) Preview {
	step := s.step(object)
	switch rival := s.rival(object); {
	case object.Spec.Suspend:
		step.Request, step.Why = nil, "spec.suspend is true"
	case object.Spec.Mode == v1alpha1.ModeObserve:
		would := step.sentence()
		step.Request, step.Why = nil, "mode Observe only looks; mode Enforce would "+would
	case rival != "":
		step.Request, step.Why = nil, fmt.Sprintf("ConferenceParticipant %s is about the same call and goes first", rival)
	}
	return Preview{Object: "ConferenceParticipant " + object.Name, Step: &step}
}

// step is what would be sent for what a participant declares.
func (s Scene) step(object *v1alpha1.ConferenceParticipant) Step {
	step := Step{Object: object.Name, CallSID: string(object.Spec.CallSID), Role: object.Labels[v1alpha1.RoleLabel]}
	room := s.Rooms[string(object.Spec.ConferenceSID)]
	seen, there := lookUp(room, step.CallSID)
	switch {
	case !there:
		step.Why = "the call is not in the conference"
		return step
	case seen.Ringing():
		step.Why = "the call was not answered yet"
		return step
	case seen.Ended():
		step.Why = "the call has ended"
		return step
	}
	desired := plan.DesiredOf(&object.Spec)
	if desired.Coaching != nil && *desired.Coaching {
		desired.Coachee = s.coachee(object, room)
	}
	record := desired.Once.Refresh(object.Status.Once, seen.Joined())
	desired.Once = desired.Once.For(record, time.Time{})
	history := plan.History{
		AppliedInputs: object.Status.AppliedInputsDigest,
		Synced:        object.Status.LastSyncedDigest != "" && object.Status.LastSyncedDigest == desired.Digest,
	}
	decision := plan.Next(desired, roster.Observation{Participant: seen, Present: true, ObservedAt: s.Now, RespondedAt: s.Now}, history, s.Now)
	step.Request, step.Why = formOf(decision.Update), explain(decision)
	return step
}

// explain says why an update is due, or why none is.
func explain(decision plan.Decision) string {
	if len(decision.Differences) == 0 || len(decision.Fields) == 0 {
		return decision.Message
	}
	return plan.Listed(decision.Differences)
}

// coachee is the participant to coach, as the conference shows it.
func (s Scene) coachee(object *v1alpha1.ConferenceParticipant, room []voice.Participant) plan.Coachee {
	callSID := string(object.Spec.CallSIDToCoach)
	if ref := object.Spec.ParticipantToCoachRef; ref != nil {
		found := plan.Referred(&object.Spec, s.named(ref.Name))
		if found.State != plan.CoacheeReady {
			return found
		}
		callSID = found.SID
	}
	seen, there := lookUp(room, callSID)
	return plan.CoacheeSeen(callSID, roster.Observation{Participant: seen, Present: there, ObservedAt: s.Now})
}

// named is the participant of a name; nil if there is none.
func (s Scene) named(name string) *v1alpha1.ConferenceParticipant {
	for i := range s.Participants {
		if s.Participants[i].Name == name {
			return &s.Participants[i]
		}
	}
	return nil
}

func lookUp(room []voice.Participant, callSID string) (voice.Participant, bool) {
	for _, seen := range room {
		if seen.CallSID == callSID {
			return seen, true
		}
	}
	return voice.Participant{}, false
}

// rival is an object that goes before another one about the same call; empty for none.
// Without a rival's account it can't be known whether its token is accepted, so that this
// is what holds if it is (R9).
func (s Scene) rival(object *v1alpha1.ConferenceParticipant) string {
	var rivals []claim.Candidate
	for i := range s.Participants {
		other := &s.Participants[i]
		same := other.Spec.CallSID == object.Spec.CallSID && other.Spec.ConferenceSID == object.Spec.ConferenceSID
		if same && other.Name != object.Name && !withdrawn(other) {
			rivals = append(rivals, s.claimant(other))
		}
	}
	return claim.Decide(s.claimant(object), rivals).To.Name
}

// claimant is a participant as it is compared with its rivals. One that is finished and
// has not left was never there.
func (s Scene) claimant(p *v1alpha1.ConferenceParticipant) claim.Candidate {
	found := s.candidate(p, claim.HandWritten)
	found.Finished = p.Status.FinishTime != nil
	if metav1.GetControllerOfNoCopy(p) == nil {
		return found
	}
	found.Precedence = claim.Child
	made := policy.ChildOf(p)
	if until := made.KeepsUntil(); s.Now.Before(until) {
		found.Precedence, found.Until = claim.Opening, until
	}
	return found
}

// candidate is an object with an accepted token as it is compared. What is in a manifest
// alone is the newest.
func (s Scene) candidate(object metav1.Object, precedence claim.Precedence) claim.Candidate {
	created := object.GetCreationTimestamp()
	if created.IsZero() {
		created = metav1.NewTime(s.Now)
	}
	name := types.NamespacedName{Namespace: object.GetNamespace(), Name: object.GetName()}
	return claim.Candidate{Name: name, Precedence: precedence, Created: created.Time, Known: true, Verified: true}
}

// withdrawn reports whether an object wants no call leg.
func withdrawn(object *v1alpha1.ConferenceParticipant) bool {
	return object.Spec.Suspend || object.Spec.Mode == v1alpha1.ModeObserve || !object.DeletionTimestamp.IsZero() || object.Status.CallState == v1alpha1.CallLeft
}
