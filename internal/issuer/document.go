package issuer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/jwks"
)

// Document is what AWS reads of a discovery document (OpenID Connect Discovery 1.0 §3).
type Document struct {
	Issuer        string
	JWKSURI       string
	ResponseTypes []string // response_types_supported
	SubjectTypes  []string // subject_types_supported
	Algorithms    []string // id_token_signing_alg_values_supported
	Claims        []string // claims_supported; nil if absent
}

// ErrMalformed is wrapped by every error of [ParseDocument].
var ErrMalformed = errors.New("not a discovery document")

// ParseDocument reads a discovery document. Members that are absent stay empty; one of another type
// than it should have is an error that names it. No error quotes the document.
//
// Member names are taken letter by letter, which decoding into a struct would not do.
func ParseDocument(body []byte) (*Document, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil || members == nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, fmt.Errorf("%w: it is no JSON from byte %d on", ErrMalformed, syntax.Offset)
		}
		return nil, fmt.Errorf("%w: it is no JSON object", ErrMalformed)
	}
	var d Document
	for name, field := range map[string]*string{"issuer": &d.Issuer, "jwks_uri": &d.JWKSURI} {
		if raw, found := members[name]; found && json.Unmarshal(raw, field) != nil {
			return nil, fmt.Errorf("%w: its %q is no string", ErrMalformed, name)
		}
	}
	for name, field := range map[string]*[]string{
		"response_types_supported": &d.ResponseTypes, "subject_types_supported": &d.SubjectTypes,
		"id_token_signing_alg_values_supported": &d.Algorithms, "claims_supported": &d.Claims,
	} {
		if raw, found := members[name]; found && json.Unmarshal(raw, field) != nil {
			return nil, fmt.Errorf("%w: its %q is no list of strings", ErrMalformed, name)
		}
	}
	return &d, nil
}

// Missing returns the members that AWS demands and that are absent or empty.
func (d *Document) Missing() []string {
	var names []string
	for _, member := range []struct {
		name  string
		empty bool
	}{
		{"issuer", d.Issuer == ""},
		{"jwks_uri", d.JWKSURI == ""},
		{"response_types_supported", len(d.ResponseTypes) == 0},
		{"subject_types_supported", len(d.SubjectTypes) == 0},
		{"id_token_signing_alg_values_supported", len(d.Algorithms) == 0},
	} {
		if member.empty {
			names = append(names, member.name)
		}
	}
	return names
}

// readDocument judges the discovery document; nil if it cannot be read.
func (r *Result) readDocument(body []byte) *Document {
	d, err := ParseDocument(body)
	if err != nil {
		r.add(Problem{
			Code: CodeDiscoveryInvalid, Severity: Failure, Summary: "the answer is " + err.Error(),
			Expected: "a JSON object (OpenID Connect Discovery 1.0 §3)", Found: r.Discovery.last().ContentType,
			Fix: "serve the discovery document at " + quote(r.DiscoveryURL) + " to everybody, without a login page",
		})
		return nil
	}
	if names := d.Missing(); len(names) > 0 {
		r.add(Problem{
			Code: CodeDiscoveryField, Severity: Failure, Summary: "the discovery document lacks " + strings.Join(names, ", "),
			Expected: "issuer, jwks_uri, response_types_supported, subject_types_supported, id_token_signing_alg_values_supported",
			Fix:      "add them: without them AWS answers that it couldn't retrieve the verification key",
		})
	}
	r.checkIssuer(d)
	r.checkAlgorithms(d)
	r.checkClaims(d)
	return d
}

func (r *Result) checkIssuer(d *Document) {
	if d.Issuer == "" || d.Issuer == r.Issuer {
		return
	}
	r.add(Problem{
		Code: CodeIssuerMismatch, Severity: Failure, Summary: "the discovery document is of another issuer" + difference(r.Issuer, d.Issuer),
		Expected: quote(r.Issuer), Found: quote(d.Issuer),
		Fix: "use the issuer exactly as the document and the iss claim have it; AWS compares letter by letter",
	})
}

// difference names in what two issuers differ, where it is a detail that the eye passes over.
func difference(a, b string) string {
	switch {
	case strings.TrimRight(a, "/") == strings.TrimRight(b, "/"):
		return ": a slash at the end differs"
	case strings.EqualFold(a, b):
		return ": letter case differs"
	case strings.TrimPrefix(a, "https://") == strings.TrimPrefix(b, "http://"), strings.TrimPrefix(a, "https://") == b:
		return ": it does not begin with https://"
	case strings.TrimSpace(b) == a:
		return ": blanks stand around it"
	default:
		return ""
	}
}

func (r *Result) checkAlgorithms(d *Document) {
	taken := func(alg string) bool { return jwks.CheckAlgorithm(alg) == nil }
	if len(d.Algorithms) == 0 || slices.ContainsFunc(d.Algorithms, taken) {
		return
	}
	r.add(Problem{
		Code: CodeDiscoveryAlg, Severity: Failure, Summary: "the issuer signs with no algorithm that AWS takes",
		Expected: strings.Join(jwks.Algorithms(), ", "), Found: quote(strings.Join(d.Algorithms, ", ")),
		Fix: "sign with RS256 or ES256 and list it in id_token_signing_alg_values_supported",
	})
}

// checkClaims compares claims_supported with those that AWS names for it (IAM User Guide, "Create an
// OpenID Connect identity provider"). Whether AWS looks is not known.
func (r *Result) checkClaims(d *Document) {
	var absent []string
	for _, claim := range []string{"aud", "iat", "iss", "sub"} {
		if !slices.Contains(d.Claims, claim) {
			absent = append(absent, claim)
		}
	}
	if len(absent) == 0 {
		return
	}
	r.add(Problem{
		Code: CodeDiscoveryClaims, Severity: Info, Summary: "claims_supported lacks " + strings.Join(absent, ", "),
		Expected: "aud, iat, iss, sub, as AWS's page asks", Found: quote(strings.Join(d.Claims, ", ")),
		Fix: "list them in the discovery document",
	})
}

// checkJWKSURI judges where the keys are said to be, and whether to go there.
func (r *Result) checkJWKSURI() bool {
	address := r.Document.JWKSURI
	if address == "" {
		return false // said with the missing members
	}
	if problem := addressProblem(address); problem != "" {
		r.add(Problem{
			Code: CodeJWKSURI, Severity: Failure, Summary: "the jwks_uri " + problem, Expected: "an https:// URL", Found: quote(address),
			Fix: "serve the keys over https and name that address; nothing was fetched from the one above",
		})
		return false
	}
	if a, b := hostOf(r.DiscoveryURL), hostOf(address); a != b {
		r.add(Problem{
			Code: CodeJWKSHost, Severity: Info, Summary: "the keys are served by another host than the issuer's",
			Expected: quote(a), Found: quote(b),
			Fix: "nothing, if that host is the issuer's own; where AWS goes by thumbprints the provider needs those of both",
		})
	}
	return true
}
