package voicesim

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// The shapes in which an answer's body can come.
const (
	// ShapeFlat is the documented error body; other bodies stay as they are.
	ShapeFlat = "flat"
	// ShapeStringCode is ShapeFlat with the code as a string.
	ShapeStringCode = "string-code"
	// ShapeStatusMismatch is ShapeFlat with another status in the body than the
	// answer has.
	ShapeStatusMismatch = "status-mismatch"
	// ShapeErrorsObjects is an error body with a list of objects.
	ShapeErrorsObjects = "errors-objects"
	// ShapeErrorsStrings is an error body with a list of texts.
	ShapeErrorsStrings = "errors-strings"
	// ShapeHTML is a page as a proxy sends it.
	ShapeHTML = "html"
	// ShapeEmpty is no body at all.
	ShapeEmpty = "empty"
	// ShapeTruncated is the first half of the body.
	ShapeTruncated = "truncated"
	// ShapeEndless is a body without an end: it stops when the client goes.
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

// Fault makes requests go wrong. Its first group of fields says which requests;
// left out means all. The second says how; left out means as usual.
type Fault struct {
	// Operation is one of the Op constants.
	Operation string `json:"operation,omitempty"`
	// AccountSID is the account in the path.
	AccountSID string `json:"accountSID,omitempty"`
	// ConferenceSID is the conference in the path.
	ConferenceSID string `json:"conferenceSID,omitempty"`
	// CallSID is the participant in the path.
	CallSID string `json:"callSID,omitempty"`
	// Match has the last word on requests that match otherwise. It must not
	// call the simulator.
	Match func(Request) bool `json:"-"`
	// Skip lets so many matching requests pass first.
	Skip int `json:"skip,omitempty"`
	// Times is how many requests go wrong; 0 means until it is cleared.
	Times int `json:"times,omitempty"`
	// Every lets only each n-th of the matching requests go wrong; 0 means all.
	Every int `json:"every,omitempty"`

	// Status is answered without applying the request.
	Status int `json:"status,omitempty"`
	// Apply applies the request all the same before Status is answered.
	Apply bool `json:"apply,omitempty"`
	// Code is the code of the error body; left out, one that fits the status.
	Code int `json:"code,omitempty"`
	// Shape is one of the Shape constants. Without Status the request is
	// applied, and its answer comes in this shape.
	Shape string `json:"shape,omitempty"`
	// Body replaces the answer's body.
	Body string `json:"body,omitempty"`
	// Header is added to the answer's header, Retry-After for example.
	Header http.Header `json:"header,omitempty"`
	// Delay holds the answer back, after the request was applied. It ends early
	// when the client goes away.
	Delay time.Duration `json:"delay,omitempty"`
	// Hold holds the answer back until it is closed, on top of Delay.
	Hold <-chan struct{} `json:"-"`
	// BeforeApply makes Delay and Hold come before the request is applied. If
	// the client goes away meanwhile, it never is.
	BeforeApply bool `json:"beforeApply,omitempty"`
	// Reset is one of the Reset constants.
	Reset string `json:"reset,omitempty"`
	// Ignore accepts an update of a participant and answers with the values
	// wished for, but changes nothing.
	Ignore bool `json:"ignore,omitempty"`
	// RevertAfter undoes an update of a participant so long after it was
	// applied. What somebody changes again meanwhile stays.
	RevertAfter time.Duration `json:"revertAfter,omitempty"`
	// StaleReads makes reads show the values from before an update of a
	// participant for so long after it.
	StaleReads time.Duration `json:"staleReads,omitempty"`
}

// Validate returns an error that names the first field with a value that it
// cannot have.
func (f Fault) Validate() error {
	return cmp.Or(
		oneOf("operation", f.Operation, "", OpListConferences, OpGetConference, OpUpdateConference,
			OpListParticipants, OpGetParticipant, OpUpdateParticipant, OpRemoveParticipant),
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
	)
}

func (f Fault) validateStatus() error {
	if f.Status == 0 || f.Status >= 200 && f.Status <= 599 {
		return nil
	}
	return fmt.Errorf("status: %d is not between 200 and 599", f.Status)
}

// applies says whether the request is carried out.
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

// take returns the fault that shapes r and its id, or the zero fault and 0.
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
