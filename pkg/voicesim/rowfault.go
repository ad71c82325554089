package voicesim

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// RowFault changes conferences, participants and calls in responses, in lists and alone,
// but not in the simulator.
type RowFault struct {
	// SIDs are the call SIDs and conference SIDs of the rows that are changed;
	// all rows if empty.
	SIDs []string `json:"sids,omitempty"`
	// Set has fields by their JSON keys, and values of any type for them.
	Set map[string]any `json:"set,omitempty"`
	// Omit are the JSON keys of fields that are left out.
	Omit []string `json:"omit,omitempty"`
	// Replace is JSON in place of the whole row.
	Replace json.RawMessage `json:"replace,omitempty"`
	// Twice has a list show the row as it is, too, before the changed one.
	Twice bool `json:"twice,omitempty"`
}

// NextQuery stands for the query of the next page in Fault.NextPage.
const NextQuery = "{query}"

// reshape returns the JSON of a response with the changes of a fault to its rows
// and to the address of its next page.
func (f Fault) reshape(body []byte) []byte {
	var envelope map[string]json.RawMessage
	if f.Row == nil && f.NextPage == "" || json.Unmarshal(body, &envelope) != nil {
		return body
	}
	paged := false
	for _, key := range []string{"participants", "conferences", "calls"} {
		var rows []json.RawMessage
		if raw, ok := envelope[key]; ok && json.Unmarshal(raw, &rows) == nil {
			paged = true
			envelope[key] = mustJSON(f.Row.list(rows))
		}
	}
	if !paged {
		return f.Row.change(body)
	}
	f.redirect(envelope)
	return mustJSON(envelope)
}

// list returns the rows of a list with those changed that the fault is about.
func (r *RowFault) list(rows []json.RawMessage) []json.RawMessage {
	changed := []json.RawMessage{}
	for _, row := range rows {
		if r != nil && r.Twice && r.about(row) {
			changed = append(changed, row)
		}
		changed = append(changed, r.change(row))
	}
	return changed
}

// about reports whether the fault changes a row.
func (r *RowFault) about(row json.RawMessage) bool {
	var named struct {
		CallSID string `json:"call_sid"`
		SID     string `json:"sid"`
	}
	if r == nil || json.Unmarshal(row, &named) != nil || named.CallSID+named.SID == "" {
		return false
	}
	return len(r.SIDs) == 0 || slices.Contains(r.SIDs, named.CallSID) || slices.Contains(r.SIDs, named.SID)
}

// change returns a row as the fault has it.
func (r *RowFault) change(row json.RawMessage) json.RawMessage {
	var fields map[string]any
	switch {
	case !r.about(row) || json.Unmarshal(row, &fields) != nil:
		return row
	case r.Replace != nil:
		return r.Replace
	}
	for key, value := range r.Set {
		fields[key] = value
	}
	for _, key := range r.Omit {
		delete(fields, key)
	}
	return mustJSON(fields)
}

// redirect has a page lead to where the fault says.
func (f Fault) redirect(envelope map[string]json.RawMessage) {
	if f.NextPage == "" {
		return
	}
	if !strings.Contains(f.NextPage, NextQuery) {
		envelope["next_page_uri"] = mustJSON(f.NextPage)
		return
	}
	var next *string
	if json.Unmarshal(envelope["next_page_uri"], &next) != nil || next == nil {
		return
	}
	if target, err := url.Parse(*next); err == nil {
		envelope["next_page_uri"] = mustJSON(strings.ReplaceAll(f.NextPage, NextQuery, target.RawQuery))
	}
}
