package trust

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// quote shows a text of a document.
func quote(s string) string { return `"` + escape.Text(s) + `"` }

// quoted joins texts as alternatives.
func quoted(values []policy.Value, conjunction string) string {
	switch len(values) {
	case 0:
		return "no value at all"
	case 1:
		return quote(values[0].Text)
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = quote(v.Text)
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " " + conjunction + " " + texts[len(texts)-1]
}

// verbs are what operators say of a value, by the operator without Not; the second is of a
// negated one.
var verbs = map[string][2]string{
	"StringEquals":             {"is %s", "is not %s"},
	"StringEqualsIgnoreCase":   {"is, letter case aside, %s", "is not, letter case aside, %s"},
	"StringLike":               {"matches %s", "does not match %s"},
	"ArnEquals":                {"matches the ARN %s", "does not match the ARN %s"},
	"ArnLike":                  {"matches the ARN %s", "does not match the ARN %s"},
	"NumericEquals":            {"is the number %s", "is not the number %s"},
	"NumericLessThan":          {"is less than %s"},
	"NumericLessThanEquals":    {"is at most %s"},
	"NumericGreaterThan":       {"is more than %s"},
	"NumericGreaterThanEquals": {"is at least %s"},
	"DateEquals":               {"is the time %s", "is not the time %s"},
	"DateLessThan":             {"is before %s"},
	"DateLessThanEquals":       {"is not after %s"},
	"DateGreaterThan":          {"is after %s"},
	"DateGreaterThanEquals":    {"is not before %s"},
	"Bool":                     {"is %s"},
	"BinaryEquals":             {"is the base64 text %s"},
	"IpAddress":                {"lies in %s", "lies outside %s"},
}

// demand says in words what a condition demands, such as `org_id is "acme"`.
func demand(c *policy.Condition, s source) string {
	name := escape.Text(c.Key.Text)
	if s.origin == fromToken && s.claim != "" && !strings.Contains(s.claim, "/") {
		name = escape.Text(s.claim)
	}
	op := c.Operator
	if op.Family == policy.NullFamily {
		return name + " " + nullVerb(c)
	}
	verb, conjunction := verbs[strings.Replace(op.Base, "Not", "", 1)][0], "or"
	if op.Negated {
		verb = verbs[strings.Replace(op.Base, "Not", "", 1)][1]
	}
	text := fmt.Sprintf(verb, quoted(c.Values, conjunction))
	switch op.Set {
	case policy.ForAllValues:
		return "each value of " + name + ", if it has any, " + text
	case policy.ForAnyValue:
		return "a value of " + name + " " + text
	default:
	}
	if op.IfExists || op.Negated {
		return name + ", if it is there, " + text
	}
	return name + " " + text
}

func nullVerb(c *policy.Condition) string {
	if len(c.Values) == 1 {
		if absent, err := strconv.ParseBool(strings.ToLower(c.Values[0].Text)); err == nil && absent {
			return "is absent"
		}
		return "is there"
	}
	return "is there or absent: Null lists " + quoted(c.Values, "and")
}

// listed joins words as in "a, b and c".
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
