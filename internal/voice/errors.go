package voice

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
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
	// OpUpdateConference is POST on the same path.
	OpUpdateConference Operation = "update_conference"
	// OpListParticipants is GET /Conferences/{Sid}/Participants.
	OpListParticipants Operation = "list_participants"
	// OpGetParticipant is GET /Conferences/{Sid}/Participants/{CallSid}.
	OpGetParticipant Operation = "get_participant"
	// OpUpdateParticipant is POST on the same path.
	OpUpdateParticipant Operation = "update_participant"
	// OpRemoveParticipant is DELETE on the same path.
	OpRemoveParticipant Operation = "remove_participant"
	// OpListCalls is GET /Calls.
	OpListCalls Operation = "list_calls"
	// OpGetCall is GET /Calls/{Sid}.
	OpGetCall Operation = "get_call"
)

// Class is what is known of a request and its effect.
type Class string

const (
	// ClassOK is success.
	ClassOK Class = "ok"
	// ClassNotExecuted is a request that certainly had no effect: it was
	// throttled, or never written to a connection.
	ClassNotExecuted Class = "not_executed"
	// ClassUnknownOutcome is a request that may have had its effect: a time-out,
	// a reset after it was written, a 5xx, a response that can't be read, and
	// every failure that is in no other class.
	ClassUnknownOutcome Class = "unknown_outcome"
	// ClassUnauthorized is a 401 or 403: the credentials are refused.
	ClassUnauthorized Class = "unauthorized"
	// ClassGone is a participant, conference or call that does not exist any more, or
	// does not exist yet: 404, 410, or a code that says so.
	ClassGone Class = "gone"
	// ClassCoacheeMissing is an update that was refused because the participant
	// to coach is not in the conference, or is on hold: a code says so.
	ClassCoacheeMissing Class = "coachee_missing"
	// ClassRefused is any other 400 or 422, and an update that the dialect has no
	// form field for.
	ClassRefused Class = "refused"
)

// errUnreadable is the cause of an error if a response does not contain what was
// requested.
var errUnreadable = errors.New("the response can't be read")

// Error is a request that failed.
type Error struct {
	// Operation that failed.
	Operation Operation
	// Class of the failure.
	Class Class
	// HTTPStatus of the response; 0 if there was none.
	HTTPStatus int
	// Cause is why there is no response that counts; "" where HTTPStatus says it,
	// and where the request was not sent.
	Cause Cause
	// Address is what the host's address is for, if it must not be dialled; ""
	// with any other Cause.
	Address string
	// Code is the provider's error code; 0 if there was none.
	Code int
	// Meaning is what the dialect documents for the code, or what it can't do if
	// the request was not sent for that; "" if neither.
	Meaning string
	// Message is the provider's own text, on one line, cut to 200 bytes, the
	// token, URLs and phone numbers removed. It is for logs: it may say anything.
	Message string
	// RetryAfter is the wait that the provider asks for, at most 15 minutes; 0 if
	// it asks for none.
	RetryAfter time.Duration
	// Permanent says that the same request can't succeed later.
	Permanent bool
	// Flaw is what is wrong with the participant in a response of status 2xx that
	// can't be read; "" if the failure is another one.
	Flaw Flaw

	// cause is for errors.Is. Its text may come from the other side; detail is
	// the part of it that is safe to print.
	cause  error
	detail string
}

// Error describes the failure, for logs. It holds neither token nor query.
func (e *Error) Error() string {
	parts := []string{string(e.Operation) + ": " + string(e.Class)}
	if e.HTTPStatus != 0 {
		parts = append(parts, fmt.Sprintf("HTTP %d", e.HTTPStatus))
	}
	if e.Code != 0 {
		parts = append(parts, fmt.Sprintf("code %d", e.Code))
	}
	if e.HTTPStatus == 0 && e.Meaning != "" {
		parts = append(parts, e.Meaning)
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

// ClassOf returns the class of an error of this package, ClassOK if it is nil. An
// error without an *Error in it is of ClassUnknownOutcome.
func ClassOf(err error) Class {
	if err == nil {
		return ClassOK
	}
	if failure, ok := errors.AsType[*Error](err); ok {
		return failure.Class
	}
	return ClassUnknownOutcome
}

// Explain returns status, code and meaning of a response that is an error, in the
// same words each time and without any text of the provider, so that it can be
// shown to users. For an update that the dialect can't express it returns the
// meaning, for any other failure without a response the class.
func (e *Error) Explain() string {
	switch {
	case e.HTTPStatus == 0:
		return cmp.Or(e.Meaning, string(e.Class))
	case e.Code == 0:
		return fmt.Sprintf("HTTP %d", e.HTTPStatus)
	case e.Meaning == "":
		return fmt.Sprintf("HTTP %d, code %d", e.HTTPStatus, e.Code)
	default:
		return fmt.Sprintf("HTTP %d, code %d: %s", e.HTTPStatus, e.Code, e.Meaning)
	}
}

// Missing reports whether the response says that what was asked for does not exist,
// and not that it has ended.
func (e *Error) Missing() bool {
	return e.HTTPStatus == http.StatusNotFound || e.HTTPStatus == http.StatusGone
}

// AsError returns the Error in err, nil if there is none.
func AsError(err error) *Error {
	failure, _ := errors.AsType[*Error](err)
	return failure
}
