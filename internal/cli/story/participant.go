package story

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/advice"
	"github.com/voiceops/conference-operator/internal/cli/edit"
	"github.com/voiceops/conference-operator/internal/plan"
	"github.com/voiceops/conference-operator/internal/policy"
	"github.com/voiceops/conference-operator/internal/roster"
	"github.com/voiceops/conference-operator/internal/voice"
)

// OfParticipant is the story of one participant.
func OfParticipant(object *v1alpha1.ConferenceParticipant, facts Facts) Story {
	s := Story{Object: fmt.Sprintf("ConferenceParticipant %s in namespace %s", object.Name, object.Namespace)}
	s.Facts = append(s.Facts, fmt.Sprintf("Call %s in conference %s, through VoiceAccount %s.",
		object.Spec.CallSID, object.Spec.ConferenceSID, object.Spec.AccountRef.Name))
	s.Facts = append(s.Facts, origin(object, facts.Conference)...)
	s.Facts = append(s.Facts, "Declared: "+declared(&object.Spec)+".", "Observed: "+observed(object)+".")
	s.Facts = append(s.Facts, forAWhile(object)...)
	s.Facts = append(s.Facts, actions(object)...)
	for _, rival := range facts.Rivals {
		if rival.Name != object.Name {
			s.Facts = append(s.Facts, fmt.Sprintf("ConferenceParticipant %s is about the same call, %s.", rival.Name, writtenBy(&rival)))
		}
	}
	s.Differs = Differences(object)
	s.answer(subjectOf(object, facts.Account), object.Status.Conditions)
	s.also(object.Status.Conditions, facts.Account)
	s.Events = events(facts.Events)
	return s
}

func subjectOf(object *v1alpha1.ConferenceParticipant, account *v1alpha1.VoiceAccount) advice.Subject {
	subject := advice.Subject{Kind: advice.Participant, Namespace: object.Namespace, Name: object.Name, Account: object.Spec.AccountRef.Name}
	if account != nil {
		subject.Secret = account.Spec.TokenSecretRef.Name
	}
	return subject
}

// origin says where the object comes from, and why the call leg has its role.
func origin(object *v1alpha1.ConferenceParticipant, conference *v1alpha1.Conference) []string {
	lines := []string{"It is " + writtenBy(object) + "."}
	owner := metav1.GetControllerOfNoCopy(object)
	role := object.Labels[v1alpha1.RoleLabel]
	switch {
	case owner == nil && conference == nil:
		return lines
	case owner == nil:
		return append(lines, override(object, conference)...)
	case conference == nil:
		return append(lines, fmt.Sprintf("Conference %s is gone.", owner.Name))
	case role == "":
		return append(lines, fmt.Sprintf("Its role in Conference %s is not known yet.", conference.Name))
	default:
		return append(lines, fmt.Sprintf("It has the role %s of Conference %s: %s.", role, conference.Name, whyRole(conference, role, object.Status.Participant)))
	}
}

// override says which policy a call leg is out of by an object that people have written,
// and how it is given back.
func override(object *v1alpha1.ConferenceParticipant, conference *v1alpha1.Conference) []string {
	role := ""
	for _, seen := range conference.Status.Participants {
		if seen.CallSID == string(object.Spec.CallSID) && seen.ConferenceSID == string(object.Spec.ConferenceSID) {
			role = string(seen.Role)
		}
	}
	line := fmt.Sprintf("It goes before the policy of Conference %s", conference.Name)
	if role != "" {
		line += fmt.Sprintf(", in which the call leg has the role %s: %s", role, whyRole(conference, role, object.Status.Participant))
	}
	lines := []string{line + "."}
	if object.Annotations[edit.TakenFromAnnotation] != "" {
		lines = append(lines, fmt.Sprintf("To give the call leg back: kubectl conference release %s -n %s", object.Name, object.Namespace))
	}
	return lines
}

// writtenBy says where an object comes from: its Conference, or the managers of its spec.
func writtenBy(object *v1alpha1.ConferenceParticipant) string {
	if owner := metav1.GetControllerOfNoCopy(object); owner != nil {
		return "made by " + owner.Kind + " " + owner.Name
	}
	managers := edit.Writers(object.ManagedFields)
	if len(managers) == 0 {
		return "written by hand"
	}
	return "written by hand (" + strings.Join(managers, ", ") + ")"
}

// declared lists what a spec declares.
func declared(spec *v1alpha1.ConferenceParticipantSpec) string {
	var parts []string
	add := func(name string, value *bool) {
		if value != nil {
			parts = append(parts, fmt.Sprintf("%s: %t", name, *value))
		}
	}
	add("muted", spec.Muted)
	add("hold", spec.Hold)
	add("coaching", spec.Coaching)
	switch {
	case spec.CallSIDToCoach != "":
		parts = append(parts, "callSIDToCoach: "+string(spec.CallSIDToCoach))
	case spec.ParticipantToCoachRef != nil:
		parts = append(parts, "participantToCoachRef: "+spec.ParticipantToCoachRef.Name)
	}
	if len(parts) == 0 {
		return "nothing, so everything is left as it is"
	}
	return strings.Join(parts, ", ") + fmt.Sprintf(" (mode %s, driftPolicy %s)", spec.Mode, spec.DriftPolicy)
}

// observed lists what the provider said last.
func observed(object *v1alpha1.ConferenceParticipant) string {
	seen := object.Status.Participant
	if seen == nil {
		return "never so far"
	}
	text := fmt.Sprintf("muted: %t, hold: %t, coaching: %t", seen.Muted, seen.Hold, seen.Coaching)
	if seen.CallSIDToCoach != "" {
		text += " of " + seen.CallSIDToCoach
	}
	text += fmt.Sprintf(" (call %s)", strings.ToLower(string(object.Status.CallState)))
	if end := seen.EndConferenceOnExit; end != nil && *end {
		text += "; the conference ends when this one leaves"
	}
	return text
}

// forAWhile says what a Conference has closed for a while.
func forAWhile(object *v1alpha1.ConferenceParticipant) (lines []string) {
	record := policy.ChildOf(object).Record
	if record.Hold {
		why := "while it is not known which role the call leg has"
		if record.Waits {
			why = "while the room waits for the role of waitForRole"
		}
		lines = append(lines, "The hold is for a while: "+why+".")
	}
	if record.Muted {
		lines = append(lines, "The mute is for a while: until it is known which role the call leg has.")
	}
	return lines
}

// actions says what became of what is done once.
func actions(object *v1alpha1.ConferenceParticipant) (lines []string) {
	for _, once := range object.Status.Once {
		if once.Value != nil {
			lines = append(lines, fmt.Sprintf("Once %s: %t is %s.", once.Field, *once.Value, strings.ToLower(string(once.State))))
		}
	}
	if a := object.Status.Announcement; a != nil {
		lines = append(lines, fmt.Sprintf("Announcement %s is %s.", a.ID, strings.ToLower(string(a.State))))
	}
	return lines
}

// Differences are what differs from what a participant declares, by what was observed
// last; none if it was never seen, or has left.
func Differences(object *v1alpha1.ConferenceParticipant) (lines []string) {
	seen := object.Status.Participant
	if seen == nil || object.Status.CallState != v1alpha1.CallLive {
		return nil
	}
	desired := plan.DesiredOf(&object.Spec)
	desired.Coachee.SID = string(object.Spec.CallSIDToCoach)
	if ref := object.Spec.ParticipantToCoachRef; ref != nil {
		// Which call leg that is, the object named there says.
		desired.Coachee.SID = seen.CallSIDToCoach
	}
	observation := roster.Observation{Present: true, ObservedAt: time.Unix(1, 0), Participant: voice.Participant{
		Muted: seen.Muted, Hold: seen.Hold, Coaching: seen.Coaching, CallSIDToCoach: seen.CallSIDToCoach,
	}}
	history := plan.History{AppliedInputs: object.Status.AppliedInputsDigest}
	for _, difference := range plan.Next(desired, observation, history, time.Unix(2, 0)).Differences {
		lines = append(lines, difference.String())
	}
	return lines
}
