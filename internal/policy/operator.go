package policy

import (
	"strings"

	"github.com/agext/levenshtein"
)

// SetOperator is the prefix that lets an operator take keys of several values.
type SetOperator uint8

// The set operators (reference_policies_condition-single-vs-multi-valued-context-keys.html).
const (
	NoSet SetOperator = iota
	ForAllValues
	ForAnyValue
)

// String returns the prefix without its colon, "" for NoSet.
func (s SetOperator) String() string {
	switch s {
	case ForAllValues:
		return "ForAllValues"
	case ForAnyValue:
		return "ForAnyValue"
	default:
		return ""
	}
}

// Family is the kind of values that an operator compares.
type Family uint8

// The families (reference_policies_elements_condition_operators.html).
const (
	StringFamily Family = iota
	NumericFamily
	DateFamily
	BoolFamily
	BinaryFamily
	IPFamily
	ARNFamily
	NullFamily
)

// String names what the family compares, as in "is no number".
func (f Family) String() string {
	switch f {
	case NumericFamily:
		return "number"
	case DateFamily:
		return "date"
	case BoolFamily, NullFamily:
		return "boolean"
	case BinaryFamily:
		return "base64 text"
	case IPFamily:
		return "IP address or block"
	case ARNFamily:
		return "ARN"
	default:
		return "string"
	}
}

// comparison is the test of one request value (left) against one policy value (right).
type comparison uint8

const (
	equal comparison = iota
	equalIgnoreCase
	like
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// Operator is a condition operator taken apart: ForAnyValue:StringEqualsIfExists is
// the base StringEquals with a set operator and IfExists.
type Operator struct {
	Set      SetOperator
	Base     string // the name IAM documents, such as "StringNotLike"
	IfExists bool
	Family   Family
	Negated  bool // a name with Not in it: all values must fail to match

	compare comparison
}

// String returns the operator as IAM spells it.
func (o Operator) String() string {
	s := o.Base
	if o.Set != NoSet {
		s = o.Set.String() + ":" + s
	}
	if o.IfExists {
		s += "IfExists"
	}
	return s
}

// baseOperators are all operators without prefix and suffix.
var baseOperators = []Operator{
	{Base: "StringEquals", Family: StringFamily, compare: equal},
	{Base: "StringNotEquals", Family: StringFamily, compare: equal, Negated: true},
	{Base: "StringEqualsIgnoreCase", Family: StringFamily, compare: equalIgnoreCase},
	{Base: "StringNotEqualsIgnoreCase", Family: StringFamily, compare: equalIgnoreCase, Negated: true},
	{Base: "StringLike", Family: StringFamily, compare: like},
	{Base: "StringNotLike", Family: StringFamily, compare: like, Negated: true},
	{Base: "NumericEquals", Family: NumericFamily, compare: equal},
	{Base: "NumericNotEquals", Family: NumericFamily, compare: equal, Negated: true},
	{Base: "NumericLessThan", Family: NumericFamily, compare: less},
	{Base: "NumericLessThanEquals", Family: NumericFamily, compare: lessOrEqual},
	{Base: "NumericGreaterThan", Family: NumericFamily, compare: greater},
	{Base: "NumericGreaterThanEquals", Family: NumericFamily, compare: greaterOrEqual},
	{Base: "DateEquals", Family: DateFamily, compare: equal},
	{Base: "DateNotEquals", Family: DateFamily, compare: equal, Negated: true},
	{Base: "DateLessThan", Family: DateFamily, compare: less},
	{Base: "DateLessThanEquals", Family: DateFamily, compare: lessOrEqual},
	{Base: "DateGreaterThan", Family: DateFamily, compare: greater},
	{Base: "DateGreaterThanEquals", Family: DateFamily, compare: greaterOrEqual},
	{Base: "Bool", Family: BoolFamily, compare: equal},
	{Base: "BinaryEquals", Family: BinaryFamily, compare: equal},
	{Base: "IpAddress", Family: IPFamily, compare: like},
	{Base: "NotIpAddress", Family: IPFamily, compare: like, Negated: true},
	{Base: "ArnEquals", Family: ARNFamily, compare: like},
	{Base: "ArnLike", Family: ARNFamily, compare: like},
	{Base: "ArnNotEquals", Family: ARNFamily, compare: like, Negated: true},
	{Base: "ArnNotLike", Family: ARNFamily, compare: like, Negated: true},
	{Base: "Null", Family: NullFamily},
}

// ParseOperator takes an operator's name apart. ok is false for a name that is no
// operator; NullIfExists is none. Letter case is ignored, as [OpenOperatorCase] says;
// compare name with the result's String to see whether it was needed.
func ParseOperator(name string) (op Operator, ok bool) {
	rest := name
	set := NoSet
	if prefix, base, found := strings.Cut(name, ":"); found {
		switch {
		case strings.EqualFold(prefix, ForAllValues.String()):
			set = ForAllValues
		case strings.EqualFold(prefix, ForAnyValue.String()):
			set = ForAnyValue
		default:
			return Operator{}, false
		}
		rest = base
	}
	ifExists := false
	if cut := len(rest) - len("IfExists"); cut > 0 && strings.EqualFold(rest[cut:], "IfExists") {
		ifExists = true
		rest = rest[:cut]
	}
	for _, op := range baseOperators {
		if strings.EqualFold(rest, op.Base) && (op.Family != NullFamily || !ifExists) {
			op.Set, op.IfExists = set, ifExists
			return op, true
		}
	}
	return Operator{}, false
}

// nearestOperator returns the operator whose name is closest to a misspelt one, ""
// if none is close.
func nearestOperator(name string) string {
	prefix, rest := "", name
	if before, after, found := strings.Cut(name, ":"); found {
		near := nearest(before, []string{ForAllValues.String(), ForAnyValue.String()})
		if near == "" {
			return ""
		}
		prefix, rest = near+":", after
	}
	bases := make([]string, len(baseOperators))
	for i, op := range baseOperators {
		bases[i] = op.Base
	}
	if base, found := strings.CutSuffix(rest, "IfExists"); found {
		if near := nearest(base, bases); near != "" && near != "Null" {
			return prefix + near + "IfExists"
		}
		return ""
	}
	if near := nearest(rest, bases); near != "" {
		return prefix + near
	}
	return ""
}

// nearest returns the candidate closest to name, letter case aside, if it is as close
// as a slip of the pen: one edit for every three letters and two at most. Else "".
func nearest(name string, candidates []string) string {
	if len(name) > 64 { // no candidate is that long, and the distance costs the product of the lengths
		return ""
	}
	best, distance := "", min(len(name)/3, 2)+1
	for _, c := range candidates {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(c), nil); d < distance {
			best, distance = c, d
		}
	}
	return best
}
