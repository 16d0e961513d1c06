package issuer

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
)

// PrivateAddressError says that an issuer's name led to an address that is not public.
type PrivateAddressError struct{ Addr netip.Addr }

// Error implements error.
func (e *PrivateAddressError) Error() string {
	return fmt.Sprintf("%s is no public address", e.Addr)
}

// reserved are the networks that are not on the public internet although
// [netip.Addr.IsGlobalUnicast] holds for them (IANA's special-purpose registries), and the public
// addresses at which clouds serve metadata.
var reserved = sync.OnceValue(func() []netip.Prefix {
	networks := []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4", "168.63.129.16/32", // Azure's
		"::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fec0::/10",
	}
	prefixes := make([]netip.Prefix, len(networks))
	for i, network := range networks {
		prefixes[i] = netip.MustParsePrefix(network)
	}
	return prefixes
})

// isPublic reports whether an address is one that AWS could reach. IPv6 addresses that carry an IPv4
// address (NAT64, 6to4) are as public as that one.
func isPublic(address netip.Addr) bool {
	address = address.Unmap().WithZone("")
	if inner, ok := embedded(address); ok {
		return isPublic(inner)
	}
	if !address.IsGlobalUnicast() || address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() {
		return false
	}
	for _, network := range reserved() {
		if network.Contains(address) {
			return false
		}
	}
	return true
}

// embedded returns the IPv4 address inside 64:ff9b::/96 (RFC 6052) and 2002::/16 (RFC 3056).
func embedded(address netip.Addr) (netip.Addr, bool) {
	if !address.Is6() {
		return netip.Addr{}, false
	}
	b := address.As16()
	switch {
	case strings.HasPrefix(string(b[:]), "\x00\x64\xff\x9b\x00\x00\x00\x00\x00\x00\x00\x00"):
		return netip.AddrFrom4([4]byte(b[12:])), true
	case b[0] == 0x20 && b[1] == 0x02:
		return netip.AddrFrom4([4]byte(b[2:6])), true
	}
	return netip.Addr{}, false
}

// ParseResolve reads a rule HOST:PORT:ADDRESS: connections to HOST and PORT go to ADDRESS, an IP
// address, IPv6 in brackets. ADDRESS:PORT leads to another port, which curl's option of the same
// name does not know. It returns both sides as "host:port".
func ParseResolve(rule string) (from, to string, err error) {
	host, rest, _ := strings.Cut(rule, ":")
	port, target, _ := strings.Cut(rest, ":")
	if host == "" || !isPort(port) || target == "" {
		return "", "", fmt.Errorf("the rule %q is not HOST:PORT:ADDRESS, such as idp.example.com:443:192.0.2.7", rule)
	}
	from = net.JoinHostPort(strings.ToLower(host), port)
	if address, err := netip.ParseAddr(strings.Trim(target, "[]")); err == nil {
		return from, net.JoinHostPort(address.String(), port), nil
	}
	at, err := netip.ParseAddrPort(target)
	if err != nil || at.Port() == 0 {
		return "", "", fmt.Errorf("the rule %q does not end in an IP address, such as 192.0.2.7 or [2001:db8::7]", rule)
	}
	return from, at.String(), nil
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}
