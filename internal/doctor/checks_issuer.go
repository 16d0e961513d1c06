package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/issuer"
	"github.com/forgecroft/fcoidc/internal/template"
)

func issuerChecks() []Check {
	return []Check{
		{Name: "issuer_reachable", Title: "the issuer's documents can be fetched", Category: CategoryIssuer, Needs: []Fact{FactIssuer}, run: issuerReachable},
		{
			Name: "issuer_document", Title: "the discovery document is the issuer's", Category: CategoryIssuer,
			After: []string{"issuer_reachable"}, run: issuerDocument,
		},
		{
			Name: "issuer_keys", Title: "the issuer's keys can be used", Category: CategoryIssuer,
			After: []string{"issuer_reachable"}, run: issuerKeys,
		},
	}
}

// keyCodes are the problems of an issuer's keys, documentCodes those of its document. All others
// are met on the way to them.
var (
	keyCodes = []string{
		issuer.CodeJWKSURI, issuer.CodeJWKSHost, issuer.CodeJWKSInvalid, issuer.CodeJWKSNoKey, issuer.CodeJWKSTooMany,
		issuer.CodeJWKSDuplicate, issuer.CodeJWKSKeyUnusable, issuer.CodeJWKSKeyNote, issuer.CodeJWKSPrivate,
	}
	documentCodes = []string{
		issuer.CodeIssuerMismatch, issuer.CodeDiscoveryInvalid, issuer.CodeDiscoveryField, issuer.CodeDiscoveryAlg, issuer.CodeDiscoveryClaims,
	}
)

const noLookAtIssuer = "nobody looked at the issuer"

func issuerReachable(t *target) answerOf {
	i := t.s.Issuer
	if i == nil {
		return answerOf{skip: noLookAtIssuer}
	}
	var list []Finding
	for _, p := range i.Problems {
		if !slices.Contains(keyCodes, p.Code) && !slices.Contains(documentCodes, p.Code) {
			list = append(list, i.unreachable(p))
		}
	}
	return found(fmt.Sprintf("%s answers %d", i.DiscoveryURL, i.Status), list...)
}

// unreachable words a problem on the way to the issuer's documents. Where the issuer's own host
// answered wrongly AWS meets the same; where none was reached it may be this machine's network.
func (i *Issuer) unreachable(p IssuerProblem) Finding {
	f := i.finding(p)
	if !f.Severity.AtLeast(Failure) {
		return f
	}
	f.Code = "discovery_unreachable"
	if !i.Connected {
		f.Code, f.Severity = "issuer_unreachable_from_here", Warning
		f.Summary += "; from this machine, at least"
		f.Fix = "see whether it answers from elsewhere: curl -sS -o /dev/null -w '%{http_code}' " + i.DiscoveryURL
	}
	return f
}

func (i *Issuer) finding(p IssuerProblem) Finding {
	f := Finding{Code: p.Code, Severity: Severity(p.Severity), Subject: i.URL, Summary: p.Summary, Expected: p.Expected, Found: p.Found, Fix: p.Fix}
	if f.Severity.AtLeast(Warning) {
		f.Fix = operatorFix(i.URL, f.Fix)
	}
	return f
}

// operatorFix is a fix that is the work of whoever runs an issuer. Forgecroft's customers do not run
// theirs.
func operatorFix(issuerURL, fix string) string {
	if issuerURL != template.DefaultIssuer {
		return fix
	}
	return withoutScheme(issuerURL) + " is Forgecroft's: tell its support (" + fix + "); meanwhile trigger the run again"
}

func issuerDocument(t *target) answerOf {
	i := t.s.Issuer
	if i == nil {
		return answerOf{skip: noLookAtIssuer}
	}
	if !i.HasDocument && !slices.ContainsFunc(i.Problems, func(p IssuerProblem) bool { return p.Code == issuer.CodeDiscoveryInvalid }) {
		return answerOf{skip: "there is no document"}
	}
	var list []Finding
	for _, p := range i.Problems {
		if !slices.Contains(documentCodes, p.Code) {
			continue
		}
		f := i.finding(p)
		if f.Code == issuer.CodeIssuerMismatch {
			f.Code = "issuer_document_mismatch" // the issuer's own code is a provider's fault here
		}
		list = append(list, f)
	}
	return found("it names "+i.Named, list...)
}

func issuerKeys(t *target) answerOf {
	i := t.s.Issuer
	if i == nil {
		return answerOf{skip: noLookAtIssuer}
	}
	var list []Finding
	for _, p := range i.Problems {
		if slices.Contains(keyCodes, p.Code) {
			list = append(list, i.finding(p))
		}
	}
	if len(list) == 0 && !i.HasKeys {
		return answerOf{skip: "there are no keys"}
	}
	return found(count(len(i.Keys), "key", "keys"), list...)
}

// connectFailures are the words in which CloudFormation passes on that IAM could not reach an
// issuer (Forgecroft's page on AWS; GitLab's troubleshooting page).
var connectFailures = []string{"could not connect to", "openid configuration", "communication error", "openididpcommunication"}

// couldNotConnect reports whether a stack failed since AWS could not read the issuer's document.
func couldNotConnect(reason string) bool {
	reason = strings.ToLower(reason)
	return slices.ContainsFunc(connectFailures, func(words string) bool { return strings.Contains(reason, words) })
}
