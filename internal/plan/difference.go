package plan

import (
	"fmt"
	"net/url"

	"github.com/voiceops/conference-operator/internal/voice"
)

// Difference is a declared field that is not as declared.
type Difference struct {
	// Field as the spec names it.
	Field string
	// Observed and Declared are its values.
	Observed, Declared string
}

// String renders "muted is false, declared true".
func (d Difference) String() string {
	return fmt.Sprintf("%s is %s, declared %s", d.Field, d.Observed, d.Declared)
}

// differences compares what can be compared with the declared state, not with
// the steps on the way there. Music is never returned: it differs unless it was
// applied (R5).
func differences(d Desired, assumed voice.Participant, h History) []Difference {
	var found []Difference
	add := func(field Field, want *bool, coachee string) {
		if want == nil {
			return
		}
		declared := Value{On: *want}
		if *want {
			declared.Coachee = coachee
		}
		if observed := valueOf(field, assumed); observed != declared {
			found = append(found, Difference{field.Name(), observed.String(), declared.String()})
		}
	}
	add(FieldMute, d.Muted, "")
	add(FieldHold, d.Hold, "")
	if assumed.Hold && h.otherMusic(d.HoldURL, d.HoldMethod) {
		found = append(found, Difference{"holdURL", "not known to be applied", d.HoldMethod + " " + shown(d.HoldURL)})
	}
	add(FieldCoaching, d.Coaching, d.Coachee.SID)
	return found
}

// shown is a URL without what may be secret in it.
func shown(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return "a URL"
	}
	return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host, Path: parsed.Path}).String()
}

// String renders true, false, or true with the coachee.
func (v Value) String() string {
	if v.Coachee != "" {
		return "true of " + v.Coachee
	}
	return fmt.Sprint(v.On)
}
