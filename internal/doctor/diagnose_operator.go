package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// comparedWith is what the operators of a family compare, in words.
var comparedWith = map[policy.Family]string{
	policy.NumericFamily: "numbers", policy.DateFamily: "dates", policy.BoolFamily: "true and false",
	policy.BinaryFamily: "bytes given as base64", policy.IPFamily: "IP addresses", policy.ARNFamily: "ARNs",
}

// comparesOthers reports whether a condition fails because its operator is not made for texts such
// as the one found.
func comparesOthers(c *policy.ConditionTrace) bool {
	if comparedWith[c.Condition.Operator.Family] == "" || len(c.Found) == 0 || len(c.Condition.Values) == 0 {
		return false
	}
	found := c.Found[max(c.FoundAt, 0)]
	return c.Why == policy.NotComparable || c.Why == policy.Differs &&
		slices.ContainsFunc(c.Condition.Values, func(v policy.Value) bool { return v.Text == found })
}

// wrongOperator explains a condition whose operator is not made for texts.
func (d *diagnoser) wrongOperator(c *policy.ConditionTrace, name string) Diagnosis {
	found, values := c.Found[max(c.FoundAt, 0)], valueTexts(c)
	op := policy.Operator{Set: c.Condition.Operator.Set, Base: "StringEquals"}
	if c.Condition.Operator.Negated {
		op.Base = "StringNotEquals"
	}
	switch {
	case slices.Contains(values, found):
	case slices.ContainsFunc(values, func(v string) bool { return policy.Like(v, found) }):
		op.Base = strings.Replace(op.Base, "Equals", "Like", 1)
	case len(values) == 1 && !c.Condition.Operator.Negated && !slices.Contains(ownClaims, strings.ToLower(name)):
		values = []string{found} // who may get in is the policy's to say, and no token's
	}
	return Diagnosis{
		Cause: "condition_operator_wrong", Expected: op.String(), Found: c.Condition.OperatorName.Text,
		Summary: fmt.Sprintf("%s compares %s only, and %s is a text", c.Condition.OperatorName.Text, comparedWith[c.Condition.Operator.Family], name),
		Fix:     d.conditionFix(op.String(), c.Condition.Key.Text, values),
		Place:   d.source(c.Condition.OperatorName.Span, "not made for texts"),
	}
}

// absence explains a condition that wants a claim not to be there.
func (d *diagnoser) absence(c *policy.ConditionTrace, name string) Diagnosis {
	key := c.Condition.Key.Text
	x := Diagnosis{
		Cause: "claim_value_mismatch", Summary: fmt.Sprintf("Null with true wants a token without %s, and this one carries it", name),
		Expected: "a token without " + name, Found: strings.Join(c.Found, ", "), Compares: true,
		Fix: d.conditionFix("StringEquals", key, c.Found[:1]),
	}
	if d.tests(name) {
		x.Fix = d.conditionFix(c.Condition.OperatorName.Text, key, []string{"false"})
	}
	return x
}

// ownClaims say who a token is for: a policy names the values that it admits, and shuts out none.
var ownClaims = []string{"aud", "org_id", "phase", "workspace_id"}

// shutOut explains a negated condition that keeps the token out.
func (d *diagnoser) shutOut(c *policy.ConditionTrace, name string) Diagnosis {
	x := Diagnosis{
		Cause: "claim_value_mismatch", Summary: fmt.Sprintf("the trust policy shuts out this value of %s", name),
		Expected: expectedText(c), Found: c.Found[max(c.FoundAt, 0)], Compares: true,
		Fix: "drop the condition, or take the value out of it",
	}
	if slices.Contains(ownClaims, strings.ToLower(name)) {
		op := c.Condition.Operator
		op.Base, op.IfExists = strings.Replace(op.Base, "Not", "", 1), false
		x.Summary += ": " + c.Condition.OperatorName.Text + " admits all others in its place"
		x.Fix = d.conditionFix(op.String(), c.Condition.Key.Text, valueTexts(c))
	}
	return x
}

// severalValues explains a condition whose operator takes one value, while the token has several.
func (d *diagnoser) severalValues(c *policy.ConditionTrace, name string) Diagnosis {
	op := c.Condition.Operator
	op.Set = policy.ForAnyValue
	return Diagnosis{
		Cause: "claim_value_mismatch", Summary: fmt.Sprintf("the token has several values for %s, and %s takes one", name, c.Condition.OperatorName.Text),
		Expected: expectedText(c), Found: strings.Join(c.Found, ", "), Compares: true,
		Fix: d.conditionFix(op.String(), c.Condition.Key.Text, valueTexts(c)),
	}
}

// tests reports whether some statement holds a positive condition on a claim that the token meets.
func (d *diagnoser) tests(claim string) bool {
	for i := range d.v.Trace.Statements {
		for j := range d.v.Trace.Statements[i].Conditions {
			c := &d.v.Trace.Statements[i].Conditions[j]
			if _, name, _ := d.splitKey(c.Condition.Key.Text); c.Holds && strings.EqualFold(name, claim) && len(c.Found) > 0 && !c.Condition.Operator.Negated {
				return true
			}
		}
	}
	return false
}
