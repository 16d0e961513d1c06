package claims

import (
	"net/url"
	"testing"
)

func FuzzTheHostOfAPlainIssuerIsWhatAParserFinds(f *testing.F) {
	for _, issuer := range []string{
		"https://api.forgecroft.com", "https://ghe.example.com/_services/token", "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC",
		"", "https://", "https:///path", "https://host/", "http://host/path", "https://host:443/path", "https://u@host", "https://host/a%20b",
		"https://host?q", "https://host#f", "https://[::1]/x", "HTTPS://host", "https://h\x7fst", "https://hóst", "https://host//a", "https://../..",
	} {
		f.Add(issuer)
	}
	f.Fuzz(func(t *testing.T, issuer string) {
		host, path := hostOf(issuer)
		u, err := url.Parse(issuer)
		if err != nil {
			u = &url.URL{}
		}
		if host != u.Host || path != u.Path {
			t.Errorf("%q: %q and %q, want %q and %q", issuer, host, path, u.Host, u.Path)
		}
	})
}
