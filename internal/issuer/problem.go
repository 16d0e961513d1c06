package issuer

import (
	"slices"
	"strconv"
)

// Severity ranks problems.
type Severity string

// The severities, worst first.
const (
	Critical Severity = "critical" // others can sign tokens
	Failure  Severity = "failure"  // AWS will refuse the issuer, or tokens of it
	Warning  Severity = "warning"  // works now or perhaps
	Info     Severity = "info"     // worth knowing
)

// The codes of problems: stable, never reused. The first two are also codes of causes of refused
// exchanges; the others tell more closely what was seen.
const (
	CodeUnreachable      = "discovery_unreachable" // a document could not be fetched
	CodeIssuerMismatch   = "issuer_url_mismatch"   // the document names another issuer
	CodeIssuerURL        = "issuer_url_invalid"
	CodeResolve          = "resolve_invalid"
	CodeInterrupted      = "interrupted"
	CodePrivate          = "issuer_address_private"
	CodeNoIPv4           = "issuer_without_ipv4"
	CodeSlow             = "issuer_slow"
	CodeStatus           = "issuer_status"
	CodeRedirect         = "issuer_redirect"
	CodeRedirectHost     = "issuer_redirect_other_host"
	CodeRedirectRefused  = "issuer_redirect_refused"
	CodeContentType      = "issuer_content_type"
	CodeTooLarge         = "issuer_document_too_large"
	CodeTLS              = "tls_failed"
	CodeTLSExpired       = "tls_certificate_expired"
	CodeTLSExpiring      = "tls_certificate_expires_soon"
	CodeTLSName          = "tls_host_mismatch"
	CodeTLSUntrusted     = "tls_untrusted"
	CodeTLSNotPublic     = "tls_not_publicly_trusted"
	CodeTLSOrder         = "tls_chain_order"
	CodeDiscoveryInvalid = "discovery_malformed"
	CodeDiscoveryField   = "discovery_field_missing"
	CodeDiscoveryAlg     = "discovery_algorithms"
	CodeJWKSURI          = "jwks_uri_invalid"
	CodeJWKSHost         = "jwks_uri_other_host"
	CodeJWKSInvalid      = "jwks_malformed"
	CodeJWKSNoKey        = "jwks_no_usable_key"
	CodeJWKSTooMany      = "jwks_too_many_keys"
	CodeJWKSDuplicate    = "jwks_duplicate_kid"
	CodeJWKSKeyUnusable  = "jwks_key_unusable"
	CodeJWKSKeyNote      = "jwks_key_note"
	CodeJWKSPrivate      = "jwks_private_key"
	CodeDiscoveryClaims  = "discovery_claims_missing"
	CodeProxyUnreadable  = "proxy_invalid"
)

// Problem is one thing that keeps, or may keep, AWS from using an issuer. Text that the issuer
// chose stands in it quoted or escaped.
type Problem struct {
	Code     string
	Severity Severity
	Summary  string // one line
	Expected string // "" where it goes without saying
	Found    string
	Fix      string // the remedy, for whoever runs the issuer unless it says otherwise
}

// add notes a problem once: both documents usually come from one host and share its problems.
func (r *Result) add(p Problem) {
	if !slices.Contains(r.Problems, p) {
		r.Problems = append(r.Problems, p)
	}
}

// Has reports whether a problem of that code was met.
func (r Result) Has(code string) bool {
	for _, p := range r.Problems {
		if p.Code == code {
			return true
		}
	}
	return false
}

const maxQuoted = 200

// quote makes text from outside fit to be shown: escaped, within marks, and not too long.
func quote(s string) string {
	if len(s) > maxQuoted {
		s = s[:maxQuoted] + "…"
	}
	return strconv.Quote(s)
}
