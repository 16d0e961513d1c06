package awserr

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/url"
	"strings"
)

// unreachable recognises that no answer came from the endpoint, and at which step it ended.
func unreachable(e *Error) bool {
	code, text, fix := networkCause(e.err)
	if code == "" {
		return false
	}
	e.Kind, e.Code, e.fix = KindUnreachable, code, fix
	e.Message = "cannot reach " + endpoint(e.err) + ": " + text
	return true
}

// networkCause reads the deepest reason from an error of net/http; code is "" if it is none.
// The proxy comes first: its own DNS or TLS failure is told with the same types.
func networkCause(err error) (code, text, fix string) {
	const (
		checkEndpoint = "check the network, --region and AWS_ENDPOINT_URL"
		checkCA       = "if a proxy opens TLS here, name its certificate authority: AWS_CA_BUNDLE=/path/to/ca.pem"
	)
	if text := err.Error(); strings.Contains(text, "proxyconnect") || strings.Contains(text, "Proxy Authentication Required") || strings.Contains(text, "invalid proxy") {
		return "proxy", "the proxy refused or did not answer", "check HTTPS_PROXY and NO_PROXY"
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsNotFound {
			return "dns", "the name " + dns.Name + " does not exist", checkEndpoint
		}
		return "dns", "the name " + dns.Name + " could not be looked up", checkEndpoint
	}
	if code, text := tlsCause(err); code != "" {
		return code, text, checkCA
	}
	timeout, ok := errors.AsType[net.Error](err)
	if errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout() {
		return "timeout", "no answer in time", checkEndpoint
	}
	text = err.Error()
	switch {
	case strings.Contains(text, "connection refused"), strings.Contains(text, "actively refused"): // Windows says the latter
		return "connection_refused", "connection refused", checkEndpoint
	case strings.Contains(text, "connection reset"), strings.Contains(text, "forcibly closed"), strings.Contains(text, "broken pipe"):
		return "connection_reset", "the connection was cut", checkEndpoint
	case strings.Contains(text, "HTTP response to HTTPS client"):
		return "tls", "it speaks HTTP, not HTTPS", "write http:// in AWS_ENDPOINT_URL"
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		return "network", scrub(u.Err.Error()), checkEndpoint
	}
	return "", "", ""
}

func tlsCause(err error) (code, text string) {
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return "tls", "its TLS certificate is signed by an authority this machine does not know"
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return "tls", "its TLS certificate is for another name"
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok {
		return "tls", "its TLS certificate is not valid: " + invalid.Error()
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return "tls", "its TLS certificate cannot be verified"
	}
	return "", ""
}

// endpoint is the host that was called: no path, no user, no query.
func endpoint(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		if parsed, err := url.Parse(u.URL); err == nil && parsed.Host != "" {
			return parsed.Host
		}
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		return dns.Name
	}
	return "AWS"
}
