package voice

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
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
func newConnections(config Config, base *url.URL) (*connections, error) {
	transport := newTransport(config)
	if config.Proxy != nil {
		proxy, err := config.Proxy(&http.Request{URL: base})
		if err != nil {
			// err quotes the URL of the proxy, which may have a password in it.
			return nil, fmt.Errorf("the URL of the proxy can't be parsed")
		}
		if proxy != nil {
			useProxy(transport, config, proxy)
		}
	}
	c := &connections{}
	c.current.Store(transport)
	return c, nil
}

// newTransport returns a transport for one client, without a proxy.
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

// useProxy has a transport send everything through a proxy, which may have any
// address. The address that the proxy dials can't be checked.
func useProxy(transport *http.Transport, config Config, proxy *url.URL) {
	transport.DialContext = (&net.Dialer{Timeout: config.Timeout}).DialContext
	transport.Proxy = http.ProxyURL(proxy)
	transport.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, _ *http.Request, response *http.Response) error {
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("%w: HTTP %d", errProxy, response.StatusCode)
		}
		return nil
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
