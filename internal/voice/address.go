package voice

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// ErrAddressNotAllowed is the cause of an error if a host resolved to an address
// that must not be dialled: private, loopback, link-local and similar ones.
var ErrAddressNotAllowed = errors.New("the address is not public")

// addressError is an address that must not be dialled.
type addressError struct {
	// kind is what the address is for, with the range that it is in.
	kind string
}

// Error names the kind, not the address.
func (e addressError) Error() string {
	return fmt.Sprintf("%v: it is %s", ErrAddressNotAllowed, e.kind)
}

// Unwrap returns ErrAddressNotAllowed.
func (addressError) Unwrap() error { return ErrAddressNotAllowed }

// refusePrivate returns ErrAddressNotAllowed for an address that is not public.
// It runs after the name was resolved, immediately before the address is
// dialled, so that a change of the name's address can't bypass it.
func refusePrivate(_ context.Context, _, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("split %q: %w", address, err)
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return addressError{"not an address"}
	}
	if kind := special(ip); kind != "" {
		return addressError{kind}
	}
	return nil
}

// special returns what an address is for that does not belong to the public
// internet, and the range that says so; "" for a public one. For 6to4 and NAT64
// the IPv4 address inside decides.
func special(ip netip.Addr) string {
	ip = carried(ip.Unmap().WithZone(""))
	for _, row := range specialRanges() {
		if netip.MustParsePrefix(row.prefix).Contains(ip) {
			return row.kind + " (" + row.prefix + ")"
		}
	}
	if !ip.IsGlobalUnicast() {
		return "not an address of a host"
	}
	return ""
}

// specialRange is a range of addresses that are not public.
type specialRange struct{ prefix, kind string }

// specialRanges are the ranges that no public host is in. The first that contains
// an address counts.
func specialRanges() []specialRange {
	const unspecified, loopback, private, reserved = "unspecified", "loopback", "private", "reserved"
	const linkLocal, multicast, documentation = "link-local", "multicast", "for documentation"
	return []specialRange{
		{"0.0.0.0/8", unspecified},
		{"10.0.0.0/8", private},
		{"100.64.0.0/10", "shared by a carrier or an overlay network"},
		{"127.0.0.0/8", loopback},
		// It serves the metadata of a cloud, although it looks public.
		{"168.63.129.16/32", "for the metadata of a cloud"},
		{"169.254.0.0/16", linkLocal},
		{"172.16.0.0/12", private},
		{"192.0.0.0/24", reserved},
		{"192.0.2.0/24", documentation},
		{"192.88.99.0/24", reserved},
		{"192.168.0.0/16", private},
		{"198.18.0.0/15", "for benchmarks"},
		{"198.51.100.0/24", documentation},
		{"203.0.113.0/24", documentation},
		{"224.0.0.0/4", multicast},
		{"240.0.0.0/4", reserved},
		{"::/128", unspecified},
		{"::1/128", loopback},
		{"::/96", reserved},
		{"64:ff9b:1::/48", "for local NAT64"},
		{"100::/64", "discarded"},
		{"2001::/23", reserved},
		{"2001:db8::/32", documentation},
		{"3fff::/20", documentation},
		{"5f00::/16", reserved},
		{"fc00::/7", private},
		{"fe80::/10", linkLocal},
		{"fec0::/10", "site-local"},
		{"ff00::/8", multicast},
	}
}

// carried returns the IPv4 address inside an address of 6to4 or NAT64, and any
// other address unchanged.
func carried(ip netip.Addr) netip.Addr {
	bytes := ip.As16()
	switch {
	case netip.MustParsePrefix("2002::/16").Contains(ip):
		return netip.AddrFrom4([4]byte(bytes[2:6]))
	case netip.MustParsePrefix("64:ff9b::/96").Contains(ip):
		return netip.AddrFrom4([4]byte(bytes[12:16]))
	default:
		return ip
	}
}
