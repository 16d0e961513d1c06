package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/lazyregexp"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// problemRefusals answers what the parser objected to. Of the messages only that on a
// repeated operator is quoted in public reports.
func problemRefusals(src []byte, problems []policy.Problem) []Refusal {
	var refusals []Refusal
	for _, p := range problems {
		message, observed := problemMessage(src, p)
		if message == "" {
			continue
		}
		refusals = append(refusals, Refusal{
			Code: malformedPolicyDocument, Message: message, Observed: observed, Statement: -1,
			Span: p.Span, Summary: escape.Text(p.Message),
		})
	}
	return sortByPlace(refusals)
}

// problemMessage returns what IAM says to a problem, "" if it lets it pass. An empty list of
// values passes (observed); an operator in another letter case, without keys, with keys that
// differ in letter case or with values that it cannot compare is not known to be refused.
func problemMessage(src []byte, p policy.Problem) (message string, observed bool) {
	text := excerpt(src, p.Span)
	switch p.Code {
	case policy.EmptyConditionValues, policy.EmptyOperator, policy.OperatorCase, policy.KeysDifferByCase, policy.ValueNotComparable:
		return "", false
	case policy.BadAction, policy.NoAction, policy.BadPrincipal:
		return "", false // elementRefusals looks at these
	case policy.DuplicateMember:
		if _, ok := policy.ParseOperator(text); ok {
			return "Duplicate condition element: " + text, true
		}
	case policy.NotJSON:
		return "This policy contains invalid Json", false
	case policy.UnknownOperator:
		return "Invalid Condition type : " + text + ".", false
	case policy.DuplicateSid:
		return "Statement IDs (SID) in a single policy must be unique.", false
	case policy.BadSid:
		return "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*", false
	default:
	}
	return "Syntax errors in policy.", false
}

// excerpt returns the text of a span, without the quotes of a string.
func excerpt(src []byte, span policy.Span) string {
	if span.Start.Offset > span.End.Offset || span.End.Offset > len(src) {
		return ""
	}
	return strings.Trim(string(src[span.Start.Offset:span.End.Offset]), `"`)
}

// elementRefusals judges principal, resource and actions of one statement.
func elementRefusals(s *policy.Statement) []Refusal {
	var refusals []Refusal
	refuse := func(at policy.Span, observed bool, message, format string, args ...any) {
		refusals = append(refusals, Refusal{
			Code: malformedPolicyDocument, Message: message, Observed: observed, Statement: s.Index,
			Span: at, Summary: fmt.Sprintf(format, args...),
		})
	}
	if s.NotPrincipal != nil {
		refuse(s.NotPrincipal.Name.Span, false, "Has prohibited field NotPrincipal", "a trust policy takes no NotPrincipal; name who may assume the role under Principal")
	}
	for _, e := range []*policy.Element{s.Resource, s.NotResource} {
		if e != nil {
			refuse(e.Name.Span, e == s.Resource, "Has prohibited field "+e.Name.Text, "a trust policy takes no %s: it is about the role that it belongs to; remove the element", e.Name.Text)
		}
	}
	if s.Principal == nil && s.NotPrincipal == nil {
		refuse(s.Span, false, "Missing required field Principal", "the statement names no Principal; name the provider as Federated")
	}
	if s.Principal != nil {
		for _, e := range s.Principal.Entries {
			if message, observed := principalMessage(e); message != "" {
				refuse(e.ID.Span, observed, message, "%q names nobody; give the ARN of the provider, as in arn:aws:iam::<account>:oidc-provider/idp.example.com", escape.Text(e.ID.Text))
			}
		}
	}
	if s.Action == nil && s.NotAction == nil {
		refuse(s.Span, false, "Missing required field Action", "the statement has no Action; a web identity needs %s", Action)
	}
	if s.Action != nil {
		for _, v := range s.Action.Values {
			if !isTrustAction(v.Text) {
				refuse(v.Span, true, "AssumeRole policy may only specify STS AssumeRole actions.", "%q is no action of a trust policy; a web identity needs %s, spelled like this, letter case included", escape.Text(v.Text), Action)
			}
		}
	}
	return sortByPlace(refusals)
}

// isTrustAction says whether a trust policy may name the action. IAM compares with case:
// "STS:assumerolewithwebidentity" was refused as was "sts:*" (observed). What it says to
// patterns such as "sts:AssumeRole*" and to NotAction is not known; they pass here.
func isTrustAction(action string) bool {
	return strings.HasPrefix(action, "sts:AssumeRole") || slices.Contains([]string{TagSession, SetSourceIdentity, "sts:SetContext"}, action)
}

var domainName = lazyregexp.New(`^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?(/[^\s]*)?$`)

// principalMessage returns what IAM says to a principal that cannot be one, "" if it can be.
// A host name with a path passes as Federated although no provider is called so.
func principalMessage(e policy.PrincipalEntry) (message string, observed bool) {
	id := e.ID.Text
	isARN := strings.HasPrefix(id, "arn:") && strings.Count(id, ":") >= 5
	valid := false
	switch e.Kind.Text {
	case "Federated":
		if isARN || domainName.MatchString(id) {
			return "", false
		}
		return "Federated principals must be valid domain names or SAML metadata ARNs", true
	case "AWS":
		valid = id == "*" || isARN || accountID.MatchString(id) || uniqueID.MatchString(id)
	case "Service":
		valid = domainName.MatchString(id)
	case "CanonicalUser":
		valid = id != ""
	case "":
		valid = id == "*"
	}
	if valid {
		return "", false
	}
	return fmt.Sprintf("Invalid principal in policy: %q:%q", strings.ToUpper(e.Kind.Text), id), false
}

var (
	accountID = lazyregexp.New(`^[0-9]{12}$`)
	uniqueID  = lazyregexp.New(`^(AROA|AIDA)[A-Z0-9]+$`) // what IAM puts in the place of a deleted role or user
)
