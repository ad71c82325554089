package voice

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// wireText is a text on the wire. It decodes from any JSON.
type wireText struct {
	value string
	// odd says that there is another value than a text or null.
	odd bool
}

// UnmarshalJSON implements json.Unmarshaler, and never fails.
func (t *wireText) UnmarshalJSON(raw []byte) error {
	*t = wireText{}
	switch {
	case string(raw) == "null":
	case raw[0] != '"':
		t.odd = true
	case bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw):
		t.value = string(raw[1 : len(raw)-1])
	default:
		t.odd = json.Unmarshal(raw, &t.value) != nil
	}
	return nil
}

// wireFlag is true or false on the wire. It decodes from any JSON.
type wireFlag struct {
	// value is nil if there is neither.
	value *bool
	// odd says that there is another value, and not null.
	odd bool
}

// UnmarshalJSON implements json.Unmarshaler, and never fails.
func (f *wireFlag) UnmarshalJSON(raw []byte) error {
	*f = wireFlag{}
	switch word := string(raw); word {
	case "true", "false":
		f.value = new(word == "true")
	default:
		f.odd = word != "null"
	}
	return nil
}
