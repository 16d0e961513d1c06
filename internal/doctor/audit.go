package doctor

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

func unreadable(p *exchange.Policy) Finding {
	return Finding{
		Code: "policy_unreadable", Severity: Failure, Subject: "trust policy",
		Summary: p.Err.Error(), Expected: "a policy document with one meaning",
		Fix: "mend the document at " + p.Err.Problems[0].Span.Start.String(),
	}
}

// audit says what is wrong with a case's trust policy that can be read, whatever the token.
func (e *Examiner) audit(c *exchange.Case, v *exchange.Verdict) []Finding {
	o := trust.Options{Table: e.table, Keys: e.judge.Keys(), ProviderARN: v.ProviderARN}
	if _, account, _, ok := exchange.SplitRoleARN(c.RoleARN()); ok {
		o.RoleAccount = account
	}
	if c.Provider != nil {
		o.Audiences = c.Provider.ClientIDs
	}
	if c.Token != nil {
		o.Tenant = tenant(c.Token)
		provider := v.Provider
		o.Provider = &provider
	}
	list := HoleFindings(v.Policy.Document, "trust policy", trust.Audit(v.Policy.Document, o).Holes)
	slices.SortStableFunc(list, func(a, b Finding) int { // first what keeps the policy from being a role's at all
		return cmp.Compare(notStorable(a), notStorable(b))
	})
	if v.AccountAssumed {
		for i := range list {
			for _, text := range []*string{&list[i].Summary, &list[i].Fix} {
				*text = strings.ReplaceAll(*text, exchange.ExampleAccount, anyAccount)
			}
		}
	}
	return list
}

func notStorable(f Finding) int {
	if f.Code == trust.PolicyNotStorable {
		return 0
	}
	return 1
}

// tenant is the organization that a token names, "" if it names none.
func tenant(t *claims.Token) string {
	id, _ := t.Claim("org_id")
	values, _ := id.Strings()
	if len(values) != 1 {
		return ""
	}
	return values[0]
}

// HoleFindings turns the holes of a policy into findings about subject.
func HoleFindings(doc *policy.Document, subject string, holes []trust.Hole) []Finding {
	findings := make([]Finding, 0, len(holes))
	for i := range holes {
		h := &holes[i]
		f := Finding{Code: h.Code, Severity: Severity(h.Severity), Subject: subject, Summary: h.Summary}
		if h.Statement >= 0 && h.Statement < len(doc.Statements) {
			f.Subject = fmt.Sprintf("%s, statement %d, line %d", subject, h.Statement+1, h.Span.Start.Line)
			f.Fix = without(doc, h)
		}
		if h.Other {
			f.Subject += ", " + escape.Text(h.Principal)
		}
		if h.Admits != "" {
			f.Expected, f.Found = "nobody else admitted", fmt.Sprintf("by statement %d, line %d: %s", h.Statement+1, h.Span.Start.Line, h.Admits)
		}
		if h.Token != nil {
			f.Expected, f.Found = "no token of somebody else admitted", "admitted: "+payload(h.Token)
			if strings.HasPrefix(h.Code, "phase_separation") {
				f.Expected = "no plan token admitted by the apply role"
			}
		}
		if h.Fix != nil {
			f.Fix = string(h.Fix.Statement)
		}
		findings = append(findings, f)
	}
	return findings
}

// without says what to take out of a policy where somebody is named who should not be, "" where that
// is not what is wrong.
func without(doc *policy.Document, h *trust.Hole) string {
	statement := fmt.Sprintf("statement %d", h.Statement+1)
	switch s := &doc.Statements[h.Statement]; {
	case h.Code == trust.OtherPrincipalAdmitted && s.Principal != nil && len(s.Principal.Entries) > 1:
		return "take " + escape.Text(h.Principal) + " out of the Principal of " + statement + ", if it should not get in"
	case h.Code == trust.OtherPrincipalAdmitted, h.Code == trust.OtherOrganizationAdmitted:
		return "take " + statement + " out of the trust policy, if that one should not get in"
	}
	return ""
}

// payload is a token that gets in, with the call that it takes.
func payload(t *trust.Token) string {
	text, err := json.Marshal(t.Claims)
	if err != nil {
		return "a token"
	}
	if len(t.Call) == 0 {
		return string(text)
	}
	call, err := json.Marshal(t.Call)
	if err != nil {
		return string(text)
	}
	return string(text) + " in a call with " + string(call)
}
