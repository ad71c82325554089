package story

import (
	"fmt"
	"strings"

	"github.com/voiceops/conference-operator/api/v1alpha1"
	"github.com/voiceops/conference-operator/internal/cli/advice"
	"github.com/voiceops/conference-operator/internal/policy"
)

// OfLeg is the story of a call leg in a room for which a Conference has made no object.
func OfLeg(conference *v1alpha1.Conference, callSID string) Story {
	s := Story{Object: fmt.Sprintf("Call %s in namespace %s", callSID, conference.Namespace)}
	for _, seen := range conference.Status.Participants {
		if seen.CallSID != callSID {
			continue
		}
		s.Facts = []string{fmt.Sprintf("It is in conference %s, in a room of Conference %s.", seen.ConferenceSID, conference.Name)}
		name := string(seen.Role)
		switch {
		case name != "":
			s.Facts = append(s.Facts, fmt.Sprintf("It has the role %s: %s. Nothing is declared for it, so there is no object.", name, whyRole(conference, name, nil)))
		case len(conference.Spec.Roles) == 0:
			s.Facts = append(s.Facts, "The Conference has no roles, and only looks.")
		default:
			s.Facts = append(s.Facts, "No role matches it, or it is not known yet which: nothing is sent.")
		}
		s.Facts = append(s.Facts, fmt.Sprintf("Observed: muted: %t, hold: %t, coaching: %t.", seen.Muted, seen.Hold, seen.Coaching))
	}
	s.Answers = []Answer{{
		Reason: "Conference " + conference.Name, Meaning: "What holds for the room is said there.", Acts: string(advice.None),
		Type: []string{fmt.Sprintf("kubectl conference why conf/%s -n %s", conference.Name, conference.Namespace)},
	}}
	return s
}

// whyRole says why a call leg has a role, as far as that can be seen without reading its
// call. Numbers are only counted.
func whyRole(conference *v1alpha1.Conference, name string, seen *v1alpha1.ParticipantState) string {
	for _, role := range conference.Spec.Roles {
		if string(role.Name) != name {
			continue
		}
		if len(role.Match) == 0 {
			return "it has no match, and is for everybody that no role before it matches"
		}
		terms := make([]string, 0, len(role.Match))
		for _, term := range role.Match {
			if endsRoom(term, seen) {
				return "the conference ends when this call leg leaves, and the role matches endConferenceOnExit: true"
			}
			terms = append(terms, describe(term))
		}
		return "it matches " + strings.Join(terms, ", or ")
	}
	return "the spec has no such role any more"
}

// endsRoom reports whether a term matches by the flag alone.
func endsRoom(term v1alpha1.RoleTerm, seen *v1alpha1.ParticipantState) bool {
	return !policy.AboutCall(&term) && isTrue(term.EndConferenceOnExit) && seen != nil && isTrue(seen.EndConferenceOnExit)
}

func isTrue(b *bool) bool { return b != nil && *b }

// describe names the fields of a term.
func describe(term v1alpha1.RoleTerm) string {
	var parts []string
	if term.EndConferenceOnExit != nil {
		parts = append(parts, fmt.Sprintf("endConferenceOnExit: %t", *term.EndConferenceOnExit))
	}
	if term.Direction != "" {
		parts = append(parts, strings.ToLower(string(term.Direction))+" calls")
	}
	if len(term.Numbers) > 0 {
		parts = append(parts, fmt.Sprintf("one of %d numbers of the far party in the spec", len(term.Numbers)))
	}
	if ref := term.NumbersSecretRef; ref != nil {
		parts = append(parts, fmt.Sprintf("a number of the far party in Secret %s, key %s", ref.Name, ref.Key))
	}
	if len(term.DialedNumbers) > 0 {
		parts = append(parts, fmt.Sprintf("one of %d dialled numbers in the spec", len(term.DialedNumbers)))
	}
	return strings.Join(parts, " and ")
}
