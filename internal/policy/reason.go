package policy

import (
	"fmt"
	"strconv"
	"strings"
)

// maxListed is how many values a reason lists before it counts the rest.
const maxListed = 5

// Reason says in words why the element holds or fails, such as
// `Action names "sts:AssumeRole", not "sts:AssumeRoleWithWebIdentity"`. Text from the
// document and the request is quoted with control and format characters escaped.
func (t ElementTrace) Reason() string {
	name, values, at := t.listed()
	asked := quote(t.asked)
	switch {
	case !t.Tested:
		return "not asked for"
	case name == "":
		return "the statement has no " + t.kind.String()
	case len(values) == 0:
		return name + " is empty, so the statement has no effect"
	case strings.HasPrefix(name, "Not") && at >= 0:
		return fmt.Sprintf("%s leaves out %s by %q", name, asked, values[at])
	case strings.HasPrefix(name, "Not"):
		return fmt.Sprintf("%s does not leave out %s", name, asked)
	case at >= 0 && values[at] == t.asked:
		return fmt.Sprintf("%s names %s", name, asked)
	case at >= 0:
		return fmt.Sprintf("%s takes in %s by %q", name, asked, values[at])
	default:
		return fmt.Sprintf("%s names %s, not %s", name, listOf(values), asked)
	}
}

// listed returns the name and values of the element that decided.
func (t ElementTrace) listed() (name string, values []string, at int) {
	switch {
	case t.Principals != nil:
		for _, e := range t.Principals.Entries {
			values = append(values, e.ID.Text)
		}
		return t.Principals.Name.Text, values, t.At
	case t.Element != nil:
		for _, v := range t.Element.Values {
			values = append(values, v.Text)
		}
		return t.Element.Name.Text, values, t.At
	default:
		return "", nil, -1
	}
}

// String names the element.
func (k elementKind) String() string {
	switch k {
	case actionElement:
		return "Action"
	case resourceElement:
		return "Resource"
	default:
		return "Principal"
	}
}

// Reason says in words why the condition holds or fails, such as
// `found "apply", which does not equal "plan"`. Text from the document and the request
// is quoted with control and format characters escaped.
func (t ConditionTrace) Reason() string {
	op, key := t.Condition.OperatorName.Text, quote(t.Condition.Key.Text)
	switch t.Why {
	case KeyMissing:
		return t.missingReason(key)
	case KeyPresent:
		return fmt.Sprintf("the request has the key %s, and %s asks that it be %s", key, op, t.nullWish())
	case NullDataSet:
		return fmt.Sprintf("%s holds nothing but empty text, and ForAllValues is true of an empty set", key)
	case ManyValues:
		return fmt.Sprintf("the request has %d values for %s (%s), and %s without ForAllValues or ForAnyValue takes one",
			len(t.Found), key, listOf(t.Found), op)
	case NoValues:
		return fmt.Sprintf("%s lists no values for %s, which makes it %t", op, key, t.Holds)
	case NoKeys:
		return op + " lists no keys, so it adds no condition"
	default:
		return t.comparisonReason()
	}
}

func (t ConditionTrace) missingReason(key string) string {
	op := t.Condition.Operator
	why := "a positive operator needs it"
	switch {
	case op.Family == NullFamily:
		return fmt.Sprintf("the request has no key %s, and %s asks that it be %s", key, t.Condition.OperatorName.Text, t.nullWish())
	case op.Set == ForAllValues:
		why = "ForAllValues is true of a missing key"
	case op.Set == ForAnyValue:
		why = "ForAnyValue needs it"
	case op.IfExists:
		why = "IfExists is true without it"
	case op.Negated:
		why = "a negated operator is true without it"
	}
	return "the request has no key " + key + ", and " + why
}

// nullWish says what the values of a Null condition ask for.
func (t ConditionTrace) nullWish() string {
	if t.Holds == (t.Why == KeyMissing) {
		return "absent"
	}
	return "present"
}

func (t ConditionTrace) comparisonReason() string {
	found := quote(t.Found[max(t.FoundAt, 0)])
	if len(t.Found) > 1 {
		found = fmt.Sprintf("%s among %d values", found, len(t.Found))
	}
	expected := make([]string, 0, len(t.Condition.Values))
	for i, e := range t.Expected() {
		switch {
		case i == t.ExpectedAt:
			return "found " + found + ", which " + t.Condition.Operator.verb(true) + " " + quote(e.Text)
		case e.Null:
			expected = append(expected, e.Value.Text+" (a variable without a value)")
		default:
			expected = append(expected, e.Text)
		}
	}
	if t.Why == NotComparable {
		return fmt.Sprintf("found %s, which does not compare with %s as %s", found, anyOf(expected), t.Condition.Operator.Family)
	}
	return "found " + found + ", which " + t.Condition.Operator.verb(false) + " " + anyOf(expected)
}

// verb says what a found value does, or does not do, to the expected one.
func (o Operator) verb(does bool) string {
	positive, negative := "equals", "does not equal"
	switch {
	case o.Family == IPFamily:
		positive, negative = "lies in", "does not lie in"
	case o.compare == like:
		positive, negative = "matches", "does not match"
	case o.compare == equalIgnoreCase:
		positive, negative = "equals but for letter case", "does not equal, whatever the letter case,"
	case o.compare == less:
		positive, negative = "is less than", "is not less than"
	case o.compare == lessOrEqual:
		positive, negative = "is at most", "is more than"
	case o.compare == greater:
		positive, negative = "is more than", "is not more than"
	case o.compare == greaterOrEqual:
		positive, negative = "is at least", "is less than"
	}
	if does {
		return positive
	}
	return negative
}

// anyOf lists values as alternatives.
func anyOf(values []string) string {
	if len(values) > 1 {
		return "any of " + listOf(values)
	}
	return listOf(values)
}

// quote is [strconv.Quote], quick about the usual text, in which there is nothing to escape.
func quote(s string) string {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return strconv.Quote(s)
		}
	}
	return `"` + s + `"`
}

// listOf quotes values, the first few.
func listOf(values []string) string {
	if len(values) == 1 {
		return quote(values[0])
	}
	var b strings.Builder
	for i, v := range values {
		if i == maxListed {
			fmt.Fprintf(&b, " and %d more", len(values)-i)
			break
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(v))
	}
	return b.String()
}
