package voice

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Update is a change of a participant. Fields that are nil or empty stay as they
// are.
type Update struct {
	// Muted is whether the participant is muted.
	Muted *bool
	// Hold is whether the participant is on hold.
	Hold *bool
	// HoldURL and HoldMethod are the music on hold. The method is always sent
	// with the URL, POST if empty, since its default differs between versions of
	// the API.
	HoldURL, HoldMethod string
	// Coaching is whether the coachee alone hears the participant. If true,
	// CallSIDToCoach has to be set, too.
	Coaching *bool
	// CallSIDToCoach is the call leg of the coachee.
	CallSIDToCoach string
	// Beep is whether the participants of the conference hear a beep.
	Beep *bool
	// AnnounceURL and AnnounceMethod are a document that is played to the
	// participant each time it is sent. The method is always sent with the URL,
	// POST if empty.
	AnnounceURL, AnnounceMethod string
}

// UpdateField is the name of a field of an update, independent of the provider.
type UpdateField string

// The fields of an update. A Dialect has the provider's name for each.
const (
	// FieldMuted is Update.Muted.
	FieldMuted UpdateField = "Muted"
	// FieldHold is Update.Hold.
	FieldHold UpdateField = "Hold"
	// FieldHoldURL is Update.HoldURL.
	FieldHoldURL UpdateField = "HoldUrl"
	// FieldHoldMethod is Update.HoldMethod.
	FieldHoldMethod UpdateField = "HoldMethod"
	// FieldCoaching is Update.Coaching.
	FieldCoaching UpdateField = "Coaching"
	// FieldCallSIDToCoach is Update.CallSIDToCoach.
	FieldCallSIDToCoach UpdateField = "CallSidToCoach"
	// FieldBeep is Update.Beep.
	FieldBeep UpdateField = "Beep"
	// FieldAnnounceURL is Update.AnnounceURL, and that of a ConferenceUpdate.
	FieldAnnounceURL UpdateField = "AnnounceUrl"
	// FieldAnnounceMethod is the method of the same.
	FieldAnnounceMethod UpdateField = "AnnounceMethod"
	// FieldStatus is ConferenceUpdate.Complete.
	FieldStatus UpdateField = "Status"
)

// IsZero reports whether the update changes nothing. A method without its URL is
// nothing.
func (u Update) IsZero() bool {
	u.HoldMethod, u.AnnounceMethod = "", ""
	return u == Update{}
}

// Form returns the update by the names of its fields, with methods filled in. The
// client sends the same values under the names of its dialect.
func (u Update) Form() url.Values {
	form := url.Values{}
	for field, value := range map[UpdateField]*bool{
		FieldMuted: u.Muted, FieldHold: u.Hold, FieldCoaching: u.Coaching, FieldBeep: u.Beep,
	} {
		if value != nil {
			form.Set(string(field), strconv.FormatBool(*value))
		}
	}
	if u.HoldURL != "" {
		form.Set(string(FieldHoldURL), u.HoldURL)
		form.Set(string(FieldHoldMethod), cmp.Or(u.HoldMethod, http.MethodPost))
	}
	announce(form, u.AnnounceURL, u.AnnounceMethod)
	if u.CallSIDToCoach != "" {
		form.Set(string(FieldCallSIDToCoach), u.CallSIDToCoach)
	}
	return form
}

// announce adds an announcement to the form of an update, with its method filled in.
func announce(form url.Values, target, method string) {
	if target != "" {
		form.Set(string(FieldAnnounceURL), target)
		form.Set(string(FieldAnnounceMethod), cmp.Or(method, http.MethodPost))
	}
}

// refusal is the error of an update that the dialect can't express, nil if nothing
// is lacking.
func (c *Client) refusal(operation Operation, of string, lacking []string) error {
	if len(lacking) == 0 {
		return nil
	}
	return &Error{
		Operation: operation, Class: ClassRefused, Permanent: true,
		Meaning: fmt.Sprintf("%s can't change %s of a %s", c.config.Dialect.Name, strings.Join(lacking, ", "), of),
	}
}
