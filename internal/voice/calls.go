package voice

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/url"
	"time"
)

// CallInProgress is the status of a call that was answered and has not ended, the
// same for all providers of this family.
const CallInProgress = "in-progress"

// Direction says which side has dialled a call, the same for every provider.
type Direction uint8

const (
	// DirectionUnknown is a call of which the response does not say it, the zero
	// value.
	DirectionUnknown Direction = iota
	// Inbound is a call from outside to a number of the account.
	Inbound
	// Outbound is a call that the account has placed.
	Outbound
)

// Call is a call leg as the provider describes it. Only SID is sure to be there.
type Call struct {
	// SID of the call.
	SID string
	// From is the caller; "" if the number is withheld.
	From Number
	// To is the callee; "" if the response does not say.
	To Number
	// Direction says which of the two is the far party.
	Direction Direction
	// ParentCallSID is the call that has placed this one; "" for none.
	ParentCallSID string
	// Status of the call, in the words of the provider.
	Status string
	// Phase is what Status means.
	Phase Phase
}

// CallFilter selects calls of a list; an empty field selects all. There is none by
// number: a URL ends up in the logs of proxies.
type CallFilter struct {
	// Status of the calls, such as CallInProgress.
	Status string
	// ParentCallSID is the call that has placed them.
	ParentCallSID string
}

func (f CallFilter) query(paging Paging) url.Values {
	query := paging.query(paging.MaxSize)
	if f.Status != "" {
		query.Set("Status", f.Status)
	}
	if f.ParentCallSID != "" {
		query.Set("ParentCallSid", f.ParentCallSID)
	}
	return query
}

// CallPage is one page of a list of calls.
type CallPage = ListPage[Call]

// CallPages lists calls, as ConferencePages does with conferences. Each page has as
// many calls as the provider allows.
func (c *Client) CallPages(ctx context.Context, filter CallFilter) iter.Seq2[CallPage, error] {
	return pages(ctx, c, c.config.Dialect.callList(filter))
}

func (d Dialect) callList(filter CallFilter) listing[CallPage] {
	return listing[CallPage]{
		operation: OpListCalls,
		segments:  []string{"Calls"},
		query:     filter.query(d.Calls),
		items:     "calls",
		next:      d.Calls.NextKey,
		read: func(rows json.RawMessage, date time.Time) (CallPage, []string, error) {
			return readRows(rows, date, d.call)
		},
	}
}

// GetCall reads one call. The error is of ClassGone if there is none.
func (c *Client) GetCall(ctx context.Context, callSID string) (Call, error) {
	return one(ctx, c, request{operation: OpGetCall}, []string{"Calls", callSID}, func(body []byte) (Call, error) {
		var wire wireCall
		if err := decode(body, &wire); err != nil {
			return Call{}, err
		}
		call, sid, err := c.config.Dialect.call(wire)
		if err == nil && sid != callSID {
			err = fmt.Errorf("%w: it is about another call than the requested one", errUnreadable)
		}
		return call, err
	})
}

// wireCall is a call on the wire.
type wireCall struct {
	SID           wireText `json:"sid"`
	From          wireText `json:"from"`
	To            wireText `json:"to"`
	Direction     wireText `json:"direction"`
	ParentCallSID wireText `json:"parent_call_sid"`
	Status        wireText `json:"status"`
}

// call returns the Call that a wire call describes, and its SID. A number that is no
// text is not one that is withheld: such a call can't be read.
func (d Dialect) call(w wireCall) (Call, string, error) {
	long := checkLength(w.SID.value, w.From.value, w.To.value, w.Direction.value, w.ParentCallSID.value, w.Status.value) != nil
	if w.SID.value == "" || w.From.odd || w.To.odd || w.Direction.odd || w.Status.odd || long {
		return Call{}, w.SID.value, flawError{FlawCall}
	}
	return Call{
		SID: w.SID.value, From: Number(w.From.value), To: Number(w.To.value), Direction: d.Directions[w.Direction.value],
		ParentCallSID: w.ParentCallSID.value, Status: w.Status.value, Phase: d.phase(w.Status.value),
	}, w.SID.value, nil
}
