package preview

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/plan"
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
	record := desired.Once.Refresh(object.Status.Once, voice.ParseDate(seen.DateCreated))
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
	child := metav1.GetControllerOfNoCopy(object) != nil
	for i := range s.Participants {
		other := &s.Participants[i]
		otherChild := metav1.GetControllerOfNoCopy(other) != nil
		switch {
		case other.Name == object.Name || other.Spec.CallSID != object.Spec.CallSID || other.Spec.ConferenceSID != object.Spec.ConferenceSID:
		case withdrawn(other) || otherChild && !child:
		case child && !otherChild, object.CreationTimestamp.IsZero(), other.CreationTimestamp.Before(&object.CreationTimestamp):
			return other.Name
		}
	}
	return ""
}

// withdrawn reports whether an object wants no call leg.
func withdrawn(object *v1alpha1.ConferenceParticipant) bool {
	return object.Spec.Suspend || object.Spec.Mode == v1alpha1.ModeObserve || !object.DeletionTimestamp.IsZero() || object.Status.CallState == v1alpha1.CallLeft
}
