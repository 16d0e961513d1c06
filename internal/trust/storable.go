package trust

import (
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// Refusal is one reason for IAM not to take a trust policy.
type Refusal struct {
	Code      string // "MalformedPolicyDocument" or "LimitExceeded"
	Message   string // what IAM says, or is thought to say
	Observed  bool   // whether IAM was seen to answer such a policy with this very message
	Statement int    // index in the document, -1 if it is about the whole
	Span      policy.Span
	Summary   string // what is at fault and how to mend it; text from the document is escaped
}

// Storable says whether IAM would take doc as a trust policy at CreateRole and
// UpdateAssumeRolePolicy. It returns every reason against it, the one that IAM gives first;
// none means that IAM takes it. Whether the principals exist is not looked at.
func Storable(doc *policy.Document, keys *claims.KeyTable) []Refusal { return nil }

// Unreadable returns what IAM says to a document that [policy.Parse] could not read.
func Unreadable(err *policy.ParseError) []Refusal { return nil }
