package voice

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// apiPath is where the API begins on the host of a space.
const apiPath = "/api/laml/2010-04-01"

const (
	defaultTimeout  = 5 * time.Second
	defaultMaxConns = 32
)

// Observer is told about each request: what it was, what became of it, and how
// long it took.
type Observer func(operation Operation, class Class, took time.Duration)

// Config says whom to ask, and how.
type Config struct {
	// BaseURL is scheme and host; the path of the API is added.
	BaseURL string
	// AccountSID is the project id, at once the user name.
	AccountSID string
	// Token is the API token.
	Token Secret
	// UserAgent is sent with each request; "conference-operator" if empty.
	UserAgent string
	// Timeout bounds a request with its answer; 5 s if 0.
	Timeout time.Duration
	// MaxConns bounds the connections, which are kept alive; 32 if 0.
	MaxConns int
	// AllowPrivate lets private, loopback and link-local addresses be dialled.
	AllowPrivate bool
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Observe is told about each request, unless nil.
	Observe Observer
}

// Client speaks to one account. It is safe for concurrent use. Create it with
// New.
type Client struct {
	// config has no token: fmt prints unexported fields without asking Secret.
	config Config
	// token is a function because fmt can't look inside one.
	token     func() string
	base      *url.URL
	transport *http.Transport
}

// New returns a client. It connects to nothing; the error is an unusable base
// URL or account SID.
func New(config Config) (*Client, error) {
	base, err := url.Parse(config.BaseURL)
	switch {
	case err != nil:
		// Its words quote the URL, which may have a password in it.
		return nil, fmt.Errorf("the base URL can't be parsed")
	case base.Scheme != "https" && base.Scheme != "http" || base.Hostname() == "":
		return nil, fmt.Errorf("the base URL is not an absolute http or https URL")
	case base.User != nil || strings.Trim(base.Path, "/") != "" || base.RawQuery != "" || base.Fragment != "":
		return nil, fmt.Errorf("the base URL has more than scheme and host")
	}
	if err := checkSegment(config.AccountSID); err != nil {
		return nil, fmt.Errorf("account SID: %w", err)
	}
	config.setDefaults()
	token := string(config.Token)
	config.Token = ""
	return &Client{
		config:    config,
		token:     func() string { return token },
		base:      &url.URL{Scheme: base.Scheme, Host: base.Host},
		transport: newTransport(config),
	}, nil
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
		c.Observe = func(Operation, Class, time.Duration) {}
	}
}

// Close closes the connections that are idle.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// home is the path of the account, escaped.
func (c *Client) home() string { return apiPath + "/Accounts/" + url.PathEscape(c.config.AccountSID) }

// path joins the segments of a resource of the account, escaped. Without a path
// the operation is not sent.
func (c *Client) path(operation Operation, segments ...string) (string, error) {
	path := c.home()
	for _, segment := range segments {
		if err := checkSegment(segment); err != nil {
			return "", c.broken(&Error{Operation: operation, Class: ClassNotExecuted}, err)
		}
		path += "/" + url.PathEscape(segment)
	}
	return path, nil
}

// checkSegment refuses what would name another resource than it seems to.
func checkSegment(segment string) error {
	if segment == "" || segment == "." || segment == ".." {
		return fmt.Errorf("%q can't be part of a path", segment)
	}
	return nil
}
