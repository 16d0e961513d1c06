package doctor

import (
	"slices"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// Cases returns one case for each role: the exchange of the snapshot's token for it, at the time
// the snapshot was taken. Without a token there are none.
func (s *Snapshot) Cases() []exchange.Case {
	if s.Token == nil {
		return nil
	}
	token, err := claims.FromJSON(s.Token.Header, s.Token.Claims)
	if err != nil {
		return nil // a token that cannot be decoded is told of before
	}
	list := make([]exchange.Case, 0, len(s.Roles))
	for i := range s.Roles {
		c := s.caseOf(&s.Roles[i], token)
		c.HasHeader, c.Now = len(s.Token.Header) > 0, s.Taken
		list = append(list, c)
	}
	return list
}

// caseOf is the exchange of a token for a role, at no time in particular.
func (s *Snapshot) caseOf(r *Role, token *claims.Token) exchange.Case {
	c := exchange.Case{
		Platform: exchange.AWS, Token: token,
		Role:    exchange.Role{ARN: r.ARN, Name: r.Name, Missing: r.Gone, MaxSessionDuration: r.MaxSession, Created: date(r.Created)},
		Request: exchange.Request{RoleARN: r.ARN},
	}
	if r.Trust != "" {
		c.Policy = []byte(r.Trust)
	}
	s.addProvider(&c, token.Issuer())
	if s.Issuer != nil && s.Issuer.URL == token.Issuer() {
		c.Keys = s.Issuer.entries()
		c.Discovery = s.Issuer.discovery()
	}
	if o := s.Organization; o != nil && !o.Management {
		c.Organization.ServiceControl = controlPolicies(o.ServiceControl)
		c.Organization.ResourceControl = controlPolicies(o.ResourceControl)
	}
	return c
}

// addProvider tells the case of the provider for the token's issuer, which need not be the one
// that the snapshot is about.
func (s *Snapshot) addProvider(c *exchange.Case, iss string) {
	switch near := NearProvider(s.Providers, iss); {
	case iss == s.IssuerURL && s.Provider != nil:
		p := s.Provider
		c.ProviderARN = p.ARN
		c.Provider = &exchange.Provider{ARN: p.ARN, URL: p.URL, Created: date(p.Created)}
		if p.Read {
			c.Provider.ClientIDs = append([]string{}, p.ClientIDs...)
			c.Provider.Thumbprints = append([]string{}, p.Thumbprints...)
		}
	case len(s.Unseen(FactProvider)) > 0: // nothing is known
	case slices.Contains(s.Providers, template.ProviderARN(s.Partition, s.Account, iss)):
		c.ProviderARN = template.ProviderARN(s.Partition, s.Account, iss)
		c.Provider = &exchange.Provider{ARN: c.ProviderARN, URL: withoutScheme(iss)}
	case near != "":
		_, _, url, _ := trust.SplitProviderARN(near)
		c.Provider = &exchange.Provider{ARN: near, URL: url}
	default:
		c.Provider = &exchange.Provider{Missing: true}
	}
}

// discovery is the look at the issuer as an exchange judges it. That the issuer was not reached
// from here does not mean that AWS cannot reach it.
func (i *Issuer) discovery() *exchange.Discovery {
	d := &exchange.Discovery{
		ChainThumbprint: i.Thumbprint, CertificateError: i.CertificateError,
		HasDocument: i.HasDocument, Issuer: i.Named, Status: i.Status,
	}
	for _, name := range i.Lacking {
		if name != "issuer" {
			d.Missing = append(d.Missing, name)
		}
	}
	return d
}

// NearProvider returns the ARN among those given that somebody who meant the issuer most likely
// made: another letter case, a slash more or less, a part of the path. It is "" if none is near
// or one is exactly right.
func NearProvider(arns []string, issuerURL string) string {
	want := withoutScheme(issuerURL)
	near, most := "", 0
	for _, arn := range arns {
		_, _, url, ok := trust.SplitProviderARN(arn)
		if !ok || url == want {
			continue
		}
		if n := alike(url, want); n > most {
			near, most = arn, n
		}
	}
	return near
}

// alike is 0 for URLs that have nothing to do with each other.
func alike(a, b string) int {
	a, b = strings.ToLower(strings.TrimRight(a, "/")), strings.ToLower(strings.TrimRight(b, "/"))
	hostA, pathA, _ := strings.Cut(a, "/")
	hostB, pathB, _ := strings.Cut(b, "/")
	switch {
	case a == b:
		return 3
	case hostA != hostB:
		return 0
	case strings.HasPrefix(pathA, pathB) || strings.HasPrefix(pathB, pathA):
		return 2
	}
	return 0 // another tenant's path on the same host
}

func controlPolicies(levels []Level) (list []exchange.OrgPolicy) {
	for _, l := range levels {
		for _, p := range l.Policies {
			if p.Document != "" {
				list = append(list, exchange.OrgPolicy{Name: l.naming(p), Document: []byte(p.Document)})
			}
		}
	}
	return list
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
