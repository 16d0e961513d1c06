package template

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

// maxIssuerLength is that of the Url parameter of IAM's CreateOpenIDConnectProvider.
const maxIssuerLength = 255

const wellKnown = "/.well-known/openid-configuration"

// maxLabelLength is that of the parts between the dots of a DNS name (RFC 1035 §2.3.4).
const maxLabelLength = 63

var (
	labelPattern = lazyregexp.New(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	pathPattern  = lazyregexp.New(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$`)
)

// ParseIssuer checks that raw can be the URL of an IAM OIDC provider and returns it unchanged:
// AWS compares an issuer with the token's iss letter by letter, so nothing about it may be tidied
// up. A path is allowed, and a slash at its end is part of the issuer; a port is not, because IAM
// does not keep it (CreateOpenIDConnectProvider, parameter Url).
//
// The error is one sentence that names the issuer and the way out.
func ParseIssuer(raw string) (string, error) {
	if problem := issuerProblem(raw); problem != "" {
		return "", fmt.Errorf("issuer %q %s", raw, problem)
	}
	return raw, nil
}

// issuerProblem returns the rest of a sentence that begins with the issuer, or "".
func issuerProblem(raw string) string {
	switch {
	case raw == DefaultIssuer:
		return ""
	case raw == "":
		return "is empty; write one like " + DefaultIssuer
	case len(raw) > maxIssuerLength:
		return fmt.Sprintf("has %d characters; IAM takes at most %d", len(raw), maxIssuerLength)
	case strings.TrimRight(raw, "/") == DefaultIssuer:
		return "has a slash at its end that Forgecroft's tokens do not have; write " + DefaultIssuer
	case strings.HasSuffix(raw, wellKnown):
		return fmt.Sprintf("is the address of a discovery document; write %q", strings.TrimSuffix(raw, wellKnown))
	case strings.ContainsAny(raw, "?#"):
		return "has a query or a fragment, which an issuer cannot have; leave it out"
	}
	rest, https := strings.CutPrefix(raw, "https://")
	if !https {
		return "does not begin with https://, in lower case, which AWS requires; write one like " + DefaultIssuer
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return "is not a URL; write one like " + DefaultIssuer
	case u.User != nil:
		return "contains a user name, which an issuer cannot have; leave it out"
	case u.Port() != "" || strings.HasSuffix(u.Host, ":"):
		return "has a port, which IAM does not keep; serve the issuer on 443 and leave the port out"
	}
	host, _, _ := strings.Cut(rest, "/")
	if problem := hostProblem(host); problem != "" {
		return problem
	}
	if !pathPattern.MatchString(strings.TrimPrefix(rest, host)) {
		return "has a path with an empty part, a part that begins with a dot, or characters other than letters, digits and ._~-; " +
			"write the iss claim of a token exactly"
	}
	return ""
}

func hostProblem(host string) string {
	_, notIP := netip.ParseAddr(strings.Trim(host, "[]"))
	switch {
	case host == "":
		return "has no host; write one like " + DefaultIssuer
	case notIP == nil:
		return "has an IP address for a host; AWS fetches the keys from a public host name"
	case host != strings.ToLower(host):
		return fmt.Sprintf("has upper-case letters in its host; write %q, and let the issuer put that into its tokens", strings.ToLower(host))
	case !strings.Contains(host, "."):
		return "has a host without a domain; AWS fetches the keys over the public internet"
	case !isDNSName(host):
		return "has a host that is no DNS name; write one like " + DefaultIssuer + " (names in other scripts in their xn-- form)"
	}
	return ""
}

func isDNSName(host string) bool {
	for label := range strings.SplitSeq(host, ".") {
		if len(label) > maxLabelLength || !labelPattern.MatchString(label) {
			return false
		}
	}
	return true
}

// keyPrefix is what the issuer's condition keys begin with: its URL without the scheme, path and
// a slash at the end included (IAM User Guide, "Available keys for AWS OIDC federation").
func keyPrefix(issuer string) string { return strings.TrimPrefix(issuer, "https://") }

// ProviderARN returns the ARN that an issuer's provider has in an account. Account and partition
// may be anything that is to stand in their place, such as "*".
func ProviderARN(partition, account, issuer string) string {
	return "arn:" + partition + ":iam::" + account + ":oidc-provider/" + keyPrefix(issuer)
}
