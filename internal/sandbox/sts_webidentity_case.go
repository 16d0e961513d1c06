package sandbox

import (
	"strings"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/jwks"
)

// newCase is what is known of an exchange before the role's account is looked at: the request and
// the issuer. Role and provider are missing until [account.describe] finds them.
func (in *webIdentityInput) newCase(c *call) *exchange.Case {
	facts := &exchange.Case{
		Platform: exchange.AWS, Request: in.request, Now: c.now,
		Role: exchange.Role{Missing: true}, Provider: &exchange.Provider{Missing: true},
	}
	if t := in.token; t != nil {
		facts.Token, facts.HasHeader = t, true
		discovery, keys := c.sandbox.lookAtIssuer(c.request.Context(), t.Issuer())
		facts.Discovery = discovery
		facts.Keys = keys.Entries(keys.Verifying(t.SigningInput, t.Signature(), t.Header.Alg))
	}
	return facts
}

// describe adds what the account has of it: the role of a name, the provider of the token's issuer and
// the RCPs that bind the account. Those of AWS itself allow everything.
func (a *account) describe(facts *exchange.Case, roleName string) error {
	levels, err := a.sandbox.controlPolicies(a.Account, resourceControl)
	if err != nil {
		return err
	}
	for _, level := range levels {
		for _, p := range level {
			if !p.AWS {
				facts.Organization.ResourceControl = append(facts.Organization.ResourceControl, exchange.OrgPolicy{Name: p.Name, Document: []byte(p.Content)})
			}
		}
	}
	if r := a.state.Roles[nameKey(roleName)]; r != nil {
		facts.Role = exchange.Role{ARN: a.roleARN(r), Name: r.Name, MaxSessionDuration: r.MaxSession}
		facts.Policy = []byte(r.Trust)
	}
	if facts.Token == nil {
		return nil
	}
	url, isHTTPS := strings.CutPrefix(facts.Token.Issuer(), "https://")
	if p := a.state.Providers[url]; isHTTPS && p != nil {
		facts.Provider = &exchange.Provider{
			ARN: a.providerARN(p.URL), URL: p.URL, Thumbprints: p.Thumbprints,
			ClientIDs: append([]string{}, p.ClientIDs...), // known, be there none
		}
	}
	return nil
}

// noKeys is a key set that could not be had.
func noKeys() *jwks.Set { return &jwks.Set{Keys: []jwks.Key{}} }
