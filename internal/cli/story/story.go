package story

import (
	"fmt"
	"io"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/advice"
	"github.com/voiceops/conference-operator/internal/cli/plain"
)

// Story is what there is to say about one object.
type Story struct {
	// Object is its kind, namespace and name.
	Object string `json:"object"`
	// Facts are sentences about it.
	Facts []string `json:"facts"`
	// Differs are the fields that are not as declared.
	Differs []string `json:"differs,omitempty"`
	// Conditions are those of the status.
	Conditions []string `json:"conditions"`
	// Answers say for each reason what it means and what to do.
	Answers []Answer `json:"answers"`
	// Events are the last ones, the newest first.
	Events []string `json:"events,omitempty"`
}

// Answer is what one reason means and what is to be done.
type Answer struct {
	// Reason is the reason of a condition.
	Reason string `json:"reason"`
	// Meaning is a sentence.
	Meaning string `json:"meaning"`
	// Acts is the person that has to act, if any has to.
	Acts string `json:"acts"`
	// Do is what that person does.
	Do string `json:"do,omitempty"`
	// Type are commands.
	Type []string `json:"type,omitempty"`
}

// Facts are what a Story is made of.
type Facts struct {
	// Account is the VoiceAccount behind an object; nil if there is none.
	Account *v1alpha1.VoiceAccount
	// Conference is the one that has made a participant, or would have but for it; nil for
	// none.
	Conference *v1alpha1.Conference
	// Children are the participants that a Conference has made.
	Children []v1alpha1.ConferenceParticipant
	// Rivals are those about the same call leg as a participant.
	Rivals []v1alpha1.ConferenceParticipant
	// Events are about the object, in any order.
	Events []corev1.Event
}

// reasons are those of the conditions that say something: of Ready or Suspended, and of
// what else is true.
func reasons(conditions []metav1.Condition) (found []string) {
	for _, c := range conditions {
		tells := map[string]bool{
			v1alpha1.ConditionReady:      true,
			v1alpha1.ConditionSuspended:  c.Status == metav1.ConditionTrue,
			v1alpha1.ConditionDrifted:    c.Status == metav1.ConditionTrue,
			v1alpha1.ConditionWaiting:    c.Status == metav1.ConditionTrue,
			v1alpha1.ConditionIdentified: c.Status == metav1.ConditionFalse,
		}[c.Type]
		if tells {
			found = append(found, c.Reason)
		}
	}
	return found
}

// answer adds what the reasons of conditions mean to a Story.
func (s *Story) answer(subject advice.Subject, conditions []metav1.Condition) {
	if len(conditions) == 0 {
		s.Answers = append(s.Answers, Answer{
			Reason: "none", Meaning: "The operator has not looked at this object so far.", Acts: string(advice.Administrator),
			Do:   "If that lasts for more than some seconds, see whether the operator runs, and watches this namespace.",
			Type: []string{"kubectl conference doctor -n " + subject.Namespace, "kubectl get pods -n conference-operator-system"},
		})
	}
	ready := ""
	for _, c := range conditions {
		s.Conditions = append(s.Conditions, fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message))
		if c.Type == v1alpha1.ConditionReady {
			ready = string(c.Status)
		}
	}
	for _, reason := range reasons(conditions) {
		found, known := advice.For(subject, reason)
		if !known {
			found = advice.Advice{Meaning: "This version of the command does not know the reason.", Actor: advice.None}
		}
		if reason == v1alpha1.ReasonParticipantLeft && ready == string(metav1.ConditionTrue) {
			found.Actor = advice.None
		}
		s.Answers = append(s.Answers, Answer{reason, found.Meaning, string(found.Actor), found.Do, found.Commands})
	}
}

// Write writes a Story as text.
func (s Story) Write(w io.Writer) error {
	var text strings.Builder
	fmt.Fprintln(&text, s.Object)
	section(&text, "", s.Facts)
	section(&text, "Differs:", s.Differs)
	section(&text, "Conditions:", s.Conditions)
	for _, a := range s.Answers {
		fmt.Fprintf(&text, "\n%s: %s\n  Who must act: %s.\n", a.Reason, a.Meaning, a.Acts)
		if a.Do != "" {
			fmt.Fprintf(&text, "  What to do:   %s\n", a.Do)
		}
		for _, command := range a.Type {
			fmt.Fprintf(&text, "    %s\n", command)
		}
	}
	section(&text, "Events:", s.Events)
	_, err := io.WriteString(w, plain.Text(text.String()))
	return err
}

// section writes lines below a heading; nothing without lines.
func section(text *strings.Builder, heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	if heading != "" {
		fmt.Fprintf(text, "\n%s\n", heading)
	}
	for _, line := range lines {
		fmt.Fprintf(text, "  %s\n", line)
	}
}
