package plain

import "testing"

func TestControlCharactersAreShown(t *testing.T) {
	for text, want := range map[string]string{
		"all-hands": "all-hands", "\x1b[2Jgone": "?[2Jgone", "a\r\nb\tc": "a??b?c", "ä\u009bx": "ä?x", "a\u202eb": "a?b", "": "",
	} {
		if got := Line(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if got := Text("a\nb\x1bc\r\n"); got != "a\nb?c?\n" {
		t.Errorf("got %q", got)
	}
}
