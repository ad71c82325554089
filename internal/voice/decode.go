package voice

import (
	"encoding/json"
	"fmt"
)

// maxField is the longest string that the API returns for a field, in bytes.
const maxField = 1 << 10

// wireParticipant is a participant on the wire. Pointers tell what is missing
// from what is false: nothing is invented.
type wireParticipant struct {
	AccountSID             string  `json:"account_sid"`
	CallSID                string  `json:"call_sid"`
	CallSIDToCoach         *string `json:"call_sid_to_coach"`
	Coaching               *bool   `json:"coaching"`
	ConferenceSID          string  `json:"conference_sid"`
	DateCreated            string  `json:"date_created"`
	DateUpdated            string  `json:"date_updated"`
	EndConferenceOnExit    *bool   `json:"end_conference_on_exit"`
	Hold                   *bool   `json:"hold"`
	Muted                  *bool   `json:"muted"`
	StartConferenceOnEnter *bool   `json:"start_conference_on_enter"`
	Status                 string  `json:"status"`
	URI                    string  `json:"uri"`
}

// participant checks what was sent and turns it into a Participant of the
// conference that was asked about.
func (w wireParticipant) participant(conferenceSID string) (Participant, error) {
	switch {
	case w.CallSID == "":
		return Participant{}, fmt.Errorf("%w: it is no participant", errUnreadable)
	case w.Muted == nil || w.Hold == nil || w.Coaching == nil:
		return Participant{}, fmt.Errorf("%w: muted, hold or coaching is missing", errUnreadable)
	case w.ConferenceSID != "" && w.ConferenceSID != conferenceSID:
		return Participant{}, fmt.Errorf("%w: it is about another conference", errUnreadable)
	}
	target := ""
	if w.CallSIDToCoach != nil {
		target = *w.CallSIDToCoach
	}
	if err := checkLength(w.AccountSID, w.CallSID, target, w.ConferenceSID, w.DateCreated, w.DateUpdated, w.Status, w.URI); err != nil {
		return Participant{}, err
	}
	return Participant{
		AccountSID: w.AccountSID, CallSID: w.CallSID, CallSIDToCoach: target, Coaching: *w.Coaching,
		ConferenceSID: w.ConferenceSID, DateCreated: w.DateCreated, DateUpdated: w.DateUpdated,
		EndConferenceOnExit: w.EndConferenceOnExit, Hold: *w.Hold, Muted: *w.Muted,
		StartConferenceOnEnter: w.StartConferenceOnEnter, Status: w.Status, URI: w.URI,
	}, nil
}

// checkLength refuses fields that would not fit into a status.
func checkLength(fields ...string) error {
	for _, field := range fields {
		if len(field) > maxField {
			return fmt.Errorf("%w: a field is longer than %d bytes", errUnreadable, maxField)
		}
	}
	return nil
}

// decodeParticipant reads the answer about one participant.
func decodeParticipant(body []byte, conferenceSID, callSID string) (Participant, error) {
	var wire wireParticipant
	if err := decode(body, &wire); err != nil {
		return Participant{}, err
	}
	if wire.CallSID != callSID {
		return Participant{}, fmt.Errorf("%w: it is not about the participant that was asked for", errUnreadable)
	}
	return wire.participant(conferenceSID)
}

// decode reads one JSON value and nothing after it. The syntax error is left
// out: it can quote what must not be quoted.
func decode(body []byte, into any) error {
	if json.Unmarshal(body, into) != nil {
		return fmt.Errorf("%w: it is not the JSON that was expected", errUnreadable)
	}
	return nil
}
