package trust

import (
	"fmt"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// admission describes whom a statement admits from one provider.
func (m *model) admission(s *policy.Statement, roleAccount string) Admission {
	a := Admission{Statement: s.Index, Span: s.Span, Principal: m.issuer.arn, Issuer: "https://" + m.issuer.KeyPrefix}
	for i := range s.Conditions {
		a.Constraints = append(a.Constraints, m.constraint(i, &s.Conditions[i]))
	}
	a.Nobody = m.nobody(s, roleAccount)
	if a.Nobody != "" {
		a.Text = "No token of " + escape.Text(a.Issuer) + ": " + a.Nobody + "."
		return a
	}
	a.Text = "Tokens of " + escape.Text(a.Issuer)
	if len(a.Constraints) == 0 {
		a.Text = "Every token of " + escape.Text(a.Issuer)
	}
	var demands []string
	for _, c := range a.Constraints {
		demands = append(demands, c.Text)
	}
	if len(demands) > 0 {
		a.Text += " of which " + listed(demands)
	}
	if m.denied(s) {
		a.Text += ", unless a Deny statement matches"
	}
	a.Text += "."
	return a
}

func (m *model) constraint(i int, c *policy.Condition) Constraint {
	s := m.issuer.source(c.Key.Text)
	missing := c.Judge(policy.Context{})
	return Constraint{
		Condition: i, Key: c.Key.Text, Claim: s.claim, Basis: s.basis,
		Operator: c.Operator.String(), Values: valueTexts(c.Values), IfMissing: missing.Holds,
		Text: demand(c, s), Span: policy.Span{Start: c.Key.Span.Start, End: c.ValuesSpan.End},
	}
}

// nobody says why a statement admits no token, "" if it admits one.
func (m *model) nobody(s *policy.Statement, roleAccount string) string {
	if roleAccount != "" && m.issuer.account != "" && m.issuer.account != roleAccount {
		return fmt.Sprintf("the provider belongs to account %s, and STS looks for it in the role's, %s", m.issuer.account, roleAccount)
	}
	if m.solve(query{goals: []goal{{0, s.Index}}}, possible) != nil || m.incomplete {
		return ""
	}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if m.issuer.source(c.Key.Text).origin == never && !c.Judge(policy.Context{}).Holds {
			return "AWS has no condition key " + quote(c.Key.Text) + " for this provider, and the condition wants it to be there"
		}
	}
	alone := &model{issuer: m.issuer, docs: m.docs, conditions: m.conditions, dependent: m.dependent, first: m.first, variables: m.variables, onlyAllow: true}
	if alone.solve(query{goals: []goal{{0, s.Index}}}, possible) == nil {
		return "no token meets all of its conditions"
	}
	return "a Deny statement takes in all whom it admits"
}

// denied reports whether some Deny statement can match tokens of the provider.
func (m *model) denied(s *policy.Statement) bool {
	for _, st := range m.docs[0].Evaluate(m.request(Action, nil)).Statements {
		if st.Statement.Effect == policy.Deny && st.Statement != s && base(&st).may(true, possible) {
			return true
		}
	}
	return false
}
