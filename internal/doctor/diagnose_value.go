package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// likeness is how an expected value relates to the token's.
type likeness struct {
	cause string
	far   int // how little they have in common; 0 is nearest
	words string
}

// value explains a condition whose key is there and holds another value.
func (d *diagnoser) value(c *policy.ConditionTrace, name string) Diagnosis {
	found := c.Found[max(c.FoundAt, 0)]
	if c.Condition.Operator.Negated {
		return Diagnosis{
			Cause: "claim_value_mismatch", Summary: fmt.Sprintf("the trust policy shuts out this value of %s", name),
			Expected: expectedText(c), Found: found, Fix: "drop the condition, or take the value out of it",
		}
	}
	at, l := d.nearestValue(c)
	expected := c.Expected()[at].Text
	x := Diagnosis{Cause: l.cause, Summary: l.words, Expected: expected, Found: found}
	if n := len(c.Condition.Values); n > 1 {
		x.Evidence = append(x.Evidence, fmt.Sprintf("the nearest of %d values that the condition takes", n))
	}
	x.Fix = d.mended(c, l.cause, name, expected, found)
	return x
}

// nearestValue returns the index of the condition's value that comes closest to the token's.
func (d *diagnoser) nearestValue(c *policy.ConditionTrace) (at int, best likeness) {
	_, name, _ := d.splitKey(c.Condition.Key.Text)
	found := ""
	if len(c.Found) > 0 {
		found = c.Found[max(c.FoundAt, 0)]
	}
	for i, e := range c.Expected() {
		if l := d.compare(c.Condition.Operator, name, e.Text, found); i == 0 || l.far < best.far {
			at, best = i, l
		}
	}
	return at, best
}

// farness is how far a failing condition is from holding.
func (d *diagnoser) farness(c *policy.ConditionTrace) int {
	if c.Why != policy.Differs || len(c.Condition.Values) == 0 || c.Condition.Operator.Negated {
		return 9
	}
	_, l := d.nearestValue(c)
	return l.far
}

// compare says what makes an expected value differ from the one found, for a claim.
func (d *diagnoser) compare(op policy.Operator, name, expected, found string) likeness {
	pattern := op.Family == policy.StringFamily && op.Base == "StringLike" || op.Family == policy.ARNFamily
	wild := strings.ContainsAny(expected, "*?")
	name = strings.ToLower(name)
	if other := d.otherClaim(name, expected, found); other != "" {
		return likeness{"condition_key_wrong_claim", 1, fmt.Sprintf("a value meant for %s stands under the key of %s", other, name)}
	}
	if wild && !pattern && op.Family == policy.StringFamily && policy.Like(expected, found) {
		return likeness{"wildcard_without_like", 0, "a wildcard stands under " + op.String() + ", which takes it for a plain character"}
	}
	if foldLike(expected, found, pattern || wild) {
		cause := map[string]string{"sub": "sub_case_mismatch", "aud": "aud_condition_mismatch", "org_id": "org_id_case_mismatch"}[name]
		return likeness{orElse(cause, "claim_value_mismatch"), 0, fmt.Sprintf("the %s of the token and of the trust policy are equal but for letter case, which counts", name)}
	}
	switch name {
	case "sub":
		return d.compareSubjects(expected, found, pattern || wild)
	case "aud", "oaud":
		return d.compareAudiences(name, expected)
	case "phase":
		return likeness{"phase_mismatch", 2, fmt.Sprintf("this role is for the phase %s, and the token is of the phase %s", expected, found)}
	case "org_id":
		return likeness{"org_id_mismatch", 5, "the token is of another Forgecroft organization than the trust policy names"}
	case "workspace_id", "workspace_name":
		return likeness{"workspace_mismatch", 4, "the token is of another workspace than the trust policy names"}
	}
	return likeness{"claim_value_mismatch", 5, fmt.Sprintf("the token's %s is not the one that the trust policy wants", name)}
}

// foldLike compares without regard to letter case, by pattern or exactly.
func foldLike(expected, found string, pattern bool) bool {
	if pattern {
		return policy.Like(strings.ToLower(expected), strings.ToLower(found))
	}
	return strings.EqualFold(expected, found)
}

// otherClaim names the claim that an expected value is meant for, if it is not the one whose
// key it stands under: the value is that claim's, or has the form of a subject.
func (d *diagnoser) otherClaim(name, expected, found string) string {
	if expected == "" {
		return ""
	}
	source := name
	if name == "oaud" {
		source = "aud"
	}
	for _, m := range d.c.Token.Claims {
		if strings.EqualFold(m.Name, source) || m.Name == "azp" || m.Name == "iss" || name == "aud" && m.Name == "aud" {
			continue
		}
		values, _ := m.Value.Strings()
		for _, v := range values {
			if v == expected && v != found || m.Name == "sub" && v != "" && len(expected) > 1 && policy.Like(expected, v) {
				return m.Name
			}
		}
	}
	iss := d.c.Token.Issuer()
	kind, _, _ := claims.SplitSubject(iss, d.c.Token.Subject())
	if meant, _, ok := claims.SplitSubject(iss, expected); name != "sub" && ok && kind != "" && sameKind(kind, meant) && !strings.Contains(expected, "://") {
		return "sub"
	}
	return ""
}

// sameKind reports whether two formats of subjects are of one issuer's.
func sameKind(a, b string) bool {
	return strings.TrimSuffix(a, "_immutable") == strings.TrimSuffix(b, "_immutable")
}

func (d *diagnoser) compareAudiences(name, expected string) likeness {
	t := d.c.Token
	if azp := t.AZP(); name == "aud" && azp != "" && slices.Contains(t.Audience(), expected) {
		return likeness{"aud_condition_mismatch", 2, "the token carries azp, which the key aud then holds; what is in aud is under the key oaud"}
	}
	return likeness{"aud_condition_mismatch", 4, "the trust policy wants another audience than the token has"}
}

// mended is the condition or the command that makes the exchange work.
func (d *diagnoser) mended(c *policy.ConditionTrace, cause, name, expected, found string) string {
	key := c.Condition.Key.Text
	switch cause {
	case "wildcard_without_like":
		operator := strings.Replace(c.Condition.Operator.String(), "StringEquals", "StringLike", 1)
		operator = strings.Replace(operator, "IgnoreCase", "", 1)
		return d.conditionFix(operator, key, valueTexts(c))
	case "condition_key_wrong_claim":
		return d.conditionFix(c.Condition.OperatorName.Text, d.v.Provider.KeyPrefix+":"+d.otherClaim(strings.ToLower(name), expected, found), []string{expected})
	case "phase_mismatch":
		return "let plan runs assume the plan role and apply runs the apply role: fcoidc outputs prints both ARNs"
	case "org_id_case_mismatch":
		return "fcoidc bootstrap --org-id " + found + " --allow-trust-change"
	case "org_id_mismatch":
		return "compare with Forgecroft → Settings → Organization; if the token's is yours: fcoidc bootstrap --org-id " + found + " --allow-trust-change"
	case "workspace_mismatch":
		return "fcoidc bootstrap --workspace-id <the workspace's UUID> --allow-trust-change"
	case "aud_condition_mismatch":
		if d.c.Token.AZP() != "" && slices.Contains(d.c.Token.Audience(), expected) {
			return d.conditionFix(c.Condition.OperatorName.Text, d.v.Provider.KeyPrefix+":oaud", []string{expected})
		}
	case "sub_case_mismatch":
		return d.conditionFix(c.Condition.OperatorName.Text, key, []string{recase(expected, found)})
	}
	return d.valueFix(c, found)
}

// recase writes a pattern with the letter case of the text that it matches otherwise, as far as
// the two run alike; where they do not, it is the text.
func recase(pattern, text string) string {
	p, t := []rune(pattern), []rune(text)
	for i, r := range p {
		if r == '*' || r == '?' {
			return string(t[:i]) + string(p[i:])
		}
		if i >= len(t) || !strings.EqualFold(string(r), string(t[i])) {
			return text
		}
	}
	return text
}
