package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// limits are how long a request may stand still.
type limits struct {
	// connect is how long a connection may take, and again its TLS handshake.
	connect time.Duration
	// idle is how long the response may take to begin, or to go on.
	idle time.Duration
	// report is how often the progress of a response is said.
	report time.Duration
}

func defaultLimits() limits {
	return limits{connect: 10 * time.Second, idle: 20 * time.Second, report: 5 * time.Second}
}

// transport ends each request that stands still for as long as the limits allow. It
// says how far a response is.
type transport struct {
	limits limits
	say    io.Writer
	next   http.RoundTripper
}

func newTransport(l limits, say io.Writer) *transport {
	dialer := &net.Dialer{Timeout: l.connect}
	return &transport{limits: l, say: say, next: &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, TLSHandshakeTimeout: l.connect,
	}}
}

// RoundTrip sends a request.
func (t *transport) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(request.Context())
	stalled := fmt.Errorf("no progress for %s", t.limits.idle)
	// The limit of the connection comes first.
	timer := time.AfterFunc(t.limits.connect+t.limits.idle, func() { cancel(stalled) })
	response, err := t.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		timer.Stop()
		if reason := context.Cause(ctx); reason != nil {
			err = reason
		}
		cancel(nil)
		return nil, err
	}
	timer.Reset(t.limits.idle)
	response.Body = &body{ReadCloser: response.Body, transport: t, ctx: ctx, cancel: cancel, timer: timer, total: response.ContentLength, reported: time.Now()}
	return response, nil
}

// body is the body of a response, with a timer that ends it.
type body struct {
	io.ReadCloser
	*transport

	// ctx is that of the request that this body answers.
	ctx         context.Context
	cancel      context.CancelCauseFunc
	timer       *time.Timer
	read, total int64
	reported    time.Time
}

// Read reads, and sets the timer anew.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		if reason := context.Cause(b.ctx); reason != nil {
			err = reason
		}
		return n, err
	}
	if n > 0 {
		b.timer.Reset(b.limits.idle)
	}
	b.read += int64(n)
	b.report()
	return n, err
}

// report says how much was read, from time to time.
func (b *body) report() {
	if time.Since(b.reported) < b.limits.report {
		return
	}
	b.reported = time.Now()
	const mega = 1e6
	if b.total > 0 {
		fmt.Fprintf(b.say, "  %.0f of %.0f MB\n", float64(b.read)/mega, float64(b.total)/mega)
		return
	}
	fmt.Fprintf(b.say, "  %.0f MB\n", float64(b.read)/mega)
}

// Close ends the response.
func (b *body) Close() error {
	b.timer.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}
