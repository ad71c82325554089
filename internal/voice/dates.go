package voice

import (
	"net/mail"
	"strings"
	"time"
)

// Joined is when the participant joined, to the second, as DateCreated says; zero
// where that is missing or can't be read.
func (p Participant) Joined() time.Time { return ParseDate(p.DateCreated) }

// ParseDate reads a date of the provider to the second: RFC 2822, also as loosely as
// in its examples, or RFC 3339. It returns the zero time for anything else.
func ParseDate(text string) time.Time {
	for _, layout := range []string{time.RFC1123Z, time.RFC1123, time.RFC3339} {
		if date, err := time.Parse(layout, text); err == nil {
			return date.UTC().Truncate(time.Second)
		}
	}
	date, err := mail.ParseDate(strings.Replace(text, " Sept ", " Sep ", 1))
	if err != nil {
		return time.Time{}
	}
	return date.UTC()
}
