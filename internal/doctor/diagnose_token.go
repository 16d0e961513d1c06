package doctor

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// sentToken looks for a token of another purpose.
func (d *diagnoser) sentToken() {
	t, q := d.c.Token, &d.c.Request
	x := Diagnosis{Cause: "wrong_token", Expected: "the ID token that the issuer made for this exchange", Fix: "fcoidc decode --token-file <the file that is sent>"}
	source := strings.ToLower(q.TokenSource)
	switch {
	case strings.Contains(source, "request_token"):
		x.Summary, x.Found = "the token that is sent is the one to ask for ID tokens with", q.TokenSource
		x.Fix = "let the action fetch the ID token, or ask ACTIONS_ID_TOKEN_REQUEST_URL for one and send that"
	case strings.Contains(source, "access"), strings.Contains(source, "refresh"):
		x.Summary, x.Found = "an access or refresh token is sent in place of an ID token", q.TokenSource
	case t != nil && t.IsRequestToken():
		x.Summary, x.Found = "the token that is sent is the one with which a GitHub job asks for ID tokens", "a token without sub"
		x.Fix = "let the action fetch the ID token, or ask ACTIONS_ID_TOKEN_REQUEST_URL for one and send that"
	case t != nil && d.v.Has(exchange.ClaimMissing) && t.Subject() == "" && len(t.Audience()) == 0 && len(t.Claims) > 0:
		x.Summary, x.Found = "the token says neither whom it is about nor whom it is for: it is no ID token", "a token without sub and aud"
	case t != nil && d.refused() && namesItselfAccess(d.c):
		x.Summary, x.Found = "an access token is sent in place of an ID token", "a token that names itself an access token"
	case t != nil && d.refused() && otherService(t.Audience()) != "":
		x.Summary, x.Found = "the token is meant for another service: "+otherService(t.Audience()), "aud "+strings.Join(t.Audience(), ", ")
		x.Fix = "send the token that was made for AWS; in a pod that is the one that AWS_WEB_IDENTITY_TOKEN_FILE names, /var/run/secrets/eks.amazonaws.com/serviceaccount/token"
	case t == nil && !q.HasToken && d.c.Policy == nil && d.symptom.class == classSTS && d.c.Symptom.Message == "" && slices.Contains(d.symptom.causes, "wrong_token"):
		d.suggest(Diagnosis{Cause: "wrong_token", Summary: "what was sent may be no token at all", Expected: x.Expected, Fix: x.Fix}, 0)
		return
	default:
		return
	}
	d.show(x, -10) // it explains the claims that are missing
}

// issuerProblems are those that a token of another issuer than the account trusts must have.
var issuerProblems = []exchange.Kind{
	exchange.ProviderMissing, exchange.IssuerURLMismatch, exchange.DiscoveryBad, exchange.AudNotInProvider, exchange.NotTrusted,
	exchange.TagSessionMissing, exchange.SourceIdentityNotOK,
}

// foreignToken looks for a token that does not come from the issuer that the account is set up for:
// one that names no issuer, or another one where the trust policy is made for Forgecroft alone.
// What else is in the way then says nothing about the account.
func (d *diagnoser) foreignToken() bool {
	t := d.c.Token
	if t == nil || len(d.v.Problems) == 0 || d.c.Policy == nil || d.forgecroft() {
		return false
	}
	if t.Issuer() == "" {
		return d.v.Has(exchange.ClaimMissing)
	}
	if nearHost(t.Issuer(), template.DefaultIssuer) || !d.trustsForgecroftAlone() {
		return false
	}
	ours := withoutScheme(template.DefaultIssuer)
	d.explain(Diagnosis{
		Cause: "wrong_token", Summary: "the token is of another issuer than the role trusts: it is no token of a Forgecroft run",
		Expected: "iss " + template.DefaultIssuer, Found: "iss " + t.Issuer(), Compares: true,
		Evidence: []string{"the trust policy names the provider of " + ours + " and no other"},
		Fix:      "send the token of the Forgecroft run:\nfcoidc decode --token-file <the file that is sent>",
	}, 0)
	return true
}

// trustsForgecroftAlone reports whether every provider that the trust policy names is Forgecroft's.
func (d *diagnoser) trustsForgecroftAlone() bool {
	if d.v.Policy == nil || d.v.Policy.Document == nil {
		return false
	}
	found := false
	for i := range d.v.Policy.Document.Statements {
		s := &d.v.Policy.Document.Statements[i]
		if s.Principal == nil || s.Effect != policy.Allow {
			continue
		}
		for _, e := range s.Principal.Entries {
			if e.Kind.Text != "Federated" {
				continue
			}
			if _, _, path, _ := trust.SplitProviderARN(e.ID.Text); path != withoutScheme(template.DefaultIssuer) {
				return false
			}
			found = true
		}
	}
	return found
}

// nearHost reports whether two URLs have the same host or hosts of one domain, letter case aside:
// who meant the one may have written the other.
func nearHost(a, b string) bool { return strings.EqualFold(domainOf(a), domainOf(b)) }

// domainOf is the end of a URL's host, from the last dot but one on.
func domainOf(url string) string {
	host, _, _ := strings.Cut(withoutScheme(url), "/")
	host, _, _ = strings.Cut(host, ":")
	if i := strings.LastIndexByte(host, '.'); i > 0 {
		return host[strings.LastIndexByte(host[:i], '.')+1:]
	}
	return host
}

// refused reports whether AWS refuses the exchange, by the case or by what somebody saw.
func (d *diagnoser) refused() bool {
	return d.v.Decision == exchange.Deny || d.symptom.class != classNone
}

// namesItselfAccess reports whether a token says that it is no ID token: Cognito's token_use,
// Keycloak's typ, the type of RFC 9068.
func namesItselfAccess(c *exchange.Case) bool {
	switch strings.ToLower(textClaim(c, "typ")) {
	case "bearer", "refresh", "offline":
		return true
	}
	return textClaim(c, "token_use") == "access" || strings.EqualFold(c.Token.Header.Typ, "at+jwt")
}

// otherService names the service whose audience a token carries, where nobody registers that
// with AWS.
func otherService(audience []string) string {
	for _, aud := range audience {
		switch {
		case strings.Contains(aud, "kubernetes.default.svc"):
			return "the Kubernetes API"
		case aud == "00000003-0000-0000-c000-000000000000", strings.HasPrefix(aud, "https://graph.microsoft.com"):
			return "Microsoft Graph"
		}
	}
	return ""
}

func textClaim(c *exchange.Case, name string) string {
	v, _ := c.Token.Claim(name)
	var one [1]string
	values, _ := v.AppendStrings(one[:0])
	if len(values) != 1 {
		return ""
	}
	return values[0]
}
