package policy

import "fmt"

// ProblemCode names a kind of problem; stable, for callers to branch on.
type ProblemCode string

// Problems that make a document unreadable: it has no one meaning to evaluate, so
// [Parse] returns them in a [*ParseError]. IAM would store none of these documents.
const (
	TooLarge        ProblemCode = "too_large"        // longer than MaxSize
	NotJSON         ProblemCode = "not_json"         // the text breaks JSON's syntax
	WrongType       ProblemCode = "wrong_type"       // an element holds another JSON type than it takes
	DuplicateMember ProblemCode = "duplicate_member" // a name stands twice in one object
	MisspeltMember  ProblemCode = "misspelt_member"  // no element, but close to one: ignoring it would change the meaning
	MissingElement  ProblemCode = "missing_element"  // no Statement, or a statement without Effect
	BadEffect       ProblemCode = "bad_effect"       // neither Allow nor Deny
	UnknownOperator ProblemCode = "unknown_operator" // a name that is no condition operator
)

// Problems that are kept in [Document.Problems]: IAM would refuse the document or
// its checks would object, yet as written it still means something. Each says below
// how it is evaluated.
const (
	UnknownMember        ProblemCode = "unknown_member"         // ignored
	BadVersion           ProblemCode = "bad_version"            // as without Version
	BadSid               ProblemCode = "bad_sid"                // no effect on evaluation
	DuplicateSid         ProblemCode = "duplicate_sid"          // no effect on evaluation
	NoStatements         ProblemCode = "no_statements"          // nothing is allowed
	ConflictingElements  ProblemCode = "conflicting_elements"   // Action beside NotAction and the like: both must match
	NoAction             ProblemCode = "no_action"              // the statement matches nothing
	BadAction            ProblemCode = "bad_action"             // the value matches nothing
	BadPrincipal         ProblemCode = "bad_principal"          // the value matches nothing
	EmptyOperator        ProblemCode = "empty_operator"         // adds no condition
	OperatorCase         ProblemCode = "operator_case"          // read as the operator meant
	KeysDifferByCase     ProblemCode = "keys_differ_by_case"    // two conditions, ANDed
	ValueNotComparable   ProblemCode = "value_not_comparable"   // the value matches nothing, negated or not
	EmptyConditionValues ProblemCode = "empty_condition_values" // see OpenEmptyValues
)

// Problem is one thing wrong with a document.
type Problem struct {
	Code    ProblemCode
	Span    Span   // the offending characters
	Message string // one clause; names from the document are quoted
}

// String returns the problem with its place: `line 4, column 17: Effect is "allow", it must be "Allow" or "Deny"`.
func (p Problem) String() string {
	return p.Span.Start.String() + ": " + p.Message
}

// ParseError says why a document cannot be read. It holds every reason, in the order
// of the source, at least one.
type ParseError struct{ Problems []Problem }

// Error states the first reason with its position and how many more there are.
func (e *ParseError) Error() string {
	first := "policy document, " + e.Problems[0].String()
	switch more := len(e.Problems) - 1; more {
	case 0:
		return first
	case 1:
		return first + " (and 1 more problem)"
	default:
		return fmt.Sprintf("%s (and %d more problems)", first, more)
	}
}
