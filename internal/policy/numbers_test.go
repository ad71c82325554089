package policy

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/voiceops/conference-operator/api/v1alpha1"
)

func TestR30ParseNumbers(t *testing.T) {
	thousand := strings.Repeat("+15555550100\n", 1000)
	for _, c := range []struct {
		what, data string
		want       []string
		err        *NumbersError
	}{
		{"nothing", "", nil, nil},
		{"numbers", "+15555550100\nsip:a@b", []string{"+15555550100", "sip:a@b"}, nil},
		{"blank lines, comments, other ends of lines", "# hosts\r\n\r\n  +15555550100 \r\n", []string{"+15555550100"}, nil},
		{"a thousand", thousand + "\n# the end\n", slices.Repeat([]string{"+15555550100"}, 1000), nil},
		{"one more", thousand + "+15555550100", nil, &NumbersError{1001, true}},
		{"a name", "+15555550100\n\nAda Lovelace", nil, &NumbersError{Line: 3}},
		{"no plus", "15555550100", nil, &NumbersError{Line: 1}},
		{"no country", "+05555550100", nil, &NumbersError{Line: 1}},
		{"too short", "+1", nil, &NumbersError{Line: 1}},
		{"too long", "+1234567890123456", nil, &NumbersError{Line: 1}},
		{"a space", "+1 5555550100", nil, &NumbersError{Line: 1}},
		{"no address", "sip:", nil, &NumbersError{Line: 1}},
		{"a space in an address", "sip:a b", nil, &NumbersError{Line: 1}},
		{"another scheme", "tel:+15555550100", nil, &NumbersError{Line: 1}},
		{"a long address", "sip:" + strings.Repeat("a", 61), nil, &NumbersError{Line: 1}},
	} {
		t.Run(c.what, func(t *testing.T) {
			got, err := ParseNumbers([]byte(c.data))
			var wrong *NumbersError
			if !slices.Equal(got, c.want) || errors.As(err, &wrong) != (c.err != nil) || wrong != nil && *wrong != *c.err {
				t.Errorf("%v, %v", got, err)
			}
			if err != nil && len(c.data) > 2 && strings.Contains(err.Error(), c.data) {
				t.Errorf("the error says what stands there: %v", err)
			}
		})
	}
}

func TestR30NumbersErrorHasNoContent(t *testing.T) {
	for text, err := range map[string]error{
		"line 7 is neither a number in the form E.164 nor a SIP address": &NumbersError{Line: 7},
		"line 1001 is beyond the 1000 numbers that a list may have":      &NumbersError{Line: 1001, TooMany: true},
	} {
		if err.Error() != text {
			t.Errorf("%q", err)
		}
	}
}

func TestR30Hash(t *testing.T) {
	other := NewHasher([]byte("another key"))
	same := [][2]string{
		{"+15555550100", " +15555550100\n"},
		{"sip:alice@pbx.example.com", "SIP:alice@PBX.example.com;transport=tls"},
		{"sip:pbx.example.com", "sip:PBX.example.com?subject=x"},
	}
	for _, pair := range same {
		if hasher.Hash(pair[0]) != hasher.Hash(pair[1]) || hasher.Hash(pair[0]) == (Number{}) {
			t.Errorf("%q are two", pair)
		}
	}
	different := [][2]string{
		{"+15555550100", "+15555550101"}, {"sip:alice@a", "sip:Alice@a"}, {"sip:alice@a", "sips:alice@a"},
		{"sip:alice@a", "sip:alice@a:5070"}, {"sip:a;x@h", "sip:a;y@h"},
	}
	for _, pair := range different {
		if hasher.Hash(pair[0]) == hasher.Hash(pair[1]) {
			t.Errorf("%q are one", pair)
		}
	}
	for _, withheld := range []string{"", "anonymous", "Restricted", "client:alice"} {
		if hasher.Hash(withheld) != (Number{}) {
			t.Errorf("%q has a hash", withheld)
		}
	}
	if hasher.Hash(hostNumber) == other.Hash(hostNumber) {
		t.Error("the key does not count")
	}
}

func TestR20AWithheldNumberMatchesNothing(t *testing.T) {
	set := setOf([]Number{{}, hasher.Hash(hostNumber)})
	if set[Number{}] || !set[hasher.Hash(hostNumber)] {
		t.Errorf("%v", set)
	}
	unreadTerm := term{call: true, unread: true}
	if got := unreadTerm.judge(&Leg{Caller: Caller{State: CallerKnown}}); got != no {
		t.Errorf("withheld, with a Secret that was not read: %v", got)
	}
}

func TestChildName(t *testing.T) {
	for conference, prefix := range map[string]string{
		"all-hands":                     "all-hands-",
		strings.Repeat("a", 63):         strings.Repeat("a", 52) + "-",
		strings.Repeat("a", 50) + "-.b": strings.Repeat("a", 50) + "-",
	} {
		name := ChildName(conference, "room", "call")
		if !strings.HasPrefix(name, prefix) || len(name) != len(prefix)+10 || len(name) > 63 {
			t.Errorf("%s", name)
		}
		if name != ChildName(conference, "room", "call") || name == ChildName(conference, "room", "other") || name == ChildName(conference, "other", "call") {
			t.Errorf("%s is not that of the two SIDs", name)
		}
	}
}

func TestChildrenHaveWhatTheDesignSays(t *testing.T) {
	s := staged(t, "roles: [{name: guest, muted: true, hold: true, holdURL: 'https://m', holdMethod: GET, beep: false, driftPolicy: Enforce}]")
	s.join("A")
	got := s.apply().Children[0]
	want := v1alpha1.ConferenceParticipantSpec{
		AccountRef: v1alpha1.LocalReference{Name: "acme"}, ConferenceSID: "room", CallSID: "A",
		AudioControls: v1alpha1.AudioControls{Muted: new(true), Hold: new(true), HoldURL: "https://m", HoldMethod: "GET"},
		Beep:          new(false), Mode: v1alpha1.ModeEnforce, DriftPolicy: v1alpha1.DriftEnforce,
		DeletionPolicy: v1alpha1.DeletionRetain, JoinDeadlineSeconds: new(int32(60)), TTLSecondsAfterFinished: new(int32(180)),
	}
	if dump(got.Spec) != dump(want) || got.Name != ChildName("all-hands", "room", "A") || got.Urgency != Closes {
		t.Errorf("%s", dump(got))
	}
	s.edit("roles: [{name: guest, muted: false}]\nparticipantTTLSeconds: 300\nidentifyWithinSeconds: 0")
	got = s.apply().Children[0]
	if *got.Spec.TTLSecondsAfterFinished != 300 || got.Spec.DriftPolicy != v1alpha1.DriftRestrict || got.Urgency != Opens {
		t.Errorf("%s", dump(got))
	}
}
