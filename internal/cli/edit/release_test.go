package edit

import "testing"

// What a verb has closed in an object of others is opened before it is given back, and a
// coaching ends: nobody else would do so.
func TestReleaseOpensWhatVerbsHaveClosed(t *testing.T) {
	const flux = `{"f:spec":{"f:callSID":{}}}`
	for _, c := range []struct{ what, spec, ours, theirs, want string }{
		{"a mute", "{muted: true}", ownsMuted, flux, "once:   muted: false"},
		{"a hold with music", "{hold: true, holdURL: https://m}", `{"f:spec":{"f:hold":{},"f:holdURL":{}}}`, flux, "once:   hold: false"},
		{"a mute that others declare, too", "{muted: true}", ownsMuted, ownsMuted, "nothing"},
		{"what is open", "{muted: false}", ownsMuted, flux, "nothing"},
		{"a whisper", "{muted: false, coaching: true, callSIDToCoach: b}", `{"f:spec":{"f:muted":{},"f:coaching":{},"f:callSIDToCoach":{}}}`, flux, "coaching: false muted: true"},
		{"a whisperer that others declare audible", "{muted: false, coaching: true, callSIDToCoach: b}", `{"f:spec":{"f:coaching":{},"f:callSIDToCoach":{}}}`, ownsMuted, "coaching: false"},
		{"a coaching of others", "{hold: false, coaching: true}", `{"f:spec":{"f:hold":{}}}`, `{"f:spec":{"f:coaching":{}}}`, "nothing"},
	} {
		found, err := ReleaseOf(stored(t, c.spec, map[string]string{Manager: c.ours, "flux": c.theirs}))
		if err != nil || found.Delete || found.Drop == nil || says(found.Open) != c.want {
			t.Errorf("%s: %s, want %s; %+v, %v", c.what, says(found.Open), c.want, found, err)
		}
	}
}

// A coaching that a verb began ends before the object goes; one that was there before is
// left to the policy.
func TestReleaseEndsACoaching(t *testing.T) {
	ours := map[string]string{Manager: `{"f:spec":{"f:muted":{},"f:coaching":{},"f:callSIDToCoach":{}}}`}
	for spec, want := range map[string]string{
		"{muted: false, coaching: true, callSIDToCoach: b}": "coaching: false muted: true",
		"{muted: true, coaching: true, callSIDToCoach: b}":  "coaching: false muted: true",
		"{muted: true, coaching: false}":                    "nothing",
	} {
		object := stored(t, spec, ours)
		if found, err := ReleaseOf(object); err != nil || !found.Delete || says(found.Open) != want {
			t.Errorf("%s: %s, want %s, %v", spec, says(found.Open), want, err)
		}
		object.Object["status"] = map[string]any{"initial": map[string]any{"coaching": true}}
		if found, err := ReleaseOf(object); err != nil || found.Open != nil {
			t.Errorf("%s, begun before: %s, %v", spec, says(found.Open), err)
		}
	}
}
