package issuer

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/escape"
)

// expiresSoon is how long before its end a certificate is worth a word.
const expiresSoon = 14 * 24 * time.Hour

// judgeFetch reports what was met on the way to a document.
func (r *Result) judgeFetch(f *Fetch, c *client) {
	for i := range f.Hops {
		h := &f.Hops[i]
		if i > 0 {
			r.judgeRedirect(f, &f.Hops[i-1], h)
		}
		r.judgeAddress(f, h)
		if h.Chain != nil {
			r.judgeChain(h.Chain, c.now())
		}
	}
	if f.Err != nil {
		r.judgeError(f)
		return
	}
	r.judgeAnswer(f)
	if f.Total() > AWSPatience {
		r.add(Problem{
			Code: CodeSlow, Severity: Failure, Summary: fmt.Sprintf("the %s took %s", f.Document, f.Total().Round(time.Millisecond)),
			Expected: fmt.Sprintf("well below %s, about as long as AWS waits", AWSPatience), Found: f.Total().Round(time.Millisecond).String(),
			Fix: "serve it from a cache",
		})
	}
}

func (r *Result) judgeRedirect(f *Fetch, from, to *Hop) {
	p := Problem{
		Code: CodeRedirect, Severity: Warning, Summary: fmt.Sprintf("the %s is behind a redirect (%d)", f.Document, from.Status),
		Expected: "200 at " + quote(from.URL), Found: quote(to.URL), Fix: "serve it without a redirect; AWS does not say whether it follows",
	}
	if hostOf(from.URL) != hostOf(to.URL) {
		p.Code, p.Summary = CodeRedirectHost, p.Summary+" to another host"
	}
	r.add(p)
}

func (r *Result) judgeAddress(f *Fetch, h *Hop) {
	if len(h.IPv4) == 0 && len(h.IPv6) > 0 {
		r.add(Problem{
			Code: CodeNoIPv4, Severity: Warning, Summary: "the host has IPv6 addresses only", Found: strings.Join(h.IPv6, ", "),
			Expected: "an IPv4 address too", Fix: "add one; AWS does not say that it fetches over IPv6",
		})
	}
	if at, err := netip.ParseAddrPort(h.Remote); err == nil && h.Proxy == "" && f.Err == nil && !isPublic(at.Addr()) {
		r.add(Problem{
			Code: CodePrivate, Severity: Warning, Summary: "the issuer was reached at an address that is not public",
			Expected: "a host that AWS reaches over the internet", Found: at.Addr().String(), Fix: "publish the discovery document and the keys on a public host",
		})
	}
}

func (r *Result) judgeChain(chain *Chain, now time.Time) {
	if chain.Disorder != "" {
		r.add(Problem{
			Code: CodeTLSOrder, Severity: Failure, Summary: fmt.Sprintf("the certificate chain of %s is not in order: %s", escape.Text(chain.Host), chain.Disorder),
			Expected: "the host's certificate first, then each one's signer, none twice", Found: subjects(chain),
			Fix: "serve the chain in order; AWS otherwise answers \"Could not connect to openid configuration of provider\"",
		})
	}
	if !chain.Trusted {
		r.add(untrusted(chain))
		return
	}
	if !chain.Public {
		r.add(Problem{
			Code: CodeTLSNotPublic, Severity: Warning, Summary: fmt.Sprintf("the certificate of %s is trusted by the given root only", escape.Text(chain.Host)),
			Expected: "a certificate of a public CA", Found: subjects(chain),
			Fix: "AWS goes by the provider's thumbprint: it has to be " + chain.Thumbprint(),
		})
	}
	if left := chain.Certificates[0].NotAfter.Sub(now); left < expiresSoon {
		r.add(Problem{
			Code: CodeTLSExpiring, Severity: Warning, Summary: fmt.Sprintf("the certificate of %s ends in %d hours", escape.Text(chain.Host), int(left.Hours())),
			Found: chain.Certificates[0].NotAfter.UTC().Format(time.RFC3339), Fix: "renew it",
		})
	}
}

// untrusted words why a chain was refused.
func untrusted(chain *Chain) Problem {
	p := Problem{Severity: Failure, Found: subjects(chain)}
	host := escape.Text(chain.Host)
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](chain.Err); ok && invalid.Reason == x509.Expired {
		p.Code, p.Summary = CodeTLSExpired, fmt.Sprintf("a certificate of %s is expired or not valid yet", host)
		p.Expected, p.Fix = "certificates that are valid now", "renew the certificate, and check the clock of this machine"
		return p
	}
	if _, ok := errors.AsType[x509.HostnameError](chain.Err); ok {
		p.Code, p.Summary = CodeTLSName, fmt.Sprintf("the certificate that %s presents is not for that name", host)
		p.Expected, p.Fix = "a certificate for "+host, "serve a certificate that names the host"
		return p
	}
	p.Code, p.Summary = CodeTLSUntrusted, fmt.Sprintf("the certificate of %s leads to no trusted root", host)
	p.Expected = "a chain to a public CA, with every certificate between"
	p.Fix = "serve the certificates between too; for a private CA give its certificate with --ca-cert"
	if thumbprint := chain.Thumbprint(); thumbprint != "" {
		p.Fix += ", and AWS goes by the provider's thumbprint: " + thumbprint
	}
	return p
}

func subjects(chain *Chain) string {
	names := make([]string, len(chain.Certificates))
	for i, certificate := range chain.Certificates {
		names[i] = quote(certificate.Subject)
	}
	return strings.Join(names, ", ")
}

// judgeError words why no answer came.
func (r *Result) judgeError(f *Fetch) {
	last := f.last()
	p := Problem{
		Code: CodeUnreachable, Severity: Failure, Expected: "200 at " + quote(last.URL),
		Summary: "the " + f.Document + " could not be fetched", Found: escape.Text(f.Err.Error()),
		Fix: "let everybody on the internet fetch it; AWS otherwise answers \"Could not connect to OIDC provider\" or that it couldn't retrieve the verification key",
	}
	switch err := f.Err; {
	case errors.Is(err, errUntrusted):
		return // said with the chain
	case errors.Is(err, context.Canceled):
		p.Code, p.Severity, p.Summary, p.Fix = CodeInterrupted, Warning, "the look at the issuer was interrupted", ""
	case errors.Is(err, errProxy):
		p.Code, p.Fix = CodeProxyUnreadable, "write HTTPS_PROXY as http://host:port"
	case isType[*PrivateAddressError](err):
		p.Code, p.Summary = CodePrivate, fmt.Sprintf("the host of the %s has an address that is not public", f.Document)
		p.Expected = "a host that AWS reaches over the internet"
		p.Fix = "publish it on a public host; --allow-private-issuer looks at it all the same, which AWS cannot"
	case isType[errRedirect](err):
		p.Code, p.Summary, p.Found = CodeRedirectRefused, fmt.Sprintf("the %s is behind a %s, which is not followed", f.Document, escape.Text(err.Error())), quote(last.Location)
		p.Fix = "serve it without a redirect"
	case isTimeout(err):
		p.Summary = fmt.Sprintf("the %s was not there in time", f.Document)
		p.Found = fmt.Sprintf("no whole answer after %s", f.Total().Round(time.Millisecond))
		p.Fix = fmt.Sprintf("AWS waits about %s; look for a firewall that drops connections", AWSPatience)
	case isType[*net.DNSError](err):
		p.Summary = fmt.Sprintf("the name %s has no address", quote(hostOf(last.URL)))
	case last.Remote != "" && last.Timing.TLS > 0 && last.Status == 0 && last.Timing.FirstByte == 0 && last.Chain == nil:
		p.Code, p.Summary, p.Fix = CodeTLS, "the TLS handshake failed", "serve https with TLS 1.2 or newer"
	}
	r.add(p)
}

func isType[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func isTimeout(err error) bool {
	netErr, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && netErr.Timeout()
}

// judgeAnswer judges the last hop's answer but for its body.
func (r *Result) judgeAnswer(f *Fetch) {
	h := f.last()
	if h.Status != http.StatusOK {
		r.add(Problem{
			Code: CodeStatus, Severity: Failure, Summary: fmt.Sprintf("the %s is answered with status %d", f.Document, h.Status),
			Expected: "200 at " + quote(h.URL), Found: strings.TrimSpace(fmt.Sprintf("%d %s", h.Status, http.StatusText(h.Status))),
			Fix: "serve it to everybody, without credentials",
		})
		return
	}
	if h.Truncated {
		r.add(Problem{
			Code: CodeTooLarge, Severity: Failure, Summary: fmt.Sprintf("the %s is larger than %d bytes and was not read", f.Document, MaxDocument),
			Expected: "some kilobytes", Fix: "serve the document itself, with the keys in use only",
		})
		return
	}
	if !isJSON(h.ContentType) {
		r.add(Problem{
			Code: CodeContentType, Severity: Warning, Summary: fmt.Sprintf("the %s is not served as JSON", f.Document),
			Expected: "application/json", Found: quote(h.ContentType), Fix: "send Content-Type: application/json",
		})
	}
}

// isJSON takes application/json and every type with the suffix +json (RFC 6839 §3.1).
func isJSON(contentType string) bool {
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && (media == "application/json" || strings.HasPrefix(media, "application/") && strings.HasSuffix(media, "+json"))
}

// hostOf returns the host, and port, of an address that was parsed before.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.ToLower(u.Host), ":443")
}
