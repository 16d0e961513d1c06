// Package issuer looks at an OIDC issuer as AWS does: it fetches the discovery document and the
// key set and notes everything seen on the way.
//
// It is the one place that talks to an issuer. Every fetch is bounded in size, time and hops,
// https only, and goes to public addresses unless told otherwise: the URL may come from a token
// that nobody has verified yet. Nothing here prints.
package issuer

import (
	"context"
	"crypto/x509"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/jwks"
	"github.com/forgecroft/fcoidc/internal/template"
)

const (
	// WellKnown follows an issuer's URL in the address of its discovery document (OpenID
	// Connect Discovery 1.0 §4). A slash at the issuer's end is left out before it.
	WellKnown = "/.well-known/openid-configuration"

	// AWSPatience is about how long AWS waits for an issuer's answer (GitLab's troubleshooting
	// page, passing on what AWS support says; AWS publishes no number).
	AWSPatience = 5 * time.Second

	// DefaultTimeout is how long a document may take here: longer than AWS waits, so that a
	// slow issuer can be told from a dead one.
	DefaultTimeout = 10 * time.Second

	// MaxDocument is how many bytes of a document are read.
	MaxDocument = 1 << 20
)

// Options say how to reach an issuer. The zero value is what AWS would meet.
type Options struct {
	// Roots are trusted beside those of the system.
	Roots *x509.CertPool
	// Resolve are rules as those of curl's --resolve, see [ParseResolve].
	Resolve []string
	// AllowPrivate admits addresses that are not public: private, loopback, link-local and
	// those of metadata services, also in Resolve.
	AllowPrivate bool
	// Timeout bounds the fetching of one document with all its redirects; 0 is DefaultTimeout.
	Timeout time.Duration
	// Proxy chooses the proxy of a request; nil asks the environment (HTTPS_PROXY, NO_PROXY).
	// Hosts that a rule of Resolve names are reached directly.
	Proxy func(*http.Request) (*url.URL, error)
	// Transport answers in place of the network, where it is set. No address or certificate
	// is seen then.
	Transport http.RoundTripper
	// Now is the clock that certificates are judged by; nil is the system's.
	Now func() time.Time
}

// Result is everything seen of an issuer.
type Result struct {
	Issuer       string    // as given
	DiscoveryURL string    // "" if none could be made of Issuer, or none was asked for
	Discovery    *Fetch    // nil if it was not fetched
	Document     *Document // nil if it could not be read
	JWKSURL      string    // "" if it is not known
	JWKS         *Fetch    // nil if it was not fetched
	Keys         *jwks.Set // nil if it could not be read
	Problems     []Problem // in the order in which they were met
}

// Look fetches the discovery document of an issuer and the keys that it names. It goes on as far as
// it can: whatever is wrong is a [Problem] of the result.
func Look(ctx context.Context, issuerURL string, o Options) Result {
	r := Result{Issuer: issuerURL}
	c, ok := r.client(o)
	if !ok || !r.checkURL() {
		return r
	}
	r.DiscoveryURL = strings.TrimSuffix(issuerURL, "/") + WellKnown
	r.Discovery = c.fetch(ctx, documentDiscovery, r.DiscoveryURL)
	r.judgeFetch(r.Discovery, c)
	if !r.Discovery.complete() {
		return r
	}
	r.Document = r.readDocument(r.Discovery.Body)
	if r.Document == nil || !r.checkJWKSURI() {
		return r
	}
	r.fetchKeys(ctx, c, r.Document.JWKSURI)
	return r
}

// LookKeys fetches a key set by its own address, without a discovery document.
func LookKeys(ctx context.Context, jwksURL string, o Options) Result {
	var r Result
	c, ok := r.client(o)
	if !ok {
		return r
	}
	if problem := addressProblem(jwksURL); problem != "" {
		r.add(Problem{
			Code: CodeJWKSURI, Severity: Failure, Summary: "the address of the key set " + problem,
			Expected: "an https:// URL", Found: quote(jwksURL), Fix: "give the address that the discovery document has under jwks_uri",
		})
		return r
	}
	r.fetchKeys(ctx, c, jwksURL)
	return r
}

func (r *Result) client(o Options) (*client, bool) {
	c, err := newClient(o)
	if err != nil {
		r.add(Problem{
			Code: CodeResolve, Severity: Failure, Summary: err.Error(),
			Expected: "HOST:PORT:ADDRESS", Fix: "write it as --resolve idp.example.com:443:192.0.2.7",
		})
		return nil, false
	}
	return c, true
}

// checkURL reports what IAM would not take as a provider's URL, and whether it can be fetched all
// the same: one with a slash too many is worth a look, one without https:// is not.
func (r *Result) checkURL() bool {
	if _, err := template.ParseIssuer(r.Issuer); err != nil {
		r.add(Problem{
			Code: CodeIssuerURL, Severity: Failure, Summary: err.Error(),
			Expected: "https://, a public host name, no port, query or fragment", Found: quote(r.Issuer),
			Fix: "write the issuer exactly as the iss claim of its tokens",
		})
	}
	return addressProblem(r.Issuer) == "" && !strings.ContainsAny(r.Issuer, "?#")
}

// addressProblem returns why nothing is fetched from an address, as a sentence's end, or "".
func addressProblem(raw string) string {
	u, err := url.Parse(raw)
	switch {
	case len(raw) > maxURL:
		return "is longer than any address in use"
	case err != nil:
		return "is no URL"
	case u.Scheme != "https":
		return "is not https"
	case u.Hostname() == "":
		return "has no host"
	case u.User != nil:
		return "has a user name in it"
	}
	return ""
}

func (r *Result) fetchKeys(ctx context.Context, c *client, address string) {
	r.JWKSURL = address
	r.JWKS = c.fetch(ctx, documentJWKS, address)
	r.judgeFetch(r.JWKS, c)
	if !r.JWKS.complete() {
		return
	}
	r.Keys = r.readKeys(r.JWKS.Body)
}

// Thumbprint returns the SHA-1 thumbprint, 40 lower-case hex digits, that IAM wants of this issuer: that of the
// last certificate which the host of its keys presents (IAM User Guide, "Obtain the thumbprint for an
// OpenID Connect identity provider"), else of the discovery document's host. It is "" if no chain
// was seen.
func (r Result) Thumbprint() string {
	for _, f := range []*Fetch{r.JWKS, r.Discovery} {
		if chain := f.chain(); chain != nil {
			return chain.Thumbprint()
		}
	}
	return ""
}

// OK reports whether nothing was met that keeps AWS from using the issuer.
func (r Result) OK() bool {
	for _, p := range r.Problems {
		if p.Severity == Failure || p.Severity == Critical {
			return false
		}
	}
	return true
}
