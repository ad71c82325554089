package voice

import (
	"cmp"
	"net/http"
)

// classify returns the class of a response that is not a success. The HTTP
// status decides; the dialect's code tells refusals apart.
func (d Dialect) classify(status, code int) Class {
	switch status {
	case http.StatusTooManyRequests:
		return ClassNotExecuted
	case http.StatusUnauthorized, http.StatusForbidden:
		return ClassUnauthorized
	case http.StatusNotFound, http.StatusGone:
		return ClassGone
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return cmp.Or(d.Codes[code].Class, ClassRefused)
	default:
		return ClassUnknownOutcome
	}
}

// classifyNoResponse returns the class of a request without a response. Without
// a connection the request was never written, and had no effect.
func classifyNoResponse(connected bool) Class {
	if connected {
		return ClassUnknownOutcome
	}
	return ClassNotExecuted
}

// failure returns the error of a response that is not a success.
func (c *Client) failure(operation Operation, status int, header http.Header, body []byte) *Error {
	dialect := c.config.Dialect
	code, message := readProblem(body)
	failed := &Error{
		Operation: operation, Class: dialect.classify(status, code), HTTPStatus: status, Code: code,
		Meaning: dialect.Codes[code].Meaning, Message: oneLine(c.redact(message)),
		RetryAfter: dialect.retryAfter(status, header, c.config.Now()),
	}
	if status == http.StatusProxyAuthRequired {
		failed.Cause = CauseProxy
	}
	failed.Permanent = failed.Class == ClassRefused && dialect.Codes[code].Permanent
	return failed
}
