package template_test

import (
	"net/url"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/forgecroft/fcoidc/internal/template"
)

var goodIssuers = []string{
	"https://api.forgecroft.com",
	"https://forgecroft.acme.example",
	"https://idp.example.com/team",
	"https://idp.example.com/org/1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff",
	"https://acme.eu.auth0.com/",
	"https://sts.windows.net/33e01921-4d64-4f8c-a055-5bdaffd5e33d/",
	"https://xn--bcher-kva.example/~a_b-c.d",
	"https://1.idp.example",
	"https://" + strings.Repeat("a", 63) + ".example",
}

func TestAnIssuerThatIAMTakesIsReturnedUnchanged(t *testing.T) {
	t.Parallel()
	for _, raw := range goodIssuers {
		if got, err := template.ParseIssuer(raw); err != nil || got != raw {
			t.Errorf("ParseIssuer(%q) = %q, %v", raw, got, err)
		}
	}
}

func TestAnIssuerThatCannotWorkIsRefusedWithTheWayOut(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                            "is empty",
		"api.forgecroft.com":          "does not begin with https://",
		"http://api.forgecroft.com":   "does not begin with https://",
		"HTTPS://api.forgecroft.com":  "does not begin with https://, in lower case",
		" https://api.forgecroft.com": "does not begin with https://",
		"https://api.forgecroft.com/": "write https://api.forgecroft.com",
		"https://api.forgecroft.com/.well-known/openid-configuration": "discovery document; write \"https://api.forgecroft.com\"",
		"https://idp.example.com?tenant=1":                            "query or a fragment",
		"https://idp.example.com/#x":                                  "query or a fragment",
		"https://user@idp.example.com":                                "user name",
		"https://idp.example.com:443":                                 "has a port",
		"https://idp.example.com:8443/team":                           "has a port",
		"https://idp.example.com:":                                    "has a port",
		"https://":                                                    "has no host",
		"https:///path":                                               "has no host",
		"https://127.0.0.1":                                           "IP address",
		"https://[::1]":                                               "IP address",
		"https://localhost/x":                                         "without a domain",
		"https://Idp.Example.com":                                     `write "idp.example.com"`,
		"https://idp_a.example.com":                                   "no DNS name",
		"https://-idp.example.com":                                    "no DNS name",
		"https://" + strings.Repeat("a", 64) + ".example":             "no DNS name",
		"https://idp.example.com.":                                    "no DNS name",
		"https://bücher.example":                                      "xn--",
		"https://idp.example.com//team":                               "empty part",
		"https://idp.example.com/team//":                              "empty part",
		"https://idp.example.com/../x":                                "begins with a dot",
		"https://idp.example.com/a b":                                 "characters other than",
		"https://idp.example.com/%74eam":                              "characters other than",
		"https://idp.example.com/${aws:userid}":                       "characters other than",
		"https://idp.example.com/*":                                   "characters other than",
		"https://idp.example.com/a\n":                                 "is not a URL",
		"https://idp.example.com/" + strings.Repeat("a", 232):         "has 256 characters; IAM takes at most 255",
	} {
		got, err := template.ParseIssuer(raw)
		if err == nil {
			t.Errorf("ParseIssuer(%q) = %q, want a refusal that says %q", raw, got, want)
			continue
		}
		if got != "" || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseIssuer(%q) = %q, %v; want one that says %q", raw, got, err, want)
		}
	}
}

func TestTheProvidersARNEndsWithTheIssuerWithoutItsScheme(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string]string{
		"https://api.forgecroft.com": "arn:aws-cn:iam::012345678901:oidc-provider/api.forgecroft.com",
		"https://acme.eu.auth0.com/": "arn:aws-cn:iam::012345678901:oidc-provider/acme.eu.auth0.com/",
		"https://idp.example.com/a":  "arn:aws-cn:iam::012345678901:oidc-provider/idp.example.com/a",
	} {
		if got := template.ProviderARN("aws-cn", "012345678901", issuer); got != want {
			t.Errorf("ProviderARN of %s = %s, want %s", issuer, got, want)
		}
	}
}

// An accepted issuer is a plain https URL for which the template renders to YAML; a refusal is one
// line, whatever was typed.
func FuzzParseIssuer(f *testing.F) {
	for _, raw := range goodIssuers {
		f.Add(raw)
	}
	f.Add("https://idp.example.com:443/a?b#c")
	f.Add("https://[::1%25eth0]/\x00")
	f.Add("https://A\x1b.example")
	f.Add("https://\x1b.example/.well-known/openid-configuration")
	f.Fuzz(func(t *testing.T, raw string) {
		issuer, err := template.ParseIssuer(raw)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\r\x1b") {
				t.Errorf("the refusal of %q is more than a line", raw)
			}
			return
		}
		u, err := url.Parse(issuer)
		if err != nil || issuer != raw || u.String() != raw || u.Port() != "" || u.RawQuery != "" || len(raw) > 255 {
			t.Fatalf("accepted %q as %q", raw, issuer)
		}
		rendered, err := template.Render(issuer)
		if err != nil {
			t.Fatalf("render for %q: %v", raw, err)
		}
		var doc map[string]any
		if err := yaml.Unmarshal(rendered.Body, &doc); err != nil {
			t.Fatalf("the template for %q is not YAML: %v", raw, err)
		}
	})
}
