package voice

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
)

// Cause is why a request has no response that counts; "" where the HTTP status of
// the response says it. Callers decide by it, never by the text of an error.
type Cause string

// The causes.
const (
	// CauseAddressNotAllowed is a host with an address that must not be dialled;
	// Error.Address says of which kind it is.
	CauseAddressNotAllowed Cause = "address_not_allowed"
	// CauseUnknownAuthority is a certificate of an authority that is not trusted.
	CauseUnknownAuthority Cause = "unknown_authority"
	// CauseCertificateExpired is a certificate that has expired, or is not valid yet.
	CauseCertificateExpired Cause = "certificate_expired"
	// CauseCertificateName is a certificate of another host.
	CauseCertificateName Cause = "certificate_name"
	// CauseCertificateInvalid is a certificate with any other flaw.
	CauseCertificateInvalid Cause = "certificate_invalid"
	// CauseNoSuchHost is a host name without an address.
	CauseNoSuchHost Cause = "no_such_host"
	// CauseNameLookup is a name server that does not answer, or fails.
	CauseNameLookup Cause = "name_lookup"
	// CauseConnectionRefused is a port on which nothing listens.
	CauseConnectionRefused Cause = "connection_refused"
	// CauseUnreachable is a network or a host to which there is no way.
	CauseUnreachable Cause = "unreachable"
	// CauseTimedOut is a connection or a response that did not come in time.
	CauseTimedOut Cause = "timed_out"
	// CauseConnectionReset is a connection that was closed before the response was
	// complete, or a response that is not HTTP.
	CauseConnectionReset Cause = "connection_reset"
	// CauseTLSVersion is a server that speaks no version of TLS that the client
	// speaks.
	CauseTLSVersion Cause = "tls_version"
	// CauseTLS is a TLS handshake that failed for another reason.
	CauseTLS Cause = "tls"
	// CauseNotTLS is a server that does not speak TLS on the port of an https URL.
	CauseNotTLS Cause = "not_tls"
	// CauseProxy is a proxy that can't be reached, or refuses to connect.
	CauseProxy Cause = "proxy"
	// CauseUnreadable is a response of status 2xx that is not one of the API.
	CauseUnreadable Cause = "unreadable"
	// CauseCancelled is a request that was given up by its sender.
	CauseCancelled Cause = "cancelled"
	// CauseUnknown is everything else.
	CauseUnknown Cause = "unknown"
)

// errProxy is the cause of an error if a proxy did not connect.
var errProxy = errors.New("the proxy does not connect")

// stage is how far a request has come.
type stage struct {
	// connected is set once there is a connection, and may be reset while the
	// transport gets another one; handshaking while TLS is negotiated.
	connected, handshaking atomic.Bool
	// proxied says that the request goes through a proxy.
	proxied bool
	// responded says that the header of a response has come.
	responded bool
}

// trace returns a context that has the stage follow a request.
func (s *stage) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		// Once there is a connection the request may be written, even while it
		// is being cancelled. The transport gets another connection only if
		// nothing was written to the last one, or to repeat a GET.
		GetConn:           func(string) { s.connected.Store(false) },
		GotConn:           func(httptrace.GotConnInfo) { s.connected.Store(true) },
		TLSHandshakeStart: func() { s.handshaking.Store(true) },
		TLSHandshakeDone:  func(_ tls.ConnectionState, err error) { s.handshaking.Store(err != nil) },
	})
}

// causeOf returns the cause of an error of the transport, or of reading a response.
func causeOf(err error, at *stage) Cause {
	for _, judge := range []func(error) Cause{
		causeInProxy, causeInAddress, causeInCertificate, causeInName, causeInTime, causeInSystem, causeInTLS,
	} {
		if cause := judge(err); cause != "" {
			return cause
		}
	}
	switch {
	case errors.Is(err, errUnreadable):
		return CauseUnreadable
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return CauseConnectionReset
	case at.responded:
		return CauseUnreadable
	case at.connected.Load():
		return CauseConnectionReset
	case at.handshaking.Load():
		return CauseTLS
	case at.proxied:
		return CauseProxy
	default:
		return CauseUnknown
	}
}

func causeInProxy(err error) Cause {
	failure, ok := errors.AsType[*net.OpError](err)
	if errors.Is(err, errProxy) || ok && failure.Op == "proxyconnect" {
		return CauseProxy
	}
	return ""
}

func causeInAddress(err error) Cause {
	if errors.Is(err, ErrAddressNotAllowed) {
		return CauseAddressNotAllowed
	}
	return ""
}

func causeInCertificate(err error) Cause {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		if invalid.Reason == x509.Expired {
			return CauseCertificateExpired
		}
		return CauseCertificateInvalid
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return CauseCertificateName
	}
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	if _, none := errors.AsType[x509.SystemRootsError](err); none || unknown {
		return CauseUnknownAuthority
	}
	return ""
}

func causeInName(err error) Cause {
	failure, ok := errors.AsType[*net.DNSError](err)
	switch {
	case !ok:
		return ""
	case failure.IsNotFound:
		return CauseNoSuchHost
	default:
		return CauseNameLookup
	}
}

func causeInTime(err error) Cause {
	failure, ok := errors.AsType[net.Error](err)
	switch {
	case errors.Is(err, context.Canceled):
		return CauseCancelled
	case timedOut(err), ok && failure.Timeout():
		return CauseTimedOut
	default:
		return ""
	}
}

func causeInSystem(err error) Cause {
	number, ok := errors.AsType[syscall.Errno](err)
	switch {
	case !ok:
		return ""
	case number == syscall.ECONNREFUSED:
		return CauseConnectionRefused
	case number == syscall.ECONNRESET || number == syscall.EPIPE:
		return CauseConnectionReset
	case slices.Contains([]syscall.Errno{
		syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EADDRNOTAVAIL, syscall.EACCES, syscall.EPERM,
	}, number):
		return CauseUnreachable
	default:
		return ""
	}
}

// causeInTLS tells what the other side says in the handshake. Package crypto/tls
// has no type for a version that the other side lacks, only words.
func causeInTLS(err error) Cause {
	failure, ok := errors.AsType[*net.OpError](err)
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	words := err.Error()
	switch {
	case plain:
		return CauseNotTLS
	case strings.Contains(words, "tls: ") && strings.Contains(words, "protocol version"):
		return CauseTLSVersion
	case ok && (failure.Op == "remote error" || failure.Op == "local error"):
		return CauseTLS
	default:
		return ""
	}
}
