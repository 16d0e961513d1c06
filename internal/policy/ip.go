package policy

import (
	"net/netip"
	"strings"
)

// addressMatcher holds an address or CIDR block. An address is outside every block of
// the other family (reference_policies_elements_condition_operators.html, "IP address
// condition operators").
type addressMatcher struct {
	block netip.Prefix
	open  OpenRules
}

func newAddressMatcher(value string) (matcher, bool) {
	if !strings.Contains(value, "/") {
		addr, ok := parseAddress(value)
		if !ok {
			return neverMatcher{}, false
		}
		m := addressMatcher{block: netip.PrefixFrom(addr, addr.BitLen())}
		if addr.Is6() {
			m.open = OpenAddressNotation
		}
		return m, true
	}
	block, err := netip.ParsePrefix(value)
	if err != nil {
		return neverMatcher{}, false
	}
	m := addressMatcher{block: block.Masked()}
	if m.block != block {
		m.open = OpenAddressNotation
	}
	return m, true
}

func (m addressMatcher) match(value string, _ Context) (outcome, OpenRules) {
	addr, ok := parseAddress(value)
	if !ok {
		return incomparable, OpenNotAddress
	}
	if addr.Is4() != m.block.Addr().Is4() {
		return differs, 0
	}
	return outcomeOf(m.block.Contains(addr)), m.open
}

// parseAddress reads an IPv4 or IPv6 address without a zone.
func parseAddress(s string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(s)
	return addr, err == nil && addr.Zone() == ""
}
