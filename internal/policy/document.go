package policy

// Document is one parsed policy. It is immutable.
type Document struct {
	Source     []byte // as given to Parse
	Version    Value  // zero where the document has none, which means 2008-10-17
	ID         Value  // the element Id; zero where absent
	Statements []Statement
	Problems   []Problem // what IAM or its checks would object to, in the order of the source

	conditions int // in all statements, to size a trace at once
}

// Variables reports whether policy variables and the escapes ${*}, ${?} and ${$} have
// a meaning in the document: they do in Version 2012-10-17 only
// (reference_policies_elements_version.html).
func (d *Document) Variables() bool { return d.Version.Text == version2012 }

const (
	version2008 = "2008-10-17"
	version2012 = "2012-10-17"
)

// Value is a scalar of the document: a string unquoted, a number or boolean as written.
type Value struct {
	Text string
	Span Span // quotes included; zero if the document does not hold the value
}

// Present reports whether the document holds the value.
func (v Value) Present() bool { return v.Span.End.Offset > 0 }

// Effect is what a matching statement does.
type Effect string

// The two effects.
const (
	Allow Effect = "Allow"
	Deny  Effect = "Deny"
)

// Statement is one statement. Elements that it lacks are nil.
type Statement struct {
	Index      int // from 0
	Span       Span
	Sid        Value
	Effect     Effect
	EffectSpan Span

	Principal, NotPrincipal *PrincipalElement
	Action, NotAction       *Element
	Resource, NotResource   *Element

	// Conditions holds one entry for each operator and key, in the order of the
	// source; all must hold. An operator with an empty map is kept as an entry
	// without Key, which holds always.
	Conditions    []Condition
	ConditionSpan Span // of the value of the element Condition; zero where absent
}

// Element is Action, NotAction, Resource or NotResource: a list of values, ORed.
type Element struct {
	Name   Value // the element's name as it stands in the document
	Span   Span  // of the whole value
	Values []Value

	// One a value, compiled: of the actions or of the resources.
	actions   []actionPattern
	resources []pattern
}

// PrincipalElement is Principal or NotPrincipal: a list of principals, ORed.
type PrincipalElement struct {
	Name    Value
	Span    Span
	Entries []PrincipalEntry
}

// PrincipalEntry is one principal that a statement names.
type PrincipalEntry struct {
	Kind Value // "Federated", "AWS", "Service", "CanonicalUser"; zero for a principal that is a bare string, as in "Principal": "*"
	ID   Value
}

// Condition is one condition: an operator applied to one key and its values.
type Condition struct {
	Operator     Operator
	OperatorName Value // as written
	Key          Value
	ValuesSpan   Span // of all values, brackets included
	Values       []Value

	matchers []matcher  // one a value
	expected []Expected // the values as they compare; nil if they depend on the request
	open     OpenRules  // readings taken when the condition was parsed
}
