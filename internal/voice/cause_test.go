package voice

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// tlsServer is a server with a certificate of its own, and a client of it that
// trusts the certificate's authority.
func tlsServer(t *testing.T, configure func(*x509.Certificate, *tls.Config)) *Client {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "provider"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(healthy))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10}
	configure(template, server.TLS)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	server.TLS.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	server.StartTLS()
	t.Cleanup(server.Close)
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	client := newClient(t, server.URL)
	roots := x509.NewCertPool()
	roots.AddCert(certificate)
	client.connections.current.Load().TLSClientConfig = &tls.Config{RootCAs: roots}
	return client
}

func TestWhyAServerIsNotTrusted(t *testing.T) {
	for want, configure := range map[Cause]func(*x509.Certificate, *tls.Config){
		"":                      func(*x509.Certificate, *tls.Config) {},
		CauseCertificateExpired: func(c *x509.Certificate, _ *tls.Config) { c.NotAfter = time.Unix(1, 0) },
		CauseCertificateName:    func(c *x509.Certificate, _ *tls.Config) { c.IPAddresses = nil },
		CauseCertificateInvalid: func(c *x509.Certificate, _ *tls.Config) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
		},
		CauseTLSVersion: func(_ *x509.Certificate, c *tls.Config) { c.MaxVersion = tls.VersionTLS11 },
		CauseTLS:        func(_ *x509.Certificate, c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert },
	} {
		t.Run(string(want), func(t *testing.T) {
			err := tlsServer(t, configure).VerifyToken(t.Context())
			if want == "" {
				wantClass(t, err, ClassOK)
				return
			}
			wantCause(t, err, want)
		})
	}
	t.Run("unknown authority", func(t *testing.T) {
		client := tlsServer(t, func(*x509.Certificate, *tls.Config) {})
		client.connections.current.Load().TLSClientConfig = nil
		wantCause(t, client.VerifyToken(t.Context()), CauseUnknownAuthority)
	})
}

func TestWhyAServerIsNotReached(t *testing.T) {
	closed := listen(t, func(net.Conn) {})
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = refused.Close()
	plain := httptest.NewServer(http.HandlerFunc(healthy))
	t.Cleanup(plain.Close)
	other := listen(t, func(c net.Conn) { _, _ = c.Write([]byte("SSH-2.0-OpenSSH_9.9\r\n")) })
	unreadable := httptest.NewServer(reply(http.StatusOK, "<html>"))
	t.Cleanup(unreadable.Close)
	garbled := httptest.NewServer(reply(http.StatusOK, "no gzip, but this", "Content-Encoding", "gzip"))
	t.Cleanup(garbled.Close)
	for baseURL, want := range map[string]Cause{
		"http://" + closed:                             CauseConnectionReset,
		"https://" + closed:                            CauseConnectionReset,
		"http://" + refused.Addr().String():            CauseConnectionRefused,
		"https://nonexistent.invalid":                  CauseNoSuchHost,
		strings.Replace(plain.URL, "http", "https", 1): CauseNotTLS,
		"http://" + other:                              CauseConnectionReset,
		unreadable.URL:                                 CauseUnreadable,
		garbled.URL:                                    CauseUnreadable,
	} {
		t.Run(fmt.Sprintf("%s at %s", want, baseURL), func(t *testing.T) {
			wantCause(t, newClient(t, baseURL).VerifyToken(t.Context()), want)
		})
	}
	silent := serve(t, wait, func(c *Config) { c.Timeout = 10 * time.Millisecond })
	wantCause(t, silent.VerifyToken(t.Context()), CauseTimedOut)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	wantCause(t, newClient(t, plain.URL).VerifyToken(cancelled), CauseCancelled)
}

// What can't be brought about here is made up.
func TestCauseOf(t *testing.T) {
	connected := &stage{}
	connected.connected.Store(true)
	handshaking := &stage{}
	handshaking.handshaking.Store(true)
	dial := func(err error) error { return &net.OpError{Op: "dial", Err: err} }
	for _, c := range []struct {
		err  error
		at   *stage
		want Cause
	}{
		{dial(&net.DNSError{IsNotFound: true}), &stage{}, CauseNoSuchHost},
		{dial(&net.DNSError{IsTimeout: true}), &stage{}, CauseNameLookup},
		{dial(&net.DNSError{IsTemporary: true}), &stage{}, CauseNameLookup},
		{dial(syscall.ENETUNREACH), &stage{}, CauseUnreachable},
		{dial(syscall.EHOSTUNREACH), &stage{}, CauseUnreachable},
		{dial(syscall.EPERM), &stage{}, CauseUnreachable},
		{dial(syscall.ETIMEDOUT), &stage{}, CauseTimedOut},
		{dial(syscall.ECONNRESET), handshaking, CauseConnectionReset},
		{&net.OpError{Op: "proxyconnect", Err: dial(syscall.ECONNREFUSED)}, &stage{proxied: true}, CauseProxy},
		{x509.SystemRootsError{}, handshaking, CauseUnknownAuthority},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, handshaking, CauseTLS},
		{errors.New("tls: odd"), handshaking, CauseTLS},
		{errors.New("socks: odd"), &stage{proxied: true}, CauseProxy},
		{errors.New("odd"), connected, CauseConnectionReset},
		{errors.New("odd"), &stage{responded: true}, CauseUnreadable},
		{errors.New("odd"), &stage{}, CauseUnknown},
	} {
		if got := causeOf(c.err, c.at); got != c.want {
			t.Errorf("%v: got %s, want %s", c.err, got, c.want)
		}
	}
}

func wantCause(t *testing.T, err error, want Cause) {
	t.Helper()
	if failed := failure(t, err); failed.Cause != want {
		t.Errorf("got %q (%v), want %q", failed.Cause, failed, want)
	}
}
