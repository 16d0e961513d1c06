// Package policy reads and evaluates IAM policy documents: the trust policy of a
// role and the identity policies that grant permissions.
//
// [Parse] keeps the source and the position of every element, key and value, so
// that a finding can point at the very characters it is about. [Document.Evaluate]
// answers a request the way IAM does and returns a trace of every statement and
// condition; [Document.Decide] gives the bare decision. Where AWS documents a rule
// in two ways or not at all, the reading taken here is one of [OpenRules], and the
// trace says which of them an outcome rests on.
//
// The rules come from the IAM User Guide, https://docs.aws.amazon.com/IAM/latest/UserGuide/ :
//
//   - reference_policies_grammar.html and reference_policies_elements.html: the elements
//   - reference_policies_elements_condition_operators.html: the operators, missing keys, IfExists, Null
//   - reference_policies_condition-single-vs-multi-valued-context-keys.html: ForAllValues, ForAnyValue
//   - reference_policies_condition-logic-multiple-context-keys-or-values.html: what is ANDed and what is ORed
//   - reference_policies_variables.html and reference_policies_elements_version.html: policy variables
//   - reference_policies_elements_principal.html, reference_policies_elements_action.html,
//     reference_policies_elements_resource.html: the elements of a statement
//   - reference_policies_evaluation-logic.html: Deny before Allow, and deny where nothing allows
//   - access-analyzer-reference-policy-checks.html: what IAM's own checks call an error
//
// The package performs no I/O and reads no clock. Documents are immutable once
// parsed and safe for use by several goroutines.
package policy
