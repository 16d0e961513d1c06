package doctor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// likeness is how an expected value relates to the token's.
type likeness struct {
	cause string
	far   int // how little they have in common; 0 is nearest
	words string

	respelt bool // the two mean the same, and what differs may not show

	also, alsoWords string // a second cause in the same value, "" if there is none
}

// value explains a condition whose key is there and holds another value. Where two faults meet in
// one value there are two causes.
func (d *diagnoser) value(c *policy.ConditionTrace, name string) []Diagnosis {
	found := c.Found[max(c.FoundAt, 0)]
	at, l := d.nearestValue(c)
	x := Diagnosis{Cause: l.cause, Summary: l.words, Expected: c.Expected()[at].Text, Found: found, Compares: true}
	switch {
	case l.cause == valuePlaceholder:
		x.Expected = c.Condition.Values[at].Text
	case l.respelt:
		x.Expected, x.Found = strconv.Quote(x.Expected), strconv.Quote(found) // so that their ends show
	}
	if n := len(c.Condition.Values); n > 1 {
		x.Evidence = append(x.Evidence, fmt.Sprintf("the nearest of %d values that the condition takes", n))
	}
	x.Fix = d.mended(c, l.cause, name, at, found)
	if l.also == "" {
		return []Diagnosis{x}
	}
	y := x
	y.Cause, y.Summary = l.also, l.alsoWords
	return []Diagnosis{x, y}
}

// nearness is the value of a condition that comes closest to the token's.
type nearness struct {
	condition *policy.ConditionTrace
	at        int
	likeness  likeness
}

// nearestValue returns the index of the condition's value that comes closest to the token's.
func (d *diagnoser) nearestValue(c *policy.ConditionTrace) (at int, best likeness) {
	for i := range d.nearest {
		if n := &d.nearest[i]; n.condition == c {
			return n.at, n.likeness
		}
	}
	at, best = d.findNearest(c)
	d.nearest = append(d.nearest, nearness{c, at, best})
	return at, best
}

func (d *diagnoser) findNearest(c *policy.ConditionTrace) (at int, best likeness) {
	_, name, _ := d.splitKey(c.Condition.Key.Text)
	found := ""
	if len(c.Found) > 0 {
		found = c.Found[max(c.FoundAt, 0)]
	}
	for i, e := range c.Expected() {
		var l likeness
		if e.Null {
			l = unfilled(name, e.Value.Text)
		} else {
			l = d.compare(c.Condition.Operator, name, e.Text, found)
		}
		if i == 0 || l.far < best.far {
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
		return likeness{cause: "condition_key_wrong_claim", far: 1, words: fmt.Sprintf("a value meant for %s stands under the key of %s", other, name)}
	}
	if wild && !pattern && op.Family == policy.StringFamily && policy.Like(expected, found) {
		return likeness{cause: "wildcard_without_like", far: 0, words: "a wildcard stands under " + op.String() + ", which takes it for a plain character"}
	}
	if foldLike(expected, found, pattern || wild) {
		if wild && !pattern && !strings.EqualFold(expected, found) {
			return likeness{
				cause: "wildcard_without_like", far: 1, words: "a wildcard stands under " + op.String() + ", which takes it for a plain character",
				also: orElse(caseCauses[name], "claim_value_mismatch"), alsoWords: fmt.Sprintf("the %s of the token and of the trust policy differ in letter case as well", name),
			}
		}
		return likeness{cause: orElse(caseCauses[name], "claim_value_mismatch"), far: 0, words: fmt.Sprintf("the %s of the token and of the trust policy are equal but for letter case, which counts", name)}
	}
	if l, ok := slip(name, expected, found, pattern || wild); ok {
		return l
	}
	switch name {
	case "sub":
		l := d.compareSubjects(expected, found, pattern || wild)
		if wild && !pattern && l.also == "" {
			l.also, l.alsoWords = "wildcard_without_like", "a wildcard stands under "+op.String()+" as well, which takes it for a plain character"
		}
		return l
	case "aud", "oaud":
		return d.compareAudiences(name, expected)
	case "phase":
		return likeness{cause: "phase_mismatch", far: 2, words: fmt.Sprintf("the trust policy is for tokens of the phase %s, not %s", expected, found)}
	case "org_id":
		return likeness{cause: "org_id_mismatch", far: 5, words: "the token is of another Forgecroft organization than the trust policy names"}
	case "workspace_id", "workspace_name":
		return likeness{cause: "workspace_mismatch", far: 4, words: "the token is of another workspace than the trust policy names"}
	}
	return likeness{cause: "claim_value_mismatch", far: 5, words: fmt.Sprintf("the token's %s is not the one that the trust policy wants", name)}
}

// caseCauses are the causes of values that differ in letter case only, by claim.
var caseCauses = map[string]string{"sub": "sub_case_mismatch", "aud": "aud_condition_mismatch", "org_id": "org_id_case_mismatch"}

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
		var one [1]string
		values, _ := m.Value.AppendStrings(one[:0])
		for _, v := range values {
			if v == expected && v != found || m.Name == "sub" && v != "" && len(expected) > 1 && policy.Like(expected, v) {
				return m.Name
			}
		}
	}
	if name == "sub" || strings.Contains(expected, "://") {
		return ""
	}
	iss := d.c.Token.Issuer()
	meant, _, ok := claims.SplitSubject(iss, strings.TrimSuffix(expected, ":*"))
	if !ok {
		return ""
	}
	if kind, _, _ := claims.SplitSubject(iss, d.c.Token.Subject()); kind != "" && sameKind(kind, meant) {
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
		return likeness{cause: "aud_condition_mismatch", far: 2, words: "the token carries azp, which the key aud then holds; what is in aud is under the key oaud"}
	}
	return likeness{cause: "aud_condition_mismatch", far: 4, words: "the trust policy wants another audience than the token has"}
}
