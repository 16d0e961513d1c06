package issuer

import (
	"net/netip"
	"testing"
)

func TestOnlyPublicAddressesArePublic(t *testing.T) {
	t.Parallel()
	for text, public := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true, "2002:808:808::1": true,
		"127.0.0.1": false, "::1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false, "::127.0.0.1": false,
		"10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "100.64.0.1": false, "100.100.100.200": false,
		"169.254.169.254": false, "169.254.170.2": false, "168.63.129.16": false, "192.0.0.192": false, "fd00:ec2::254": false,
		"fe80::1": false, "fe80::1%eth0": false, "fc00::1": false, "fec0::1": false, "224.0.0.1": false, "ff02::1": false,
		"255.255.255.255": false, "240.0.0.1": false, "198.18.0.1": false, "192.0.2.7": false, "2001:db8::1": false, "2001::1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "64:ff9b::a9fe:a9fe": false, "2002:7f00:1::": false,
	} {
		if got := isPublic(netip.MustParseAddr(text)); got != public {
			t.Errorf("%s: public %v", text, got)
		}
	}
}

func TestResolveRulesReadAsCurlsDo(t *testing.T) {
	t.Parallel()
	for rule, want := range map[string][2]string{
		"idp.example.com:443:192.0.2.7":          {"idp.example.com:443", "192.0.2.7:443"},
		"IDP.example.com:443:192.0.2.7":          {"idp.example.com:443", "192.0.2.7:443"},
		"idp.example.com:443:192.0.2.7:8443":     {"idp.example.com:443", "192.0.2.7:8443"},
		"idp.example.com:443:[2001:db8::7]":      {"idp.example.com:443", "[2001:db8::7]:443"},
		"idp.example.com:443:2001:db8::7":        {"idp.example.com:443", "[2001:db8::7]:443"},
		"idp.example.com:443:[2001:db8::7]:8443": {"idp.example.com:443", "[2001:db8::7]:8443"},
	} {
		from, to, err := ParseResolve(rule)
		if err != nil || from != want[0] || to != want[1] {
			t.Errorf("%s: %s, %s, %v", rule, from, to, err)
		}
	}
	for _, rule := range []string{"", "host", "host:443", "host:443:", "host:0:192.0.2.7", "host:x:192.0.2.7", ":443:192.0.2.7", "host:443:name", "host:443:192.0.2.7:0"} {
		if _, _, err := ParseResolve(rule); err == nil {
			t.Errorf("%q was taken", rule)
		}
		if r := Look(t.Context(), testIssuer, Options{Resolve: []string{rule}}); !r.Has(CodeResolve) || r.Discovery != nil {
			t.Errorf("%q: %s", rule, describeProblems(r))
		}
	}
}
