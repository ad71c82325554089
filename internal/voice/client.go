package voice

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	defaultTimeout  = 5 * time.Second
	defaultMaxConns = 32
)

// Config is the account that a client speaks to, and how it does so.
type Config struct {
	// Dialect of the provider; required.
	Dialect Dialect
	// BaseURL is scheme and host; the path of the API is added.
	BaseURL string
	// AccountSID is the account, in the form that the dialect demands.
	AccountSID string
	// Token is the API token, which Dialect.Authenticate sends.
	Token Secret
	// UserAgent is sent with each request; "conference-operator" if empty.
	UserAgent string
	// Timeout bounds a request together with its response; 5 s if 0. Reads of calls
	// have twice as long.
	Timeout time.Duration
	// MaxConns is the most connections at a time; they are kept alive. 32 if 0.
	MaxConns int
	// AllowPrivate lets private, loopback and link-local addresses be dialled.
	AllowPrivate bool
	// Proxy returns the proxy for a request, nil for none, as
	// http.ProxyFromEnvironment does; it is asked once. The addresses of the proxy,
	// and those that it dials, are not checked. No proxy is used if it is nil,
	// whatever the environment says.
	Proxy func(*http.Request) (*url.URL, error)
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Observe is called after each request; nil for none.
	Observe Observer
}

// Client sends requests for one account. It is safe for concurrent use. New
// creates it.
type Client struct {
	// config has no token: fmt prints unexported fields without the methods of
	// Secret.
	config Config
	// token is a function because fmt does not print what a function returns.
	token       func() Secret
	base        *url.URL
	connections *connections
}

// New returns a client without opening a connection. The error says that the
// dialect is missing, or that base URL, account SID or proxy can't be used.
func New(config Config) (*Client, error) {
	base, err := parseBase(config.BaseURL)
	if err != nil {
		return nil, err
	}
	if err := config.Dialect.check(config.AccountSID); err != nil {
		return nil, err
	}
	config.setDefaults()
	token := config.Token
	config.Token = ""
	connections, err := newConnections(config, base)
	if err != nil {
		return nil, err
	}
	return &Client{config: config, token: func() Secret { return token }, base: base, connections: connections}, nil
}

// parseBase returns scheme and host of a base URL.
func parseBase(baseURL string) (*url.URL, error) {
	base, err := url.Parse(baseURL)
	switch {
	case err != nil:
		// err quotes the URL, which may have a password in it.
		return nil, fmt.Errorf("the base URL can't be parsed")
	case base.Scheme != "https" && base.Scheme != "http" || base.Hostname() == "":
		return nil, fmt.Errorf("the base URL is not an absolute http or https URL")
	case base.User != nil || strings.Trim(base.Path, "/") != "" || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("the base URL has more than scheme and host")
	}
	return &url.URL{Scheme: base.Scheme, Host: base.Host}, nil
}

func (c *Config) setDefaults() {
	if c.UserAgent == "" {
		c.UserAgent = "conference-operator"
	}
	if c.Timeout == 0 {
		c.Timeout = defaultTimeout
	}
	if c.MaxConns == 0 {
		c.MaxConns = defaultMaxConns
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Observe == nil {
		c.Observe = func(context.Context, Outcome) {}
	}
}

// Close closes the idle connections. The client can still be used.
func (c *Client) Close() { c.connections.close() }

// path returns the path of a resource of the account, escaped. The error is that
// of the operation, which then can't be sent.
func (c *Client) path(operation Operation, segments ...string) (string, error) {
	path := c.config.Dialect.accountPath(c.config.AccountSID)
	for _, segment := range segments {
		if err := checkSegment(segment); err != nil {
			return "", c.broken(&Error{Operation: operation, Class: ClassNotExecuted}, err)
		}
		path += "/" + url.PathEscape(segment)
	}
	return path + c.config.Dialect.Suffix, nil
}

// checkSegment returns an error for a segment that would lead to another
// resource: an empty one, or dots.
func checkSegment(segment string) error {
	if segment == "" || segment == "." || segment == ".." {
		return fmt.Errorf("%q can't be part of a path", segment)
	}
	return nil
}
