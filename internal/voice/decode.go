package voice

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// maxField is the longest string that is accepted for a field, in bytes.
const maxField = 1 << 10

// wireParticipant is a participant on the wire, under the standard JSON keys.
type wireParticipant struct {
	AccountSID             wireText `json:"account_sid"`
	CallSID                wireText `json:"call_sid"`
	CallSIDToCoach         wireText `json:"call_sid_to_coach"`
	Coaching               wireFlag `json:"coaching"`
	ConferenceSID          wireText `json:"conference_sid"`
	DateCreated            wireText `json:"date_created"`
	DateUpdated            wireText `json:"date_updated"`
	EndConferenceOnExit    wireFlag `json:"end_conference_on_exit"`
	Hold                   wireFlag `json:"hold"`
	Muted                  wireFlag `json:"muted"`
	StartConferenceOnEnter wireFlag `json:"start_conference_on_enter"`
	Status                 wireText `json:"status"`
	URI                    wireText `json:"uri"`
}

// participant returns the Participant of the requested conference that a wire
// participant describes, or why it describes none. What nothing is decided by may be
// anything: if it can't be read the response does not say it.
func (d Dialect) participant(w wireParticipant, conferenceSID string) (Participant, Flaw) {
	if flaw := d.flaw(w, conferenceSID); flaw != "" {
		return Participant{}, flaw
	}
	return Participant{
		AccountSID: w.AccountSID.value, CallSID: w.CallSID.value, CallSIDToCoach: w.CallSIDToCoach.value,
		Coaching: valueOf(w.Coaching.value), ConferenceSID: w.ConferenceSID.value,
		DateCreated: w.DateCreated.value, DateUpdated: w.DateUpdated.value,
		EndConferenceOnExit: w.EndConferenceOnExit.value, Hold: valueOf(w.Hold.value), Muted: valueOf(w.Muted.value),
		StartConferenceOnEnter: w.StartConferenceOnEnter.value,
		Status:                 w.Status.value, Phase: d.phase(w.Status.value), URI: w.URI.value,
	}, ""
}

// flaw returns the first thing that is wrong with a wire participant, "" if nothing
// is.
func (d Dialect) flaw(w wireParticipant, conferenceSID string) Flaw {
	length := checkLength(w.AccountSID.value, w.CallSID.value, w.CallSIDToCoach.value, w.ConferenceSID.value,
		w.DateCreated.value, w.DateUpdated.value, w.Status.value, w.URI.value)
	for _, found := range []struct {
		flaw    Flaw
		present bool
	}{
		{FlawCallSID, w.CallSID.value == ""},
		{FlawConferenceSID, w.ConferenceSID.odd || w.ConferenceSID.value != "" && w.ConferenceSID.value != conferenceSID},
		{FlawMuted, d.lacks("muted", w.Muted)},
		{FlawHold, d.lacks("hold", w.Hold)},
		{FlawCoaching, d.lacks("coaching", w.Coaching)},
		{FlawCoachee, w.CallSIDToCoach.odd},
		{FlawStatus, w.Status.odd},
		{FlawLength, length != nil},
	} {
		if found.present {
			return found.flaw
		}
	}
	return ""
}

// lacks reports whether the value of a key is missing that the dialect promises.
func (d Dialect) lacks(key string, flag wireFlag) bool {
	if flag.value != nil {
		return false
	}
	return flag.odd || !slices.Contains(d.OptionalKeys, key)
}

// page returns the rows of a list, those that can't be read apart.
func (d Dialect) page(raw json.RawMessage, conferenceSID string) (page Page, sids []string, err error) {
	var rows []wireParticipant
	if err := decodeRows(renameKeys(raw, d.ParticipantKeys), &rows); err != nil || rows == nil {
		return Page{}, nil, fmt.Errorf("%w: it has no list of participants", errUnreadable)
	}
	page.Participants = make([]Participant, 0, len(rows))
	sids = make([]string, len(rows))
	for i, row := range rows {
		sids[i] = row.CallSID.value
		if len(sids[i]) > maxField {
			sids[i] = ""
		}
		if participant, flaw := d.participant(row, conferenceSID); flaw == "" {
			page.Participants = append(page.Participants, participant)
		} else {
			page.Unreadable = append(page.Unreadable, UnreadableRow{sids[i], flaw})
		}
	}
	page.separate()
	return page, sids, nil
}

// decodeRows reads the rows of a list. One that is no object is left zero: it spoils
// no other.
func decodeRows(raw json.RawMessage, rows any) error {
	err := json.Unmarshal(raw, rows)
	if _, mistyped := errors.AsType[*json.UnmarshalTypeError](err); mistyped {
		return nil
	}
	return err
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
	if other := wire.CallSID.value; other != "" && other != callSID {
		return Participant{}, fmt.Errorf("%w: it is about another participant than the requested one", errUnreadable)
	}
	participant, flaw := d.participant(wire, conferenceSID)
	if flaw != "" {
		return Participant{}, flaw
	}
	return participant, nil
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
