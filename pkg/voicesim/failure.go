package voicesim

import (
	"cmp"
	"net/http"
	"strconv"
)

// The provider's error codes.
const (
	codeInvalidArgument     = 10000
	codeInvalidMethod       = 13221
	codeConferenceAttribute = 16002
	codeUnknown             = 20001
	codeAuthentication      = 20003
	codeMethodNotAllowed    = 20004
	codeNotFound            = 20404
	codeTooManyRequests     = 20429
	codeInternal            = 20504
	codeInvalidURL          = 21402
	codeInvalidStatus       = 21475
	codeInvalidPageToken    = 21481
	codeMissingPageToken    = 54453
	codeInvalidPageSize     = 54454
)

const moreInfo = "https://developer.signalwire.com/compatibility-api/reference/error-codes"

// failure is a response that is an error.
type failure struct {
	status, code int
	message      string
}

// newFailure returns a failure with a status and a code. If code is 0, the usual
// code for the status is taken.
func newFailure(status, code int) *failure {
	code = cmp.Or(code, codeOf(status))
	return &failure{status: status, code: code, message: messageOf(code)}
}

func notFound() *failure { return newFailure(http.StatusNotFound, codeNotFound) }

func unprocessable(code int) *failure {
	return newFailure(http.StatusUnprocessableEntity, code)
}

func codeOf(status int) int {
	switch {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return codeAuthentication
	case status == http.StatusNotFound:
		return codeNotFound
	case status == http.StatusMethodNotAllowed:
		return codeMethodNotAllowed
	case status == http.StatusTooManyRequests:
		return codeTooManyRequests
	case status >= http.StatusInternalServerError:
		return codeInternal
	}
	return codeUnknown
}

func messageOf(code int) string {
	text, ok := map[int]string{
		codeInvalidArgument:     "An argument is invalid or blank.",
		codeInvalidMethod:       "The method is neither GET nor POST.",
		codeConferenceAttribute: "The participant to coach is not in this conference, or is on hold.",
		codeAuthentication:      "Authentication failed",
		codeMethodNotAllowed:    "The method is not allowed here.",
		codeNotFound:            "The requested resource was not found.",
		codeTooManyRequests:     "Too many requests.",
		codeInternal:            "Internal error.",
		codeInvalidURL:          "The URL is invalid.",
		codeInvalidStatus:       "The status is invalid: a conference can only be completed.",
		codeInvalidPageToken:    "The page token is invalid.",
		codeMissingPageToken:    "A page other than the first needs a page token.",
		codeInvalidPageSize:     "The page size is not between 1 and 1000.",
	}[code]
	if !ok {
		return "An error has occurred."
	}
	return text
}

type flatBody struct {
	Code     any    `json:"code"`
	Message  string `json:"message"`
	MoreInfo string `json:"more_info"`
	Status   int    `json:"status"`
}

// body returns the failure in one of the shapes of error bodies.
func (f *failure) body(shape string) any {
	flat := flatBody{Code: f.code, Message: f.message, MoreInfo: moreInfo, Status: f.status}
	switch shape {
	case ShapeStringCode:
		flat.Code = strconv.Itoa(f.code)
	case ShapeStatusMismatch:
		flat.Status = http.StatusBadRequest
		if f.status == http.StatusBadRequest {
			flat.Status = http.StatusUnprocessableEntity
		}
	case ShapeErrorsObjects:
		return map[string]any{"errors": []any{map[string]string{
			"code": strconv.Itoa(f.code), "message": f.message, "more_info": moreInfo,
		}}}
	case ShapeErrorsStrings:
		return map[string]any{"errors": []string{f.message}}
	}
	return flat
}
