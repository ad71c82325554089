package story

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/advice"
)

// maxEvents is how many events a Story has.
const maxEvents = 10

// OfConference is the story of a room.
func OfConference(object *v1alpha1.Conference, facts Facts) Story {
	s := Story{Object: fmt.Sprintf("Conference %s in namespace %s", object.Name, object.Namespace)}
	subject := advice.Subject{Kind: advice.Conference, Namespace: object.Namespace, Name: object.Name, Account: object.Spec.AccountRef.Name}
	for _, role := range object.Spec.Roles {
		for _, term := range role.Match {
			if term.NumbersSecretRef != nil {
				subject.Secret = term.NumbersSecretRef.Name
			}
		}
	}
	s.Facts = append(s.Facts, roomFacts(object)...)
	for _, role := range object.Spec.Roles {
		s.Facts = append(s.Facts, roleFact(object, role))
	}
	for i := range facts.Children {
		child := &facts.Children[i]
		if ready := meta.FindStatusCondition(child.Status.Conditions, v1alpha1.ConditionReady); ready != nil && ready.Status == metav1.ConditionFalse {
			s.Facts = append(s.Facts, fmt.Sprintf("Participant %s is %s: %s", child.Name, ready.Reason, ready.Message))
		}
	}
	s.answer(subject, object.Status.Conditions)
	s.also(object.Status.Conditions, facts.Account)
	s.Events = events(facts.Events)
	return s
}

// roomFacts say which room a Conference is about, and what was seen of it.
func roomFacts(object *v1alpha1.Conference) []string {
	which := fmt.Sprintf("Room %q", object.Spec.FriendlyName)
	if object.Spec.FriendlyNamePrefix != "" {
		which = fmt.Sprintf("Every room with a name that begins with %q", object.Spec.FriendlyNamePrefix)
	}
	lines := []string{fmt.Sprintf("%s, through VoiceAccount %s.", which, object.Spec.AccountRef.Name)}
	if object.Status.RoomState != "" {
		lines = append(lines, "The room is "+strings.ToLower(string(object.Status.RoomState))+".")
	}
	if c := object.Status.Counts; c != nil {
		lines = append(lines, fmt.Sprintf("%d in %d rooms: %d muted, %d on hold, %d coaching, %d of unknown role, %d out of the policy by hand, %d in trouble for over a minute.",
			c.Participants, c.Rooms, c.Muted, c.Hold, c.Coaching, c.Unidentified, c.Overridden, c.NotReady))
	}
	for _, room := range object.Status.Rooms {
		text := fmt.Sprintf("Conference %s is %s", room.ConferenceSID, strings.ToLower(string(room.State)))
		if room.Waiting && object.Spec.WaitForRole != nil {
			text += fmt.Sprintf(" and waits for the role %s", object.Spec.WaitForRole.Role)
		}
		lines = append(lines, text+".")
	}
	return lines
}

// roleFact says what a role is, and how many have it.
func roleFact(object *v1alpha1.Conference, role v1alpha1.Role) string {
	terms := []string{"everybody else"}
	if len(role.Match) > 0 {
		terms = nil
		for _, term := range role.Match {
			terms = append(terms, describe(term))
		}
	}
	there := int32(0)
	for _, counted := range object.Status.Roles {
		if counted.Name == role.Name {
			there = counted.Participants
		}
	}
	return fmt.Sprintf("Role %s, %d there: %s.", role.Name, there, strings.Join(terms, ", or "))
}

// OfAccount is the story of an account.
func OfAccount(object *v1alpha1.VoiceAccount, facts Facts) Story {
	s := Story{Object: fmt.Sprintf("VoiceAccount %s in namespace %s", object.Name, object.Namespace)}
	s.Facts = []string{
		fmt.Sprintf("Account %s at %s.", object.Spec.AccountSID, object.Spec.BaseURL),
		fmt.Sprintf("Its token is in Secret %s, key %s.", object.Spec.TokenSecretRef.Name, cmp.Or(object.Spec.TokenSecretRef.Key, v1alpha1.DefaultTokenKey)),
	}
	s.answer(advice.AboutAccount(object), object.Status.Conditions)
	s.Events = events(facts.Events)
	return s
}

// also answers for the account where that is what an object waits for.
func (s *Story) also(conditions []metav1.Condition, account *v1alpha1.VoiceAccount) {
	ready := meta.FindStatusCondition(conditions, v1alpha1.ConditionReady)
	blamed := ready != nil && slices.Contains([]string{
		v1alpha1.ReasonWaitingForAccount, v1alpha1.ReasonAPIUnavailable, v1alpha1.ReasonUnauthorized, v1alpha1.ReasonThrottled,
	}, ready.Reason)
	switch {
	case !blamed:
	case account == nil:
		s.Facts = append(s.Facts, "The VoiceAccount does not exist.")
	default:
		of := Story{}
		of.answer(advice.AboutAccount(account), account.Status.Conditions)
		for _, condition := range of.Conditions {
			s.Conditions = append(s.Conditions, fmt.Sprintf("VoiceAccount %s: %s", account.Name, condition))
		}
		for _, a := range of.Answers {
			a.Reason = fmt.Sprintf("VoiceAccount %s %s", account.Name, a.Reason)
			s.Answers = append(s.Answers, a)
		}
	}
}

// events are the last ones as sentences, the newest first.
func events(found []corev1.Event) (lines []string) {
	slices.SortStableFunc(found, func(a, b corev1.Event) int { return timeOf(b).Compare(timeOf(a).Time) })
	for _, event := range found[:min(len(found), maxEvents)] {
		lines = append(lines, fmt.Sprintf("%s %s %s: %s", timeOf(event).UTC().Format("2006-01-02 15:04:05"), event.Type, event.Reason, event.Message))
	}
	return lines
}

// timeOf is when an event was seen last, by the field that its writer has set.
func timeOf(event corev1.Event) metav1.Time {
	switch {
	case !event.LastTimestamp.IsZero():
		return event.LastTimestamp
	case !event.EventTime.IsZero():
		return metav1.Time{Time: event.EventTime.Time}
	default:
		return event.CreationTimestamp
	}
}
