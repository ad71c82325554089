package voice

import (
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// proxy is a proxy that records what it is asked for, and answers with a status.
func proxy(t *testing.T, status int) (proxied func(*http.Request) (*url.URL, error), asked func() []string) {
	t.Helper()
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests = append(requests, r.Method+" "+r.Host)
		if status == http.StatusOK && r.Method != http.MethodConnect {
			healthy(w, r)
			return
		}
		w.WriteHeader(status)
	}))
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return http.ProxyURL(at), func() []string { return requests }
}

// A proxy that was asked for is used, wherever it is.
func TestAProxyIsUsed(t *testing.T) {
	public := func(c *Config) { c.AllowPrivate = false }
	for _, c := range []struct {
		baseURL string
		status  int
		want    Cause
		asked   string
	}{
		{"http://acme.signalwire.com", 200, "", "GET acme.signalwire.com"},
		{"http://acme.signalwire.com", 407, CauseProxy, "GET acme.signalwire.com"},
		{"https://acme.signalwire.com", 407, CauseProxy, "CONNECT acme.signalwire.com:443"},
		{"https://acme.signalwire.com", 502, CauseProxy, "CONNECT acme.signalwire.com:443"},
	} {
		proxied, asked := proxy(t, c.status)
		err := newClient(t, c.baseURL, public, func(config *Config) { config.Proxy = proxied }).VerifyToken(t.Context())
		if c.want == "" {
			wantClass(t, err, ClassOK)
		} else {
			wantCause(t, err, c.want)
		}
		if got := asked(); !slices.Equal(got, []string{c.asked}) {
			t.Errorf("%s with %d: the proxy was asked for %q", c.baseURL, c.status, got)
		}
	}
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = refused.Close()
	unreachable := http.ProxyURL(&url.URL{Scheme: "http", Host: refused.Addr().String()})
	for _, scheme := range []string{"http", "https"} {
		client := newClient(t, scheme+"://acme.signalwire.com", public, func(c *Config) { c.Proxy = unreachable })
		wantCause(t, client.VerifyToken(t.Context()), CauseProxy)
	}
}

// Where the proxy is not for the base URL, the address is checked as ever.
func TestWithoutAProxyForItTheAddressIsChecked(t *testing.T) {
	direct := func(*http.Request) (*url.URL, error) { return nil, nil }
	baseURL, visits := spy(t)
	client := newClient(t, baseURL, func(c *Config) { c.AllowPrivate, c.Proxy = false, direct })
	wantCause(t, client.VerifyToken(t.Context()), CauseAddressNotAllowed)
	if visits() != 0 {
		t.Errorf("%d connections", visits())
	}
}

func TestAProxyWithABadURLIsNamedWithoutIt(t *testing.T) {
	_, err := New(Config{
		Dialect: SignalWire(), BaseURL: "https://acme.signalwire.com", AccountSID: account, Token: canary,
		Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("http://user:" + canary) },
	})
	if err == nil || strings.Contains(err.Error(), canary) || !strings.Contains(err.Error(), "proxy") {
		t.Errorf("got %v", err)
	}
}

// Without Config.Proxy the variables of the environment lead nowhere.
func TestTheEnvironmentNamesNoProxy(t *testing.T) {
	proxied, asked := proxy(t, http.StatusOK)
	at, _ := proxied(nil)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"} {
		t.Setenv(name, at.String())
	}
	for _, scheme := range []string{"http", "https"} {
		wantCause(t, newClient(t, scheme+"://nonexistent.invalid").VerifyToken(t.Context()), CauseNoSuchHost)
	}
	if len(asked()) != 0 {
		t.Errorf("the proxy was asked for %q", asked())
	}
}
