package bootstrap

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The resource types of the template.
const (
	typeRole     = "AWS::IAM::Role"
	typeProvider = "AWS::IAM::OIDCProvider"
)

// statementSet is the statements of one policy, each as canonical JSON: members sorted,
// a list of one written as its element, so that two spellings of the same are equal.
type statementSet map[string]map[string]any

// trustStatements are those of a role's trust policy.
func trustStatements(r resolvedResource) statementSet {
	return statementsOf(r.Properties["AssumeRolePolicyDocument"])
}

// permissionStatements are those of a role's inline policies, all of them together:
// IAM evaluates them together, whatever the policies are called.
func permissionStatements(r resolvedResource) statementSet {
	set := statementSet{}
	for _, p := range asList(r.Properties["Policies"]) {
		if policy, ok := p.(map[string]any); ok {
			maps.Copy(set, statementsOf(policy["PolicyDocument"]))
		}
	}
	return set
}

// managedPolicies are the ARNs attached to a role, its permissions boundary not among them.
func managedPolicies(r resolvedResource) []string {
	var arns []string
	for _, a := range asList(r.Properties["ManagedPolicyArns"]) {
		arns = append(arns, fmt.Sprint(a))
	}
	slices.Sort(arns)
	return arns
}

func boundary(r resolvedResource) string {
	s, _ := r.Properties["PermissionsBoundary"].(string)
	return s
}

func statementsOf(document any) statementSet {
	set := statementSet{}
	for _, s := range asList(documentOf(document)["Statement"]) {
		statement, ok := canonical(s).(map[string]any)
		if !ok {
			continue
		}
		delete(statement, "Sid") // a label: it decides nothing
		set[compactJSON(statement)] = statement
	}
	return set
}

// documentOf takes a policy as a map or, as IAM also accepts, as JSON text.
func documentOf(document any) map[string]any {
	switch d := document.(type) {
	case map[string]any:
		return d
	case string:
		var m map[string]any
		if json.Unmarshal([]byte(d), &m) != nil {
			return nil // IAM refuses it with its own words when it is deployed
		}
		return m
	default:
		return nil
	}
}

func asList(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	case []string:
		list := make([]any, len(v))
		for i, s := range v {
			list[i] = s
		}
		return list
	default:
		return []any{v}
	}
}

// canonical is v with lists of text sorted and lists of one unpacked. The order of
// values in a condition, of actions and of resources means nothing to IAM.
func canonical(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, member := range v {
			out[k] = canonical(member)
		}
		return out
	case []any, []string:
		list := asList(v)
		out := make([]any, len(list))
		for i, member := range list {
			out[i] = canonical(member)
		}
		slices.SortStableFunc(out, func(a, b any) int { return strings.Compare(compactJSON(a), compactJSON(b)) })
		if len(out) == 1 {
			return out[0]
		}
		return out
	default:
		return v
	}
}

func compactJSON(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // people read it
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v) // only channels and functions fail; a template holds neither
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// conditionWords is a statement's Condition as people say it:
// "aud is sts.amazonaws.com and phase is plan", empty if there is none.
func conditionWords(statement map[string]any) string {
	operators, _ := statement["Condition"].(map[string]any)
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(operators)) {
		keys, _ := operators[op].(map[string]any)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			parts = append(parts, fmt.Sprintf("%s %s %s", key, operatorWords(op), valueWords(keys[key])))
		}
	}
	return strings.Join(parts, " and ")
}

func operatorWords(op string) string {
	switch op {
	case "StringEquals":
		return "is"
	case "StringNotEquals":
		return "is not"
	case "StringLike":
		return "is like"
	default:
		return op
	}
}

func valueWords(v any) string {
	var words []string
	for _, one := range asList(v) {
		words = append(words, fmt.Sprint(one))
	}
	return strings.Join(words, " or ")
}

// trustWords says who a trust statement lets in: "tokens of <provider> whose aud is ...".
func trustWords(statement map[string]any) string {
	words := "sts:AssumeRoleWithWebIdentity"
	if principal, ok := statement["Principal"].(map[string]any); ok {
		if provider, ok := principal["Federated"].(string); ok {
			words = "tokens of " + afterProvider(provider)
		} else {
			words = compactJSON(principal)
		}
	}
	if conditions := conditionWords(statement); conditions != "" {
		return words + " where " + conditions
	}
	return words + " without a condition"
}

// permissionWords says what a permission statement is about: "* on * where ...".
func permissionWords(statement map[string]any) string {
	words := elementWords(statement, "Action", "NotAction") + " on " + elementWords(statement, "Resource", "NotResource")
	if conditions := conditionWords(statement); conditions != "" {
		words += " where " + conditions
	}
	return words
}

func elementWords(statement map[string]any, name, negated string) string {
	if v, ok := statement[name]; ok {
		return valueWords(v)
	}
	return "everything but " + valueWords(statement[negated])
}

// afterProvider is the issuer's host and path in a provider's ARN.
func afterProvider(providerARN string) string {
	if _, issuer, ok := strings.Cut(providerARN, ":oidc-provider/"); ok {
		return issuer
	}
	return providerARN
}
