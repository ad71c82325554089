package voice

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Operation names a request of the API, as metrics do.
type Operation string

// The operations of this client.
const (
	// OpListConferences is GET /Conferences.
	OpListConferences Operation = "list_conferences"
	// OpGetConference is GET /Conferences/{Sid}.
	OpGetConference Operation = "get_conference"
	// OpListParticipants is GET /Conferences/{Sid}/Participants.
	OpListParticipants Operation = "list_participants"
	// OpGetParticipant is GET /Conferences/{Sid}/Participants/{CallSid}.
	OpGetParticipant Operation = "get_participant"
	// OpUpdateParticipant is POST on the same path.
	OpUpdateParticipant Operation = "update_participant"
	// OpRemoveParticipant is DELETE on the same path.
	OpRemoveParticipant Operation = "remove_participant"
)

// Class is what is known of a request after its answer, or the lack of one.
type Class string

const (
	// ClassOK is success.
	ClassOK Class = "ok"
	// ClassNotExecuted is a request that provably had no effect: throttled, or
	// never written to a connection.
	ClassNotExecuted Class = "not_executed"
	// ClassUnknownOutcome is a request that may have had its effect: a time-out,
	// a reset after it was written, a 5xx, an answer that can't be read, and
	// everything that is not known better.
	ClassUnknownOutcome Class = "unknown_outcome"
	// ClassUnauthorized is refused credentials: 401 or 403.
	ClassUnauthorized Class = "unauthorized"
	// ClassGone is a participant or conference that is not there: 404, or code
	// 10000, which a completed conference answers.
	ClassGone Class = "gone"
	// ClassCoacheeMissing is an update refused because the participant to coach
	// is not in the conference, or on hold: code 16002 and its relatives.
	ClassCoacheeMissing Class = "coachee_missing"
	// ClassRefused is any other 400 or 422.
	ClassRefused Class = "refused"
)

// ErrAddressNotAllowed is wrapped where a host resolved to an address that must
// not be dialled: private, loopback, link-local and their like.
var ErrAddressNotAllowed = errors.New("the address is not public")

// errUnreadable is wrapped where an answer is not what was asked for.
var errUnreadable = errors.New("the answer can't be read")

// Error is a request that failed.
type Error struct {
	// Operation that failed.
	Operation Operation
	// Class of the failure.
	Class Class
	// HTTPStatus of the answer; 0 if there was none.
	HTTPStatus int
	// Code is the provider's; 0 if there was none.
	Code int
	// Message is the provider's words, on one line, cut to 200 bytes, the token
	// removed. They are for logs: nothing else is known about them.
	Message string
	// RetryAfter is how long the provider asks to wait, at most 15 minutes; 0
	// if it does not say.
	RetryAfter time.Duration
	// Permanent says that the code can only mean a bad request, which does not
	// become better by waiting.
	Permanent bool

	// cause is for errors.Is; its words may be anybody's, detail is what is
	// shown of them.
	cause  error
	detail string
}

// Error describes the failure without anything secret: neither token nor query.
func (e *Error) Error() string {
	parts := []string{string(e.Operation) + ": " + string(e.Class)}
	if e.HTTPStatus != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.HTTPStatus))
	}
	if e.Code != 0 {
		parts = append(parts, fmt.Sprintf("code %d", e.Code))
	}
	if e.Message != "" {
		parts = append(parts, e.Message)
	}
	if e.detail != "" {
		parts = append(parts, e.detail)
	}
	return strings.Join(parts, ", ")
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.cause }

// ClassOf says what is known of a request by its error. What is not an *Error
// may have had any effect.
func ClassOf(err error) Class {
	if err == nil {
		return ClassOK
	}
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure.Class
	}
	return ClassUnknownOutcome
}

// Describe returns what a code of the provider means, as documented, in a few
// words; "" if it is not documented.
func Describe(code int) string {
	const (
		coacheeMissing = "the participant to coach is not in the conference"
		invalidURL     = "the URL is invalid"
	)
	return map[int]string{
		10000: "an argument is invalid, or the conference is completed",
		10001: "the feature is not enabled for this space",
		10004: "the project does not belong to these credentials",
		13221: "the method must be GET or POST",
		13240: coacheeMissing,
		16002: coacheeMissing,
		16027: "the participant to coach is on hold",
		16028: coacheeMissing,
		20003: "the credentials are refused, or lack the scope Voice",
		20010: "the action is disabled for this account",
		20404: "the resource does not exist",
		20429: "too many requests",
		21402: invalidURL,
		21456: invalidURL,
	}[code]
}

// AsError returns the Error in err, nil if there is none.
func AsError(err error) *Error {
	failure, _ := errors.AsType[*Error](err)
	return failure
}
