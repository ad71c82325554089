package voice

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
)

// refusePrivate returns ErrAddressNotAllowed for an address that is not public.
// It runs after the name was resolved, immediately before the address is
// dialled, so that a change of the name's address can't bypass it.
func refusePrivate(_ context.Context, _, address string, _ syscall.RawConn) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("split %q: %w", address, err)
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !public(ip) {
		return ErrAddressNotAllowed
	}
	return nil
}

// public reports whether an address belongs to the public internet. For 6to4 and
// NAT64 the IPv4 address inside decides.
func public(ip netip.Addr) bool {
	ip = carried(ip.Unmap().WithZone(""))
	for _, special := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4",
		"168.63.129.16/32", // serves the metadata of a cloud, although it looks public
		"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
	} {
		if netip.MustParsePrefix(special).Contains(ip) {
			return false
		}
	}
	return ip.IsGlobalUnicast() && !ip.IsPrivate()
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
