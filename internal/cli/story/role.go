package story

import (
	"fmt"
	"strings"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

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
	alone := term.Direction == "" && len(term.Numbers) == 0 && term.NumbersSecretRef == nil && len(term.DialedNumbers) == 0
	return alone && isTrue(term.EndConferenceOnExit) && seen != nil && isTrue(seen.EndConferenceOnExit)
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
