package voice

import (
	"context"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

const (
	// pingAfter is how long nothing may be received on a connection of HTTP/2
	// before it is pinged, pingTimeout how long the response may take before the
	// connection is closed: a NAT or load balancer may have forgotten it.
	pingAfter   = 15 * time.Second
	pingTimeout = 5 * time.Second
	// idleTimeout is how long a connection is kept without a request.
	idleTimeout = 90 * time.Second
)

// connections are the connections of one client. They are replaced together: what
// has lost one of them has usually lost all. Create it with newConnections.
type connections struct {
	current atomic.Pointer[http.Transport]
}

// newConnections returns connections that are opened when they are needed.
func newConnections(config Config) *connections {
	c := &connections{}
	c.current.Store(newTransport(config))
	return c
}

// newTransport returns a transport for one client. It uses no proxy: the address
// that a proxy dials could not be checked.
func newTransport(config Config) *http.Transport {
	dialer := &net.Dialer{Timeout: config.Timeout}
	if !config.AllowPrivate {
		dialer.ControlContext = refusePrivate
	}
	return &http.Transport{
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		HTTP2:               &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingTimeout},
		MaxConnsPerHost:     config.MaxConns,
		MaxIdleConnsPerHost: config.MaxConns,
		IdleConnTimeout:     idleTimeout,
		TLSHandshakeTimeout: config.Timeout,

		MaxResponseHeaderBytes: maxHeader,
	}
}

// replace has no more requests sent on the connections of a transport, unless it
// was replaced before. Requests that are on them may still be answered.
func (c *connections) replace(used *http.Transport) {
	if c.current.CompareAndSwap(used, used.Clone()) {
		used.CloseIdleConnections()
	}
}

// close closes the idle connections.
func (c *connections) close() { c.current.Load().CloseIdleConnections() }

// timedOut reports whether a request has ended because its time was over.
func timedOut(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
