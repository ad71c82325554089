package voice

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestPublicAddresses(t *testing.T) {
	for want, addresses := range map[bool]string{
		true: `1.1.1.1 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1 168.63.129.17 169.253.255.255
			172.15.255.255 172.32.0.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255 2606:4700::1111
			2a00:1450:4001::1 ::ffff:1.1.1.1 2002:0101:0101::1 64:ff9b::1.1.1.1`,
		false: `0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 168.63.129.16
			169.254.0.1 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1
			198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
			:: ::1 ::127.0.0.1 ::1.1.1.1 fe80::1 fe80::1%lo fec0::1 feff::1 fc00::1 fd00:ec2::254 ff02::1 100::1 2001:db8::1 2001::1
			::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:100.64.0.1 ::ffff:169.254.169.254 2002:7f00:1::1 2002:a9fe:a9fe::1 2002:0a00:0001::1
			64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b:1::1.1.1.1 3fff::1 5f00::1`,
	} {
		for _, address := range strings.Fields(addresses) {
			if got := special(netip.MustParseAddr(address)); (got == "") != want {
				t.Errorf("%s is %q", address, got)
			}
		}
	}
	if special(netip.Addr{}) == "" {
		t.Error("no address is public")
	}
}

func TestTheKindOfAnAddressIsNamed(t *testing.T) {
	for address, want := range map[string]string{
		"10.1.2.3":          "private (10.0.0.0/8)",
		"::ffff:10.1.2.3":   "private (10.0.0.0/8)",
		"64:ff9b::10.1.2.3": "private (10.0.0.0/8)",
		"172.16.0.1":        "private (172.16.0.0/12)",
		"192.168.0.1":       "private (192.168.0.0/16)",
		"fd00::1":           "private (fc00::/7)",
		"127.0.0.1":         "loopback (127.0.0.0/8)",
		"::1":               "loopback (::1/128)",
		"0.0.0.0":           "unspecified (0.0.0.0/8)",
		"::":                "unspecified (::/128)",
		"169.254.169.254":   "link-local (169.254.0.0/16)",
		"fe80::1%lo":        "link-local (fe80::/10)",
		"240.240.0.1":       "reserved (240.0.0.0/4)",
		"198.18.0.1":        "for benchmarks (198.18.0.0/15)",
		"198.19.255.255":    "for benchmarks (198.18.0.0/15)",
		"100.64.0.1":        "shared by a carrier or an overlay network (100.64.0.0/10)",
		"192.0.0.1":         "reserved (192.0.0.0/24)",
		"224.0.0.1":         "multicast (224.0.0.0/4)",
		"ff02::1":           "multicast (ff00::/8)",
	} {
		err := refusePrivate(t.Context(), "tcp", net.JoinHostPort(address, "443"), nil)
		if refused, ok := errors.AsType[addressError](err); !ok || refused.kind != want {
			t.Errorf("%s: got %v, want %q", address, err, want)
		}
		if failed := newClient(t, "https://acme.signalwire.com").broken(&Error{}, err); failed.Address != want {
			t.Errorf("%s: the error says %q", address, failed.Address)
		}
	}
}

func TestAddressesThatCannotBeJudgedAreRefused(t *testing.T) {
	for _, address := range []string{"", "1.1.1.1", "localhost:80", "[::1]:80", "127.0.0.1:80", "[fe80::1%lo]:80", "1.1.1:80"} {
		if refusePrivate(t.Context(), "tcp", address, nil) == nil {
			t.Errorf("%q is allowed", address)
		}
	}
	for _, address := range []string{"1.1.1.1:443", "[2606:4700::1111]:443"} {
		if err := refusePrivate(t.Context(), "tcp", address, nil); err != nil {
			t.Errorf("%s is refused: %v", address, err)
		}
	}
}

func TestNoConnectionToAPrivateAddress(t *testing.T) {
	baseURL, visits := spy(t)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(baseURL, "http://"))
	for _, host := range []string{"127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"} {
		client := newClient(t, "http://"+host+":"+port, func(c *Config) { c.AllowPrivate = false })
		for _, operation := range operations() {
			failed := failure(t, operation.call(t.Context(), client))
			if failed.Class != ClassNotExecuted || !errors.Is(failed, ErrAddressNotAllowed) {
				t.Errorf("%s, %s: got %v", host, operation.name, failed)
			}
		}
	}
	if visits() != 0 {
		t.Errorf("%d connections", visits())
	}
	wantClass(t, newClient(t, baseURL).VerifyToken(t.Context()), ClassOK)
	if visits() != 1 {
		t.Errorf("%d connections when it is allowed", visits())
	}
}

func TestHostsThatCannotBeReached(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	for name, baseURL := range map[string]string{
		"connection refused": "http://" + closed.Addr().String(),
		"no such name":       "https://nonexistent.invalid",
	} {
		client := newClient(t, baseURL)
		for _, operation := range operations() {
			failed := failure(t, operation.call(t.Context(), client))
			if failed.Class != ClassNotExecuted || failed.HTTPStatus != 0 || failed.Code != 0 {
				t.Errorf("%s, %s: got %v", name, operation.name, failed)
			}
		}
	}
}

// wait lasts until the client hangs up, which a server notices only once it has
// read the body.
func wait(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// Time is virtual here, and connections are pipes.
func TestASlowResponse(t *testing.T) {
	const header = "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
	cases := []struct {
		name, scheme, sent string
		timeout, want      time.Duration
		class              Class
	}{
		{"no response", "http", "", 0, 5 * time.Second, ClassUnknownOutcome},
		{"no response, less patience", "http", "", time.Second, time.Second, ClassUnknownOutcome},
		{"half a header", "http", header[:20], 0, 5 * time.Second, ClassUnknownOutcome},
		{"half a body", "http", header + "{", 0, 5 * time.Second, ClassUnknownOutcome},
		{"no handshake", "https", "", 0, 5 * time.Second, ClassNotExecuted},
	}
	for _, test := range cases {
		for _, operation := range operations() {
			t.Run(test.name+", "+string(operation.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client := newClient(t, test.scheme+"://acme.signalwire.com", func(c *Config) { c.Timeout = test.timeout })
					client.connections.current.Load().DialContext = pipe(test.sent)
					began := time.Now()
					err := operation.call(t.Context(), client)
					if wantClass(t, err, test.class); !errors.Is(err, context.DeadlineExceeded) && test.scheme == "http" {
						t.Errorf("got %v", err)
					}
					want := test.want
					if test.scheme == "http" && (operation.name == OpGetCall || operation.name == OpListCalls) {
						want *= 2
					}
					if took := time.Since(began); took != want {
						t.Errorf("gave up after %s, want %s", took, want)
					}
				})
			})
		}
	}
}

// pipe dials a peer that reads, writes a text after its first read, and never
// writes again.
func pipe(says string) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() {
			_, _ = theirs.Read(make([]byte, 4096))
			go func() { _, _ = theirs.Write([]byte(says)) }()
			_, _ = io.Copy(io.Discard, theirs)
			_ = theirs.Close()
		}()
		return ours, nil
	}
}

func TestCancelling(t *testing.T) {
	t.Run("before sending", func(t *testing.T) {
		baseURL, visits := spy(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for _, operation := range operations() {
			err := operation.call(ctx, newClient(t, baseURL))
			if wantClass(t, err, ClassNotExecuted); !errors.Is(err, context.Canceled) {
				t.Errorf("%s: got %v", operation.name, err)
			}
		}
		if visits() != 0 {
			t.Errorf("%d connections", visits())
		}
	})
	t.Run("while waiting", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			cancel()
			wait(w, r)
		})
		err := update(ctx, client)
		if wantClass(t, err, ClassUnknownOutcome); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
