package voicesim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// The shapes of the body of a response.
const (
	// ShapeFlat is the documented error body. Other bodies stay as they are.
	ShapeFlat = "flat"
	// ShapeStringCode is ShapeFlat with the code as a string.
	ShapeStringCode = "string-code"
	// ShapeStatusMismatch is ShapeFlat with a status in the body that is not the
	// HTTP status.
	ShapeStatusMismatch = "status-mismatch"
	// ShapeErrorsObjects is an error body with a list of objects.
	ShapeErrorsObjects = "errors-objects"
	// ShapeErrorsStrings is an error body with a list of texts.
	ShapeErrorsStrings = "errors-strings"
	// ShapeHTML is an HTML page, as a proxy sends it.
	ShapeHTML = "html"
	// ShapeEmpty is an empty body.
	ShapeEmpty = "empty"
	// ShapeTruncated is the first half of the body.
	ShapeTruncated = "truncated"
	// ShapeEndless is a body without an end. It stops when the client goes away.
	ShapeEndless = "endless"
	// ShapeWrongObject is JSON that describes none of the API's resources.
	ShapeWrongObject = "wrong-object"
)

// When a connection is reset.
const (
	// ResetBefore resets the connection and applies nothing.
	ResetBefore = "before"
	// ResetAfter applies the request, then resets the connection.
	ResetAfter = "after"
)

// Fault makes requests fail or behave unusually. Its first group of fields selects
// the requests; an empty field selects all. The second group says what happens to
// them; an empty field changes nothing.
type Fault struct {
	// Operation is one of the Op constants.
	Operation string `json:"operation,omitempty"`
	// AccountSID is the account in the path.
	AccountSID string `json:"accountSID,omitempty"`
	// ConferenceSID is the conference in the path.
	ConferenceSID string `json:"conferenceSID,omitempty"`
	// CallSID is the participant or call in the path.
	CallSID string `json:"callSID,omitempty"`
	// Match selects among the requests that match the other fields; nil selects
	// all. It must not call the simulator.
	Match func(Request) bool `json:"-"`
	// Skip is how many matching requests are left alone first.
	Skip int `json:"skip,omitempty"`
	// Times is how many requests are affected; 0 means all until the fault is
	// cleared.
	Times int `json:"times,omitempty"`
	// Every selects only each n-th of the matching requests; 0 means all.
	Every int `json:"every,omitempty"`

	// Status is the status of the response. The request is not applied.
	Status int `json:"status,omitempty"`
	// Apply applies the request although there is a Status.
	Apply bool `json:"apply,omitempty"`
	// Code is the code of the error body; 0 means the usual code for the status.
	Code int `json:"code,omitempty"`
	// Shape is one of the Shape constants. Without Status the request is
	// applied, and its response has this shape.
	Shape string `json:"shape,omitempty"`
	// Body replaces the body of the response.
	Body string `json:"body,omitempty"`
	// Row changes the conferences, participants and calls in responses.
	Row *RowFault `json:"row,omitempty"`
	// NextPage replaces the address of the next page of a list. NextQuery in it
	// stands for the query of that address; without it the list has no end.
	NextPage string `json:"nextPage,omitempty"`
	// Header is added to the header of the response, Retry-After for example.
	Header http.Header `json:"header,omitempty"`
	// Delay is the time between the request being applied and the response. It
	// ends early when the client goes away.
	Delay time.Duration `json:"delay,omitempty"`
	// Release delays the response until the channel is closed, after Delay.
	Release <-chan struct{} `json:"-"`
	// BeforeApply makes Delay and Release delay the application of the request.
	// If the client goes away during that time, the request is not applied.
	BeforeApply bool `json:"beforeApply,omitempty"`
	// Reset is one of the Reset constants.
	Reset string `json:"reset,omitempty"`
	// Ignore accepts an update of a participant and returns the requested values,
	// but changes nothing.
	Ignore bool `json:"ignore,omitempty"`
	// RevertAfter is the time after which an update of a participant is undone.
	// Fields that were changed again during that time stay as they are.
	RevertAfter time.Duration `json:"revertAfter,omitempty"`
	// StaleReads is how long reads show the values from before an update of a
	// participant.
	StaleReads time.Duration `json:"staleReads,omitempty"`
	// ListLag makes a list show what was that long ago, at most a minute, if it is more
	// than Settings.ListLag.
	ListLag time.Duration `json:"listLag,omitempty"`
}

// Validate returns an error that names the first field with an invalid value.
func (f Fault) Validate() error {
	return cmp.Or(
		oneOf("operation", f.Operation, "", OpListConferences, OpGetConference, OpUpdateConference,
			OpListParticipants, OpGetParticipant, OpUpdateParticipant, OpRemoveParticipant, OpListCalls, OpGetCall),
		oneOf("shape", f.Shape, "", ShapeFlat, ShapeStringCode, ShapeStatusMismatch, ShapeErrorsObjects,
			ShapeErrorsStrings, ShapeHTML, ShapeEmpty, ShapeTruncated, ShapeEndless, ShapeWrongObject),
		oneOf("reset", f.Reset, "", ResetBefore, ResetAfter),
		f.validateStatus(),
		notNegative("skip", f.Skip),
		notNegative("times", f.Times),
		notNegative("every", f.Every),
		notNegative("delay", f.Delay),
		notNegative("revertAfter", f.RevertAfter),
		notNegative("staleReads", f.StaleReads),
		validateLag(f.ListLag),
	)
}

func (f Fault) validateStatus() error {
	if f.Status == 0 || f.Status >= 200 && f.Status <= 599 {
		return nil
	}
	return fmt.Errorf("status: %d is not between 200 and 599", f.Status)
}

// applies reports whether the request is applied.
func (f Fault) applies() bool { return f.Status == 0 || f.Apply }

func (f Fault) matches(r Request) bool {
	return emptyOr(f.Operation, r.Operation) && emptyOr(f.AccountSID, r.AccountSID) &&
		emptyOr(f.ConferenceSID, r.ConferenceSID) && emptyOr(f.CallSID, r.CallSID) &&
		(f.Match == nil || f.Match(r))
}

func emptyOr(want, got string) bool { return want == "" || want == got }

type armedFault struct {
	Fault

	id, seen, hit int
}

type faultList struct {
	lastID int
	armed  []*armedFault
}

func (l *faultList) add(f Fault) int {
	l.lastID++
	l.armed = append(l.armed, &armedFault{Fault: f, id: l.lastID})
	return l.lastID
}

func (l *faultList) remove(id int) bool {
	before := len(l.armed)
	l.armed = slices.DeleteFunc(l.armed, func(f *armedFault) bool { return f.id == id })
	return len(l.armed) < before
}

// take returns the fault that affects a request and its id, or the zero fault and
// 0, and counts the request.
func (l *faultList) take(r Request) (Fault, int) {
	for _, f := range l.armed {
		if !f.matches(r) {
			continue
		}
		f.seen++
		if f.seen <= f.Skip || f.Every > 1 && (f.seen-f.Skip)%f.Every != 0 {
			continue
		}
		if f.hit++; f.hit == f.Times {
			l.remove(f.id)
		}
		return f.Fault, f.id
	}
	return Fault{}, 0
}
