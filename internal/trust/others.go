package trust

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

const (
	federated = "Federated"
	aws       = "AWS"
	everybody = "*"

	assumeRole         = "sts:AssumeRole"
	assumeRoleWithSAML = "sts:AssumeRoleWithSAML"
)

func isSAML(e policy.PrincipalEntry) bool {
	return e.Kind.Text == federated && strings.Contains(e.ID.Text, ":saml-provider/")
}

// otherPrincipals reports whom a statement admits besides web identities, each with the call that it makes.
func (a *auditor) otherPrincipals(s *policy.Statement) {
	a.everyone(s)
	if s.Principal == nil {
		return
	}
	for _, e := range s.Principal.Entries {
		call := assumeRole
		switch {
		case isSAML(e):
			call = assumeRoleWithSAML
		case e.Kind.Text == federated:
			continue
		}
		if !s.MatchesAction(call) {
			continue
		}
		admission := a.otherAdmission(s, e, call)
		a.report.Admissions = append(a.report.Admissions, admission)
		if e.ID.Text != everybody && admission.Nobody == "" {
			a.otherPrincipal(s, e, call, admission)
		}
	}
}

// otherAdmission describes what a statement admits of a principal that is no web identity.
func (a *auditor) otherAdmission(s *policy.Statement, e policy.PrincipalEntry, call string) Admission {
	admission := Admission{Statement: s.Index, Span: s.Span, Principal: strings.TrimPrefix(e.Kind.Text+" "+e.ID.Text, " "), Nobody: a.shutOut(s, e, call)}
	admission.Text = escape.Text(admission.Principal) + " by " + call
	switch {
	case admission.Nobody != "":
		admission.Text = "Not " + escape.Text(admission.Principal) + ": " + admission.Nobody
	case len(s.Conditions) > 0:
		admission.Text += ", under conditions"
	}
	admission.Text += "."
	return admission
}

// shutOut says why a statement does not admit a principal that it names, "" if it does.
func (a *auditor) shutOut(s *policy.Statement, e policy.PrincipalEntry, call string) string {
	if e.Kind.Text == aws && e.ID.Text != everybody && accountOf(e.ID.Text) == "" {
		return "an id stands where a principal was that is deleted"
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		key := lowerKey(c.Key.Text)
		if !slices.ContainsFunc([]string{"aws:", "sts:", "saml:"}, func(p string) bool { return strings.HasPrefix(key, p) }) && !c.Judge(policy.Context{}).Holds {
			return "only tokens have the condition key " + quote(c.Key.Text)
		}
	}
	if slices.ContainsFunc(a.denies(e, call), func(d *policy.Statement) bool { return len(d.Conditions) == 0 }) {
		return "a Deny statement shuts it out"
	}
	return ""
}

// denies are the Deny statements that take in a principal's call, under whatever conditions.
func (a *auditor) denies(e policy.PrincipalEntry, call string) (list []*policy.Statement) {
	p := policy.Principal{Kind: e.Kind.Text, ID: e.ID.Text, Account: accountOf(e.ID.Text)}
	if p.Kind == "" {
		p.Kind = aws
	}
	for _, st := range a.doc.Evaluate(policy.Request{Action: call, Principal: &p}).Statements {
		if st.Statement.Effect == policy.Deny && st.Principal.Holds && st.Action.Holds {
			list = append(list, st.Statement)
		}
	}
	return list
}

// accountOf is the account of an AWS principal or a SAML provider, "" if its name does not tell.
func accountOf(id string) string {
	if parts := strings.SplitN(id, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		id = parts[4]
	}
	if len(id) != 12 || strings.Trim(id, "0123456789") != "" {
		return ""
	}
	return id
}

func (a *auditor) otherPrincipal(s *policy.Statement, e policy.PrincipalEntry, call string, admission Admission) {
	h := Hole{
		Code: OtherPrincipalAdmitted, Severity: Warning, Statement: s.Index, Condition: -1, Span: e.ID.Span,
		Principal: admission.Principal, Other: true, Admits: admission.Text, Summary: called(e) + " may assume the role by " + call,
	}
	own, account := a.account(), accountOf(e.ID.Text)
	if foreign := own != "" && account != "" && account != own; foreign {
		h.Summary += ", from outside of account " + own
		if !a.restricted(s, e, call) {
			h.Severity = Critical
			h.Summary += ", and no condition says who of them"
		}
	}
	a.hole(h)
}

// called says who a principal is.
func called(e policy.PrincipalEntry) string {
	name, account := escape.Text(e.ID.Text), accountOf(e.ID.Text)
	switch {
	case e.Kind.Text == "Service":
		return "the service " + name
	case isSAML(e):
		return "whoever " + name + " vouches for"
	case account == e.ID.Text || strings.HasSuffix(e.ID.Text, ":"+account+":root"):
		return "the principals of account " + account
	}
	return name
}

// everyone reports a statement that names everybody: all AWS principals, all providers, or whoever
// is not among a few. Web identities are no AWS principals.
func (a *auditor) everyone(s *policy.Statement) {
	h := Hole{Code: PrincipalEveryone, Statement: s.Index, Condition: -1}
	if s.NotPrincipal != nil && (s.MatchesAction(assumeRole) || s.MatchesAction(Action)) {
		h.Severity, h.Span, h.Summary = Critical, s.NotPrincipal.Span, "whoever is not listed may assume the role; name those that should"
		a.hole(h)
	}
	if s.Principal == nil {
		return
	}
	for _, e := range s.Principal.Entries {
		call, who, names := assumeRole, "every principal of every AWS account", "the accounts or roles"
		switch {
		case e.ID.Text != everybody:
			continue
		case e.Kind.Text == federated, !e.Kind.Present() && !s.MatchesAction(assumeRole):
			call, who, names = Action, "every provider of the account, for all that AWS says,", "the provider"
		case e.Kind.Present() && e.Kind.Text != aws:
			continue
		}
		if !s.MatchesAction(call) || a.shutOut(s, e, call) != "" {
			continue
		}
		h.Severity, h.Span, h.Summary = Critical, e.ID.Span, who+" may assume the role"
		if a.restricted(s, e, call) {
			h.Severity = Warning
			h.Summary += ", if it meets the conditions"
		}
		h.Summary += "; name " + names + " that should"
		a.hole(h)
	}
}

// restricted reports whether a condition says who or whence a caller of a statement has to be, or a
// Deny statement refuses all others.
func (a *auditor) restricted(s *policy.Statement, e policy.PrincipalEntry, call string) bool {
	if slices.ContainsFunc(s.Conditions, func(c policy.Condition) bool { return tellsCaller(&c) && !reachesAll(&c) }) {
		return true
	}
	return slices.ContainsFunc(a.denies(e, call), func(d *policy.Statement) bool {
		return len(d.Conditions) > 0 && !slices.ContainsFunc(d.Conditions, func(c policy.Condition) bool { return !c.Operator.Negated || !tellsCaller(&c) })
	})
}

// callerKeys are condition keys that say who or whence a caller is and that it cannot choose at
// will, as it can its session's name, tags and Region.
var callerKeys = []string{
	"aws:principalarn", "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:principalservicename", "aws:userid", "aws:federatedprovider",
	"aws:sourceip", "aws:vpcsourceip", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths",
	"sts:externalid",
}

func tellsCaller(c *policy.Condition) bool {
	key := lowerKey(c.Key.Text)
	return c.Operator.Family != policy.NullFamily && (slices.Contains(callerKeys, key) || !strings.HasPrefix(key, "aws:") && !strings.HasPrefix(key, "sts:"))
}

// reachesAll reports whether a condition is true of nearly every caller.
func reachesAll(c *policy.Condition) bool {
	return weaknessOf(c, func(policy.Pattern) bool { return true }) != strong ||
		slices.ContainsFunc(c.Values, func(v policy.Value) bool {
			return c.Operator.Family == policy.IPFamily && strings.HasSuffix(v.Text, "/0")
		})
}

// otherProvider reports that tokens of another provider get in than of the one that is asked about.
func (j *judgement) otherProvider(admission Admission) {
	h := Hole{
		Code: OtherPrincipalAdmitted, Severity: Warning, Statement: j.s.Index, Condition: -1, Span: j.entry.ID.Span,
		Principal: j.issuer.arn, Other: true, Admits: admission.Text,
		Summary: "tokens of " + escape.Text(admission.Issuer) + ", another issuer than " + escape.Text(issuerPath(j.o.ProviderARN)) + ", may assume the role",
	}
	if j.open == Critical || j.open == Failure {
		h.Severity = Critical
		h.Summary += ", and no condition says which of them"
	}
	j.auditor.hole(h)
}
