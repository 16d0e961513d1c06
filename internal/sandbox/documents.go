package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
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

// document is a policy document as far as IAM looks at it before it stores it.
type document struct {
	Version   string
	ID        json.RawMessage `json:"Id"`
	Statement statements
}

type statement struct {
	Sid          string
	Effect       string
	Principal    json.RawMessage
	NotPrincipal json.RawMessage
	Action       texts
	NotAction    texts
	Resource     texts
	NotResource  texts
	Condition    map[string]map[string]any
}

// statements accepts one statement without brackets, as IAM does.
type statements []statement

func (s *statements) UnmarshalJSON(raw []byte) error {
	if !bytes.HasPrefix(raw, []byte("[")) {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	return decodeStrictly(raw, (*[]statement)(s))
}

// texts accepts one text without brackets, as IAM does.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	if !bytes.HasPrefix(raw, []byte("[")) {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

func decodeStrictly(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the document")
	}
	return nil
}

// readDocument parses a policy document and checks what trust and permission policies share.
func readDocument(text string) (document, error) {
	var d document
	if strings.TrimSpace(text) == "" {
		return d, malformedPolicy("The policy is empty.")
	}
	if !json.Valid([]byte(text)) {
		return d, malformedPolicy("This policy contains invalid Json")
	}
	if err := decodeStrictly([]byte(text), &d); err != nil {
		return d, malformedPolicy("Syntax errors in policy.")
	}
	if d.Version != "" && d.Version != "2012-10-17" && d.Version != "2008-10-17" {
		return d, malformedPolicy("Syntax errors in policy.")
	}
	if len(d.Statement) == 0 {
		return d, malformedPolicy("Syntax errors in policy.")
	}
	sids := map[string]bool{}
	for _, s := range d.Statement {
		if s.Effect != "Allow" && s.Effect != "Deny" {
			return d, malformedPolicy("Syntax errors in policy.")
		}
		if s.Sid != "" && sids[s.Sid] {
			return d, malformedPolicy("Statement IDs (SID) in a single policy must be unique.")
		}
		sids[s.Sid] = true
		if (s.Action == nil) == (s.NotAction == nil) {
			return d, malformedPolicy("Policy statement must contain actions.")
		}
		for operator := range s.Condition {
			if !conditionOperator(operator) {
				return d, malformedPolicy("Invalid Condition type : %s.", operator)
			}
		}
	}
	return d, nil
}

// checkPermissions refuses a permission policy that IAM would not store.
func checkPermissions(text string) error {
	d, err := readDocument(text)
	if err != nil {
		return err
	}
	for _, s := range d.Statement {
		if s.Principal != nil || s.NotPrincipal != nil {
			return malformedPolicy("Policy document should not specify a principal.")
		}
		if (s.Resource == nil) == (s.NotResource == nil) {
			return malformedPolicy("Policy statement must contain resources.")
		}
		for _, action := range slices.Concat(s.Action, s.NotAction) {
			if action != "*" && !strings.Contains(action, ":") {
				return malformedPolicy("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
			}
		}
		for _, r := range slices.Concat(s.Resource, s.NotResource) {
			if r != "*" && !strings.HasPrefix(r, "arn:") && !strings.HasPrefix(r, "*") {
				return malformedPolicy("Resource %s must be in ARN format or \"*\".", r)
			}
		}
	}
	return nil
}

// checkTrust refuses a trust policy that IAM would not store. It does not know whether the
// principals exist, which IAM checks for users and roles.
func checkTrust(text string) error {
	if text == "" {
		return missing("assumeRolePolicyDocument")
	}
	d, err := readDocument(text)
	if err != nil {
		return err
	}
	for _, s := range d.Statement {
		switch {
		case s.NotPrincipal != nil:
			return malformedPolicy("Has prohibited field NotPrincipal")
		case s.Resource != nil || s.NotResource != nil:
			return malformedPolicy("Has prohibited field Resource")
		case s.Principal == nil:
			return malformedPolicy("Missing required field Principal")
		}
		if err := checkPrincipal(s.Principal); err != nil {
			return err
		}
		for _, action := range s.Action {
			if !trustAction(action) {
				return malformedPolicy("AssumeRole policy may only specify STS AssumeRole actions.")
			}
		}
	}
	if size := documentSize(text); size > quotaTrust {
		return limitExceeded("Cannot exceed quota for ACLSizePerRole: %d", quotaTrust)
	}
	return nil
}

// trustAction says whether a trust policy may name the action. "sts:*" is refused (observed,
// docs of the captures cited in the facts on trust policies); patterns of AssumeRole are not.
func trustAction(action string) bool {
	action = strings.ToLower(action)
	switch action {
	case "sts:tagsession", "sts:setsourceidentity", "sts:setcontext":
		return true
	}
	return strings.HasPrefix(action, "sts:assumerole")
}

// checkPrincipal refuses a Principal that cannot name anybody.
func checkPrincipal(raw json.RawMessage) error {
	if bytes.Equal(raw, []byte(`"*"`)) {
		return nil
	}
	var kinds map[string]texts
	if err := json.Unmarshal(raw, &kinds); err != nil {
		return malformedPolicy("Invalid principal in policy")
	}
	for kind, names := range kinds {
		for _, name := range names {
			if !principalName(kind, name) {
				return malformedPolicy("Invalid principal in policy: %q:%q", kind, name)
			}
		}
	}
	return nil
}

func principalName(kind, name string) bool {
	switch kind {
	case "AWS":
		return name == "*" || isAccountID(name) || strings.HasPrefix(name, "arn:") && strings.Count(name, ":") >= 5 ||
			strings.HasPrefix(name, "AROA") || strings.HasPrefix(name, "AIDA")
	case "Federated":
		return strings.HasPrefix(name, "arn:") && strings.Count(name, ":") >= 5 || strings.Contains(name, ".")
	case "Service":
		return strings.Contains(name, ".")
	case "CanonicalUser":
		return name != ""
	}
	return false
}

func isAccountID(s string) bool {
	return len(s) == 12 && strings.Trim(s, "0123456789") == ""
}

// conditionOperators are the operators without ForAllValues:, ForAnyValue: and IfExists.
var conditionOperators = []string{
	"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
	"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
	"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
	"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
}

func conditionOperator(name string) bool {
	if set, rest, ok := strings.Cut(name, ":"); ok {
		if set != "ForAllValues" && set != "ForAnyValue" {
			return false
		}
		name = rest
	}
	if base, ok := strings.CutSuffix(name, "IfExists"); ok && base != "Null" {
		name = base
	}
	return slices.Contains(conditionOperators, name)
}
