package sandbox

import (
	"errors"
	"strings"
	"unicode"

	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// documentSize is how IAM counts a policy against its quota: white space is free.
func documentSize(doc string) int {
	n := 0
	for _, r := range doc {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// readDocument parses a policy document and refuses, in IAM's words, what IAM would store
// neither as a trust policy nor as a permission policy.
func readDocument(text string) (*policy.Document, error) {
	doc, err := policy.Parse([]byte(text))
	if unreadable, ok := errors.AsType[*policy.ParseError](err); ok {
		return nil, refuseProblem(text, unreadable.Problems[0])
	}
	for _, p := range doc.Problems {
		if err := refuseProblem(text, p); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// refuseProblem is what IAM says to a problem in a document, nil for one that it lets pass.
func refuseProblem(text string, p policy.Problem) error {
	source := strings.Trim(text[p.Span.Start.Offset:p.Span.End.Offset], `"`)
	switch p.Code {
	case policy.NotJSON:
		return malformedPolicy("This policy contains invalid Json")
	case policy.UnknownOperator:
		return malformedPolicy("Invalid Condition type : %s.", source)
	case policy.DuplicateSid:
		return malformedPolicy("Statement IDs (SID) in a single policy must be unique.")
	case policy.BadSid:
		return malformedPolicy("Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*")
	case policy.NoAction:
		return malformedPolicy("Policy statement must contain actions.")
	case policy.BadAction:
		return malformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
	case policy.BadPrincipal:
		return malformedPolicy("Invalid principal in policy: %q", source)
	case policy.EmptyOperator, policy.OperatorCase, policy.KeysDifferByCase, policy.ValueNotComparable, policy.EmptyConditionValues:
		return nil
	default:
		return malformedPolicy("Syntax errors in policy.")
	}
}

// checkPermissions refuses a permission policy that IAM would not store.
func checkPermissions(text string) error {
	if text == "" {
		return missing("policyDocument")
	}
	doc, err := readDocument(text)
	if err != nil {
		return err
	}
	for _, s := range doc.Statements {
		if s.Principal != nil || s.NotPrincipal != nil {
			return malformedPolicy("Policy document should not specify a principal.")
		}
		resources := s.Resource
		if resources == nil {
			resources = s.NotResource
		}
		if resources == nil || len(resources.Values) == 0 {
			return malformedPolicy("Policy statement must contain resources.")
		}
		for _, r := range resources.Values {
			if !strings.HasPrefix(r.Text, "*") && !strings.HasPrefix(r.Text, "arn:") {
				return malformedPolicy("Resource %s must be in ARN format or \"*\".", r.Text)
			}
		}
	}
	return nil
}

// checkTrust refuses a trust policy that IAM would not store, in IAM's words where they are known.
// It does not know whether the principals exist, which IAM checks for users and roles.
func checkTrust(text string) error {
	if text == "" {
		return missing("assumeRolePolicyDocument")
	}
	keys, err := keyTable()
	if err != nil {
		return err
	}
	doc, err := policy.Parse([]byte(text))
	if unreadable, ok := errors.AsType[*policy.ParseError](err); ok {
		return refusePolicy(trust.Unreadable([]byte(text), unreadable)[0])
	}
	if refusals := trust.Storable(doc, keys); len(refusals) > 0 {
		return refusePolicy(refusals[0])
	}
	return nil
}

func refusePolicy(r trust.Refusal) error {
	if r.Code == trust.LimitExceeded {
		return limitExceeded("%s", r.Message)
	}
	return malformedPolicy("%s", r.Message)
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}
