package voice

import "net/http"

// classify decides the class of an answer that is no success. The HTTP status
// counts; the body only adds a code.
func classify(status, code int) Class {
	switch status {
	case http.StatusTooManyRequests:
		return ClassNotExecuted
	case http.StatusUnauthorized, http.StatusForbidden:
		return ClassUnauthorized
	case http.StatusNotFound, http.StatusGone:
		return ClassGone
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		return classifyRefusal(code)
	default:
		return ClassUnknownOutcome
	}
}

func classifyRefusal(code int) Class {
	switch code {
	case 10000:
		return ClassGone
	case 16002, 16027, 16028, 13240:
		return ClassCoacheeMissing
	default:
		return ClassRefused
	}
}

// permanent says whether a code can only mean a bad request.
func permanent(code int) bool {
	switch code {
	case 13221, 21402, 21456, 10001, 20010:
		return true
	default:
		return false
	}
}

// classifyNoAnswer decides the class of a request without an answer: what never
// had a connection was never written and had no effect.
func classifyNoAnswer(connected bool) Class {
	if connected {
		return ClassUnknownOutcome
	}
	return ClassNotExecuted
}

// failure builds the error of an answer.
func (c *Client) failure(operation Operation, status int, header http.Header, body []byte) *Error {
	code, message := readProblem(body)
	failed := &Error{
		Operation: operation, Class: classify(status, code), HTTPStatus: status, Code: code,
		Message: oneLine(c.redact(message)),
	}
	failed.Permanent = failed.Class == ClassRefused && permanent(code)
	failed.RetryAfter = retryAfter(status, header, c.config.Now())
	return failed
}
