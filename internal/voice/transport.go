package voice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// The most that is read of a response, in bytes.
const (
	maxBody   = 4 << 20
	maxHeader = 64 << 10
)

// request is one request to the API.
type request struct {
	operation Operation
	target    *url.URL
	form      url.Values
	// date is set to the time of the response before its body is read; nil if it is
	// of no interest.
	date *time.Time
	// read decodes the body of a 2xx; its error makes the outcome unknown.
	read func(body []byte) error
}

// do sends a request once and reports its outcome to the observer. The error is
// an *Error.
func (c *Client) do(ctx context.Context, r request) error {
	outcome := Outcome{Operation: r.operation, Sent: c.config.Now()}
	err := c.send(ctx, r, &outcome)
	outcome.finish(err, c.config.Now())
	c.config.Observe(ctx, outcome)
	return err
}

// send sends a request, reads its response and notes what its header says of the
// outcome. The error is an *Error.
func (c *Client) send(ctx context.Context, r request, outcome *Outcome) error {
	ctx, cancel := context.WithTimeout(ctx, r.patience(c.config.Timeout))
	defer cancel()
	transport, at := c.connections.current.Load(), &stage{}
	at.proxied = transport.Proxy != nil
	response, err := c.roundTrip(at.trace(ctx), transport, r)
	if err != nil {
		if at.connected.Load() && timedOut(err) {
			c.connections.replace(transport)
		}
		return c.broken(&Error{Operation: r.operation, Class: classifyNoResponse(at.connected.Load()), Cause: causeOf(err, at)}, err)
	}
	defer func() { _ = response.Body.Close() }()
	outcome.HTTPStatus, outcome.RequestID = response.StatusCode, c.requestID(response.Header)
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	if timedOut(err) {
		c.connections.replace(transport)
	}
	if response.StatusCode/100 != 2 {
		return c.failure(r.operation, response.StatusCode, response.Header, body)
	}
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("%w: it is longer than %d bytes", errUnreadable, maxBody)
	}
	if err == nil {
		err = r.accept(response.Header, body)
	}
	if err != nil {
		at.responded = true
		failed := &Error{Operation: r.operation, Class: ClassUnknownOutcome, HTTPStatus: response.StatusCode, Cause: causeOf(err, at)}
		return c.broken(failed, err)
	}
	return nil
}

// patience bounds a request. A call is read by few requests, and while its answer is
// missing a call leg that joins stays closed: an answer that is slow is better than one
// more request.
func (r request) patience(usual time.Duration) time.Duration {
	if r.operation == OpGetCall || r.operation == OpListCalls {
		return 2 * usual
	}
	return usual
}

// accept decodes a response of status 2xx.
func (r request) accept(header http.Header, body []byte) error {
	if r.date != nil {
		// A header that can't be read is the zero time.
		date, _ := http.ParseTime(header.Get("Date"))
		*r.date = date.UTC()
	}
	return r.read(body)
}

// broken adds a cause to an error. The text of the cause may quote the other
// side; detail is what is safe of it.
func (c *Client) broken(failed *Error, cause error) *Error {
	if flawed, ok := errors.AsType[flawError](cause); ok {
		failed.Flaw = flawed.flaw
	}
	failed.cause, failed.detail = cause, oneLine(c.redact(cause.Error()))
	if refused, ok := errors.AsType[addressError](cause); ok {
		failed.Address = refused.kind
	}
	return failed
}

// roundTrip sends a request with the credentials. It uses the transport, not an
// http.Client, which would follow redirects.
func (c *Client) roundTrip(ctx context.Context, transport *http.Transport, r request) (*http.Response, error) {
	// Under HTTP/2 the transport takes a connection before it looks at ctx.
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	outgoing, err := http.NewRequestWithContext(ctx, r.operation.Method(), r.target.String(), strings.NewReader(r.form.Encode()))
	if err != nil {
		return nil, err
	}
	if r.form != nil {
		outgoing.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	outgoing.Header.Set("Accept", "application/json")
	outgoing.Header.Set("User-Agent", c.config.UserAgent)
	c.config.Dialect.Authenticate(outgoing, c.config.AccountSID, c.token())
	return transport.RoundTrip(outgoing)
}

// empty returns an error unless a body is white space.
func empty(body []byte) error {
	if len(bytes.TrimSpace(body)) > 0 {
		return fmt.Errorf("%w: it is not empty", errUnreadable)
	}
	return nil
}
