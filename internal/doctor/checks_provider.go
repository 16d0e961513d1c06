package doctor

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/trust"
)

func providerChecks() []Check {
	return []Check{
		{Name: "provider", Title: "the account has a provider for the issuer", Category: CategoryProvider, Needs: []Fact{FactProvider}, run: providerThere},
		{Name: "provider_audience", Title: "the provider knows the tokens' audience", Category: CategoryProvider, After: []string{"provider"}, run: providerAudience},
		{Name: "provider_thumbprint", Title: "AWS trusts the issuer's certificate", Category: CategoryProvider, After: []string{"provider", "issuer_reachable"}, run: providerThumbprint},
		{Name: "provider_owner", Title: "the provider is the stack's", Category: CategoryProvider, After: []string{"provider"}, run: providerOwner},
	}
}

func providerThere(t *target) answerOf {
	if p := t.s.Provider; p != nil {
		return found(p.ARN)
	}
	if len(t.s.Unseen(FactProvider)) > 0 {
		return answerOf{}
	}
	if t.stackDead() {
		return answerOf{skip: "the stack that makes it was not made"}
	}
	f := Finding{
		Code: "provider_missing", Severity: Failure, Subject: t.s.IssuerURL, Summary: "the account has no identity provider for " + t.s.IssuerURL,
		Expected: template.ProviderARN(t.s.Partition, t.s.Account, t.s.IssuerURL), Found: "none",
		Fix: t.createProvider(),
	}
	if near := NearProvider(t.s.Providers, t.s.IssuerURL); near != "" {
		_, _, url, _ := trust.SplitProviderARN(near)
		f.Code, f.Subject, f.Found = "issuer_url_mismatch", near, "https://"+url
		f.Expected = t.s.IssuerURL
		f.Summary = "the account's provider is for another URL than the issuer's: " + nearMiss(t.s.IssuerURL, "https://"+url)
	}
	return found("", f)
}

// createProvider makes the provider that the roles trust. An update of the stack would not bring
// it back: CloudFormation does not see that it is gone.
func (t *target) createProvider() string {
	words := []string{
		"aws iam create-open-id-connect-provider --url", escape.Shell(t.s.IssuerURL), "--client-id-list", escape.Shell(t.audience()),
	}
	if s := t.s.Stack(); s != nil && s.Ours && s.Parameters[template.ParamCreateProvider] != "false" {
		words = append(words, "--thumbprint-list", template.WithDefaults(s.Parameters)[template.ParamThumbprint], "--tags", "Key="+template.TagManagedBy+",Value="+template.ManagedBy, "Key="+template.TagStackID+",Value="+escape.Shell(s.ID))
	}
	return strings.Join(words, " ")
}

// audience is that of the tokens: what the stack was told, or the default.
func (t *target) audience() string {
	if s := t.s.Stack(); s != nil && s.Parameters[template.ParamAudience] != "" {
		return s.Parameters[template.ParamAudience]
	}
	return template.DefaultAudience
}

func providerAudience(t *target) answerOf {
	p := t.s.Provider
	if p == nil || !p.Read {
		return answerOf{skip: "the provider could not be read"}
	}
	audience := t.audience()
	if slices.Contains(p.ClientIDs, audience) {
		return found(audience)
	}
	return found("", Finding{
		Code: "aud_not_in_provider", Severity: Failure, Subject: p.ARN, Summary: "the provider does not list the audience " + audience + " among its client ids",
		Expected: audience, Found: orElse(strings.Join(p.ClientIDs, ", "), "no client id"), Fix: t.fixAudience(p, audience),
	})
}

// fixAudience registers the audience. From a provider of the stack's it also takes what somebody wrote
// in its place; any other client id may be in use.
func (t *target) fixAudience(p *Provider, audience string) string {
	commands := []string{addClientID(p.ARN, audience)}
	if s := t.s.Stack(); s != nil && p.ManagedBy == template.ManagedBy && p.StackID == s.ID {
		for _, id := range p.ClientIDs {
			if strings.Contains(strings.ToLower(id), "sts.amazon") {
				commands = append(commands, "aws iam remove-client-id-from-open-id-connect-provider --open-id-connect-provider-arn "+escape.Shell(p.ARN)+" --client-id "+escape.Shell(id))
			}
		}
	}
	return strings.Join(commands, commandsInTurn)
}

func providerThumbprint(t *target) answerOf {
	p, i := t.s.Provider, t.s.Issuer
	switch {
	case p == nil || !p.Read:
		return answerOf{skip: "the provider could not be read"}
	case i == nil || i.Thumbprint == "" && i.CertificateError == "":
		return answerOf{skip: "no certificate was seen"}
	case i.CertificateError == "":
		return found("a public authority signed it, so the provider's thumbprints do not matter")
	case slices.ContainsFunc(p.Thumbprints, func(have string) bool { return strings.EqualFold(have, i.Thumbprint) }):
		return found("by the provider's thumbprint")
	}
	return found("", Finding{
		Code: "thumbprint_mismatch", Severity: Failure, Subject: p.ARN,
		Summary:  "AWS does not trust the issuer's certificate (" + i.CertificateError + "), and the provider's thumbprints are of others",
		Expected: i.Thumbprint, Found: orElse(strings.Join(p.Thumbprints, ", "), "no thumbprint"),
		Fix: "aws iam update-open-id-connect-provider-thumbprint --open-id-connect-provider-arn " + escape.Shell(p.ARN) + " --thumbprint-list " + i.Thumbprint,
	})
}

func providerOwner(t *target) answerOf {
	p, s := t.s.Provider, t.s.Stack()
	switch {
	case p == nil || !p.Read:
		return answerOf{skip: "the provider could not be read"}
	case s == nil || !s.Ours:
		return answerOf{skip: "no stack of ours could own it"}
	case p.ManagedBy == template.ManagedBy && (p.StackID == s.ID || s.Parameters[template.ParamCreateProvider] == "false"):
		return found("tagged " + template.TagManagedBy + "=" + template.ManagedBy)
	case s.Parameters[template.ParamCreateProvider] == "false":
		return found("", Finding{
			Code: "provider_not_ours", Severity: Info, Subject: p.ARN, Summary: "the stack uses a provider that was in the account before, as it was told to",
			Expected: "somebody else looks after it", Found: "no tag " + template.TagManagedBy, Fix: "nothing, as long as whoever made it keeps it",
		})
	}
	f := Finding{
		Code: "provider_not_ours", Severity: Warning, Subject: p.ARN, Summary: "the stack made the provider, and it does not carry the stack's tag: fcoidc takes it for somebody else's",
		Expected: template.TagManagedBy + "=" + template.ManagedBy, Found: orElse(p.ManagedBy, "no such tag"),
		Fix: "aws iam tag-open-id-connect-provider --open-id-connect-provider-arn " + escape.Shell(p.ARN) + " --tags Key=" + template.TagManagedBy + ",Value=" + template.ManagedBy +
			" Key=" + template.TagStackID + ",Value=" + escape.Shell(s.ID),
	}
	if p.ManagedBy == template.ManagedBy {
		f.Summary = "the stack made the provider, and its tag " + template.TagStackID + " names another stack"
		f.Expected, f.Found = s.ID, orElse(p.StackID, "no such tag")
	}
	return found("", f)
}
