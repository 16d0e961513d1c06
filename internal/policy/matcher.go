package policy

// outcome of comparing a request's value with a policy's.
type outcome uint8

const (
	differs      outcome = iota
	matches              // the comparison holds
	incomparable         // one of the two is no number, date, address, ...: fails even a negated operator
)

// matcher compares values of the request with one value of a condition, without
// regard to the operator's negation.
type matcher interface {
	match(value string, c Context) (outcome, OpenRules)
}

// newMatcher compiles one value of a condition. ok is false if the value can never
// match because it is not of the operator's family.
func newMatcher(op Operator, value string, variables bool) (m matcher, ok bool) {
	switch op.Family {
	case NumericFamily:
		return newNumberMatcher(op.compare, value)
	case DateFamily:
		return newDateMatcher(op.compare, value)
	case BoolFamily:
		return newBoolMatcher(value, variables)
	case BinaryFamily:
		return newBinaryMatcher(value)
	case IPFamily:
		return newAddressMatcher(value)
	case ARNFamily:
		return newARNMatcher(value, variables)
	case NullFamily:
		return newNullMatcher(value)
	default:
		return newStringMatcher(op.compare, value, variables), true
	}
}

// neverMatcher stands for a policy value that is not of its operator's family.
type neverMatcher struct{ open OpenRules }

func (m neverMatcher) match(string, Context) (outcome, OpenRules) { return incomparable, m.open }

// outcomeOf turns the truth of a comparison into its outcome.
func outcomeOf(holds bool) outcome {
	if holds {
		return matches
	}
	return differs
}

// ordered turns the sign of a comparison (negative: the request's value is the
// smaller one) into its outcome under an operator.
func (c comparison) ordered(sign int) outcome {
	switch c {
	case less:
		return outcomeOf(sign < 0)
	case lessOrEqual:
		return outcomeOf(sign <= 0)
	case greater:
		return outcomeOf(sign > 0)
	case greaterOrEqual:
		return outcomeOf(sign >= 0)
	default:
		return outcomeOf(sign == 0)
	}
}
