package audit

import "net/url"

// The fields of changes, as the specs name them.
const (
	// FieldMuted is muted.
	FieldMuted = "muted"
	// FieldHold is hold.
	FieldHold = "hold"
	// FieldHoldURL is holdURL, with its method.
	FieldHoldURL = "holdURL"
	// FieldCoaching is coaching.
	FieldCoaching = "coaching"
	// FieldCallSIDToCoach is callSIDToCoach, given or resolved.
	FieldCallSIDToCoach = "callSIDToCoach"
	// FieldBeep is beep.
	FieldBeep = "beep"
	// FieldAnnouncementURL is announcement.url, with its method.
	FieldAnnouncementURL = "announcement.url"
	// FieldStatus is the status of a whole room.
	FieldStatus = "status"
	// FieldInConference is whether a participant is in its conference.
	FieldInConference = "inConference"
)

// Change is a field of a request. Where Before is After the field travels along because
// leaving it out would change it.
type Change struct {
	// Field as the spec names it.
	Field string `json:"field"`
	// Before is what was observed; nil for what the provider never returns.
	Before any `json:"before,omitempty"`
	// After is what was sent; of a URL scheme and host.
	After any `json:"after"`
	// Cause of this change, if that differs between the changes of a request.
	Cause Cause `json:"cause,omitempty"`
}

// origin is a URL without what may be secret or personal in it.
func origin(text string) string {
	parsed, err := url.Parse(text)
	if err != nil {
		return "a URL"
	}
	return (&url.URL{Scheme: parsed.Scheme, Host: parsed.Host}).String()
}
