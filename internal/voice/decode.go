package voice

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// maxField is the longest string that is accepted for a field, in bytes.
const maxField = 1 << 10

// wireParticipant is a participant on the wire, under the standard JSON keys. A
// pointer is nil where the key is missing or null.
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

// participant returns the Participant of the requested conference that a wire
// participant describes, or an error if it does not describe one.
func (d Dialect) participant(w wireParticipant, conferenceSID string) (Participant, error) {
	switch {
	case w.CallSID == "":
		return Participant{}, fmt.Errorf("%w: it is not a participant", errUnreadable)
	case d.lacks("muted", w.Muted) || d.lacks("hold", w.Hold) || d.lacks("coaching", w.Coaching):
		return Participant{}, fmt.Errorf("%w: muted, hold or coaching is missing", errUnreadable)
	case w.ConferenceSID != "" && w.ConferenceSID != conferenceSID:
		return Participant{}, fmt.Errorf("%w: it is about another conference", errUnreadable)
	}
	target := valueOf(w.CallSIDToCoach)
	if err := checkLength(w.AccountSID, w.CallSID, target, w.ConferenceSID, w.DateCreated, w.DateUpdated, w.Status, w.URI); err != nil {
		return Participant{}, err
	}
	return Participant{
		AccountSID: w.AccountSID, CallSID: w.CallSID, CallSIDToCoach: target, Coaching: valueOf(w.Coaching),
		ConferenceSID: w.ConferenceSID, DateCreated: w.DateCreated, DateUpdated: w.DateUpdated,
		EndConferenceOnExit: w.EndConferenceOnExit, Hold: valueOf(w.Hold), Muted: valueOf(w.Muted),
		StartConferenceOnEnter: w.StartConferenceOnEnter, Status: w.Status, Phase: d.phase(w.Status), URI: w.URI,
	}, nil
}

// lacks reports whether the value of a key is missing that the dialect promises.
func (d Dialect) lacks(key string, value *bool) bool {
	return value == nil && !slices.Contains(d.OptionalKeys, key)
}

// valueOf returns the value behind a pointer, the zero value if it is nil.
func valueOf[T any](pointer *T) (value T) {
	if pointer != nil {
		value = *pointer
	}
	return value
}

// checkLength returns an error if a field is longer than maxField: fields are
// stored in the status of objects, the size of which is limited.
func checkLength(fields ...string) error {
	for _, field := range fields {
		if len(field) > maxField {
			return fmt.Errorf("%w: a field is longer than %d bytes", errUnreadable, maxField)
		}
	}
	return nil
}

// decodeParticipant reads a response about one participant.
func (d Dialect) decodeParticipant(body []byte, conferenceSID, callSID string) (Participant, error) {
	var wire wireParticipant
	if err := decode(renameKeys(body, d.ParticipantKeys), &wire); err != nil {
		return Participant{}, err
	}
	if wire.CallSID != callSID {
		return Participant{}, fmt.Errorf("%w: it is about another participant than the requested one", errUnreadable)
	}
	return d.participant(wire, conferenceSID)
}

// decode reads one JSON value with nothing after it. The error does not include
// the syntax error, which may quote a secret from the body.
func decode(body []byte, into any) error {
	if json.Unmarshal(body, into) != nil {
		return fmt.Errorf("%w: it is not the JSON that was expected", errUnreadable)
	}
	return nil
}

// renameKeys replaces keys of a JSON object, or of each object in an array. Any
// other value is returned unchanged, and so is what is not JSON.
func renameKeys(raw json.RawMessage, keys map[string]string) json.RawMessage {
	if len(keys) == 0 {
		return raw
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil || items == nil {
		return renameObject(raw, keys)
	}
	for i := range items {
		items[i] = renameObject(items[i], keys)
	}
	return encode(items, raw)
}

// renameObject replaces keys of one JSON object. A key that is replaced wins over
// one that has the new name already.
func renameObject(raw json.RawMessage, keys map[string]string) json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil || object == nil {
		return raw
	}
	renamed := maps.Clone(object)
	for from, to := range keys {
		if value, found := object[from]; found {
			delete(renamed, from)
			renamed[to] = value
		}
	}
	return encode(renamed, raw)
}

// encode returns the JSON of a value that was decoded from raw.
func encode(value any, raw json.RawMessage) json.RawMessage {
	encoded, err := json.Marshal(value)
	if err != nil {
		return raw
	}
	return encoded
}
