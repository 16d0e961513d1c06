package doctor

import (
	"net/http"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/jwks"
)

// Issuer is what a look at the issuer showed, from here and not from where AWS is.
type Issuer struct {
	URL          string `json:"url"`
	DiscoveryURL string `json:"discovery_url,omitempty"`
	Status       int    `json:"status,omitempty"` // of the discovery document; 0 if none came
	// Connected says that the issuer's host, or something in its place, took the connection.
	Connected bool `json:"connected"`
	// HasDocument says that a discovery document could be read. Named is the issuer it names,
	// Lacking the members that AWS wants and it lacks.
	HasDocument bool     `json:"has_document"`
	Named       string   `json:"issuer,omitempty"`
	JWKSURI     string   `json:"jwks_uri,omitempty"`
	Lacking     []string `json:"lacking,omitempty"`

	// Thumbprint is what IAM wants of the issuer where it does not trust its certificate; then
	// CertificateError says why.
	Thumbprint       string `json:"thumbprint,omitempty"`
	CertificateError string `json:"certificate_error,omitempty"`

	HasKeys  bool            `json:"has_keys"`
	Keys     []Key           `json:"keys,omitempty"`
	Problems []IssuerProblem `json:"problems,omitempty"`
}

// Key is a key of the issuer's set without its numbers.
type Key struct {
	Kid                string   `json:"kid,omitempty"`
	Kty                string   `json:"kty,omitempty"`
	Alg                string   `json:"alg,omitempty"`
	Use                string   `json:"use,omitempty"`
	Crv                string   `json:"crv,omitempty"`
	KeyOps             []string `json:"key_ops,omitempty"`
	HasKeyOps          bool     `json:"has_key_ops,omitempty"`
	CertificateDiffers bool     `json:"certificate_differs,omitempty"`
	Verifies           bool     `json:"verifies,omitempty"` // the signature of the token that was given
}

// IssuerProblem is a problem that the look met; its code is one of internal/issuer's.
type IssuerProblem struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Expected string `json:"expected,omitempty"`
	Found    string `json:"found,omitempty"`
	Fix      string `json:"fix,omitempty"`
}

// SeenIssuer makes plain data of a look. verifying are the keys that verify the signature of the
// token at hand, nil without one. With trusted AWS goes by the roots that the look was given as
// by its own, as the sandbox does; otherwise only public ones spare the thumbprint.
func SeenIssuer(r *issuer.Result, verifying []jwks.Key, trusted bool) *Issuer {
	s := &Issuer{URL: r.Issuer, DiscoveryURL: r.DiscoveryURL, Thumbprint: r.Thumbprint()}
	if d := r.Discovery; d != nil && len(d.Hops) > 0 {
		last := d.Hops[len(d.Hops)-1]
		s.Status, s.Connected = last.Status, last.Remote != "" && last.Proxy == "" || last.Status != 0
	}
	if d := r.Document; d != nil {
		s.HasDocument, s.Named, s.JWKSURI = true, d.Issuer, d.JWKSURI
		for _, m := range []struct {
			name string
			has  bool
		}{
			{"issuer", d.Issuer != ""},
			{"jwks_uri", d.JWKSURI != ""},
			{"response_types_supported", d.ResponseTypes != nil},
			{"subject_types_supported", d.SubjectTypes != nil},
			{"id_token_signing_alg_values_supported", d.Algorithms != nil},
		} {
			if !m.has {
				s.Lacking = append(s.Lacking, m.name)
			}
		}
	}
	s.CertificateError = certificateError(r, trusted)
	if r.Keys != nil {
		s.HasKeys = true
		for _, e := range r.Keys.Entries(verifying) {
			s.Keys = append(s.Keys, Key(e))
		}
	}
	for _, p := range r.Problems {
		if trusted && (p.Code == issuer.CodeTLSNotPublic || p.Code == issuer.CodePrivate) {
			continue // the sandbox's issuer is as public as the sandbox
		}
		s.Problems = append(s.Problems, IssuerProblem{p.Code, string(p.Severity), p.Summary, p.Expected, p.Found, p.Fix})
	}
	return s
}

// certificateError says why AWS does not trust a certificate on the way to the keys.
func certificateError(r *issuer.Result, trusted bool) string {
	for _, f := range []*issuer.Fetch{r.JWKS, r.Discovery} {
		if f == nil {
			continue
		}
		for _, h := range f.Hops {
			switch c := h.Chain; {
			case c == nil || c.Public || c.Trusted && trusted:
			case c.Err != nil:
				return escape.Text(c.Err.Error())
			case c.Trusted:
				return "no public authority signed the certificate of " + escape.Text(c.Host)
			}
		}
	}
	return ""
}

// entries are the keys as an exchange judges them; nil if they are not known.
func (i *Issuer) entries() []jwks.Entry {
	if i == nil || !i.HasKeys {
		return nil
	}
	list := make([]jwks.Entry, 0, len(i.Keys))
	for _, k := range i.Keys {
		list = append(list, jwks.Entry(k))
	}
	return list
}

// answered reports whether the discovery document came.
func (i *Issuer) answered() bool { return i.Status == http.StatusOK && i.HasDocument }
