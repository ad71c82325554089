package voice

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"
)

// maxRequestID is how much of a provider's request id is kept, in bytes.
const maxRequestID = 100

// Outcome is what is known of a request that was sent.
type Outcome struct {
	// Operation of the request.
	Operation Operation
	// Class of the outcome; ClassOK for success.
	Class Class
	// HTTPStatus of the response; 0 if there was none.
	HTTPStatus int
	// Code is the provider's error code; 0 if there was none.
	Code int
	// Cause is why there is no response that counts; "" if HTTPStatus says it.
	Cause Cause
	// RequestID is the provider's name for the request, by which its support finds it,
	// with the token removed, cut to 100 bytes; "" if the response has none.
	RequestID string
	// Sent is just before the request was sent.
	Sent time.Time
	// Took is how long the request and its response took.
	Took time.Duration
}

// Changes reports whether the operation changes something at the provider.
func (o Operation) Changes() bool {
	return o.Method() != http.MethodGet
}

// Method is the HTTP method of the operation.
func (o Operation) Method() string {
	switch o {
	case OpUpdateParticipant, OpUpdateConference:
		return http.MethodPost
	case OpRemoveParticipant:
		return http.MethodDelete
	default:
		return http.MethodGet
	}
}

// Observer receives the outcome of each request that was sent, with the context that
// the request was sent with. It must be safe for concurrent use.
type Observer func(ctx context.Context, outcome Outcome)

// finish fills in how a request has ended.
func (o *Outcome) finish(err error, now time.Time) {
	o.Class, o.Took = ClassOf(err), now.Sub(o.Sent)
	if failure := AsError(err); failure != nil {
		o.Code, o.Cause = failure.Code, failure.Cause
	}
}

// requestID is the provider's name for a request. It is a text of the other side:
// nothing else than a short word is taken for one.
func (c *Client) requestID(header http.Header) string {
	id := header.Get(c.config.Dialect.RequestID)
	if len(id) > maxRequestID || strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }) {
		return ""
	}
	return c.redact(id)
}
