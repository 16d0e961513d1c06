package policy

// Result is a decision and how it came about.
type Result struct {
	Decision   Decision
	Statements []StatementTrace // all, in the order of the document

	conditions    []ConditionTrace // of all statements
	action, lower string           // what was asked for, and the same in lower case
}

// Emptied is an empty result with the memory of r.
func (r Result) Emptied() Result {
	return Result{Statements: r.Statements[:0], conditions: r.conditions[:0], action: r.action, lower: r.lower}
}

// StatementTrace is what came of one statement.
type StatementTrace struct {
	Statement  *Statement
	Matched    bool // principal, action, resource and all conditions hold
	Principal  ElementTrace
	Action     ElementTrace
	Resource   ElementTrace
	Conditions []ConditionTrace // one for each of Statement.Conditions
}

// elementKind says which element an ElementTrace judges.
type elementKind uint8

const (
	principalElement elementKind = iota
	actionElement
	resourceElement
)

// ElementTrace is what came of Principal, Action or Resource, or of its negation.
type ElementTrace struct {
	Tested bool // whether the request asks about the element; if not, it holds
	Holds  bool
	Open   OpenRules // the readings the outcome rests on

	// The element that decided, nil where the statement has none: Principals for
	// Principal and NotPrincipal, Element for the others.
	Element    *Element
	Principals *PrincipalElement
	At         int // index of the value that takes in what was asked, -1 if none does

	kind  elementKind
	asked string
}

// Why says what decided a condition.
type Why uint8

// What can decide a condition.
const (
	Matches       Why = iota // the found value matches an expected one: Found[FoundAt], Values[ExpectedAt]
	Differs                  // Found[FoundAt] matches no expected value
	NotComparable            // Found[FoundAt] or every expected value is no number, date, address, ... as the operator wants
	KeyMissing               // the request does not have the key
	KeyPresent               // the request has the key, which is what Null asks
	NullDataSet              // ForAllValues: the key holds nothing but empty text
	ManyValues               // the key has several values and the operator no ForAllValues or ForAnyValue
	NoValues                 // the condition lists no values
	NoKeys                   // the operator lists no keys
)

// ConditionTrace is what came of one condition.
type ConditionTrace struct {
	Condition *Condition
	Key       string   // the key as the request's context spells it; "" if it has none
	Found     []string // the request's values of the key
	Holds     bool
	Why       Why
	Open      OpenRules // the readings the outcome rests on

	FoundAt    int // index in Found of the value that decided, -1 if none did
	ExpectedAt int // index in Condition.Values of the value that matched, -1 if none did

	ctx Context
}

// Expected is an expected value as it was compared.
type Expected struct {
	Value Value
	Text  string // with policy variables replaced
	Null  bool   // a policy variable in it has no value, so it compares with nothing
}

// Expected returns the condition's values with their policy variables replaced. The list belongs
// to the policy and may not be changed.
func (t ConditionTrace) Expected() []Expected {
	if t.Condition.expected != nil {
		return t.Condition.expected
	}
	list := make([]Expected, len(t.Condition.Values))
	for i, v := range t.Condition.Values {
		list[i] = Expected{Value: v, Text: v.Text}
		if m, ok := t.Condition.matchers[i].(interface{ variables() bool }); ok && m.variables() {
			r := newTemplate(v.Text, plainStyle, true).resolve(t.ctx, plainStyle, false)
			list[i].Text, list[i].Null = r.text, r.null
		}
	}
	return list
}

// Open returns the readings that decide between allow and deny: with every one of
// them turned round at will, the answer could be another. It is empty for an answer
// that follows from documented rules, even if some condition on the way does not.
func (r Result) Open() OpenRules {
	var allow, deny verdict // whether some statement matches; deny starts certain
	for i := range r.Statements {
		t := &r.Statements[i]
		if t.Statement.Effect == Deny {
			deny = deny.or(t.verdict())
		} else {
			allow = allow.or(t.verdict())
		}
	}
	return allow.and(deny.not()).open
}

// verdict joins all parts of the statement.
func (t *StatementTrace) verdict() verdict {
	sum := verdict{holds: true}
	for _, e := range []*ElementTrace{&t.Principal, &t.Action, &t.Resource} {
		sum = sum.and(verdict{e.Holds, e.Open})
	}
	for i := range t.Conditions {
		sum = sum.and(verdict{t.Conditions[i].Holds, t.Conditions[i].Open})
	}
	return sum
}

// Open returns the readings that decide whether the statement matches.
func (t *StatementTrace) Open() OpenRules { return t.verdict().open }
