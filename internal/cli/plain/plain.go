// Package plain makes text of other sources fit for a terminal: names of rooms come from
// the provider, messages of events from any writer, and a control sequence in one of them
// could rewrite what a person sees.
package plain

import (
	"strings"
	"unicode"
)

// Line is a text without control characters and without those that change the direction
// of writing, each of which becomes a question mark: the width stays as it is.
func Line(text string) string { return replace(text, "") }

// Text is the same, save that line breaks stay.
func Text(text string) string { return replace(text, "\n") }

func replace(text, keep string) string {
	return strings.Map(func(r rune) rune {
		if (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) && !strings.ContainsRune(keep, r) {
			return '?'
		}
		return r
	}, text)
}
