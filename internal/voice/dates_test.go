package voice

import (
	"testing"
	"time"
)

func TestParseDate(t *testing.T) {
	want := time.Date(2026, 9, 7, 10, 15, 42, 0, time.UTC)
	for text, read := range map[string]bool{
		"Mon, 07 Sep 2026 10:15:42 +0000": true,
		"Mon, 07 Sep 2026 12:15:42 +0200": true,
		"Mon, 07 Sep 2026 10:15:42 GMT":   true,
		"Mon, 7 Sep 2026 10:15:42 +0000":  true,
		"Mon, 7 Sept 2026 10:15:42 +0000": true,
		"7 Sep 2026 10:15:42 +0000":       true,
		"2026-09-07T10:15:42Z":            true,
		"2026-09-07T10:15:42.75Z":         true,
		"2026-09-07T12:15:42+02:00":       true,
		"":                                false,
		"24 Sept":                         false,
		"yesterday":                       false,
		"1788776142":                      false,
	} {
		got := Participant{DateCreated: text}.Joined()
		if read && !got.Equal(want) || !read && !got.IsZero() {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}
