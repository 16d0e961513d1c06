package trust

import (
	"cmp"
	"fmt"
	"slices"
	"unicode"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// MaxTrustPolicy is how many characters a trust policy may have, white space not counted
// (IAM User Guide, reference_iam-quotas: "Role trust policy length"). AWS raises it on request.
const MaxTrustPolicy = 2048

// The codes of IAM's refusals.
const (
	malformedPolicyDocument = "MalformedPolicyDocument"
	LimitExceeded           = "LimitExceeded" // for the size alone
)

// Refusal is one reason for IAM not to take a trust policy.
type Refusal struct {
	Code    string // "MalformedPolicyDocument" or "LimitExceeded"
	Message string // what IAM says, or is thought to say
	// Observed says whether this message is known to come from IAM in such a case: captured
	// on 2026-09-11 (testdata/aws-live-iam.ndjson) or quoted in public reports.
	Observed  bool
	Statement int // index in the document, -1 if it is about the whole
	Span      policy.Span
	Summary   string // what is at fault and how to mend it; text from the document is escaped
}

// Storable says whether IAM would take doc as a trust policy at CreateRole and
// UpdateAssumeRolePolicy. It returns every reason against it, first the one that IAM gives;
// none means that IAM takes it. Whether the principals exist is not looked at. A policy on a
// role may have been stored before IAM came to refuse its like.
func Storable(doc *policy.Document, keys *claims.KeyTable) []Refusal {
	refusals := problemRefusals(doc.Source, doc.Problems)
	statements := make([][]Refusal, len(doc.Statements))
	for i := range doc.Statements {
		statements[i] = elementRefusals(&doc.Statements[i])
	}
	refusals = append(refusals, slices.Concat(statements...)...)
	for i := range doc.Statements {
		refusals = append(refusals, controlRefusals(&doc.Statements[i], keys)...)
	}
	if n := size(doc.Source); n > MaxTrustPolicy {
		refusals = append(refusals, Refusal{
			Code: LimitExceeded, Message: fmt.Sprintf("Cannot exceed quota for ACLSizePerRole: %d", MaxTrustPolicy), Observed: true, Statement: -1,
			Span:    whole(doc),
			Summary: fmt.Sprintf("the trust policy has %d characters without white space, a role takes %d; shorten it or ask AWS for a higher quota", n, MaxTrustPolicy),
		})
	}
	return locate(doc, refusals)
}

// locate names the statement that a refusal without one points into, and puts what IAM reads
// first in front: the text, then the elements, then the conditions, last the size.
func locate(doc *policy.Document, refusals []Refusal) []Refusal {
	for i := range refusals {
		r := &refusals[i]
		for _, s := range doc.Statements {
			if r.Statement < 0 && r.Code != LimitExceeded && s.Span.Start.Offset <= r.Span.Start.Offset && r.Span.End.Offset <= s.Span.End.Offset {
				r.Statement = s.Index
			}
		}
	}
	return refusals
}

// size counts a document as IAM does against its quotas: white space is free.
func size(src []byte) (n int) {
	for _, r := range string(src) {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// whole is the span from the first statement to the last.
func whole(doc *policy.Document) policy.Span {
	if len(doc.Statements) == 0 {
		return policy.Span{}
	}
	first, last := doc.Statements[0].Span, doc.Statements[len(doc.Statements)-1].Span
	return policy.Span{Start: first.Start, End: last.End}
}

// Unreadable returns what IAM says to a document that [policy.Parse] could not read.
func Unreadable(src []byte, err *policy.ParseError) []Refusal {
	return problemRefusals(src, err.Problems)
}

// sortByPlace puts refusals of one kind in the order of the document.
func sortByPlace(refusals []Refusal) []Refusal {
	slices.SortStableFunc(refusals, func(a, b Refusal) int {
		return cmp.Compare(a.Span.Start.Offset, b.Span.Start.Offset)
	})
	return refusals
}
