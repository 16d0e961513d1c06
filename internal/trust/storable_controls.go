package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// IAM takes an Allow statement for an issuer that many tenants share only if it tests one of
// the claims that tell these apart: its "identity-provider controls"
// (id_roles_providers_oidc_secure-by-default.html). What passes them was observed on
// 2026-09-11 (testdata/aws-live-iam.ndjson).

// control is what IAM demands of statements that trust one issuer.
type control struct {
	keys     []string // of which one must be tested, without the issuer's prefix where that begins them
	accepts  func(control, *policy.Condition) bool
	message  string
	absent   string // the message where the statement has no Condition; "" is message
	observed bool
}

const (
	githubHost  = "token.actions.githubusercontent.com"
	cognitoHost = "cognito-identity.amazonaws.com"
	sentinel    = "azure-sentinel" // its id in the key table: its controlled key is one of STS
)

// controlRefusals judges an Allow statement by the controls of the providers that it names.
func controlRefusals(s *policy.Statement, keys *claims.KeyTable) []Refusal {
	if s.Effect != policy.Allow || s.Principal == nil || !s.MatchesAction(Action) {
		return nil
	}
	var refusals []Refusal
	for _, e := range s.Principal.Entries {
		if e.Kind.Text != "Federated" {
			continue
		}
		c, ok := controlOf(e.ID.Text, keys)
		if !ok || slices.ContainsFunc(s.Conditions, func(cond policy.Condition) bool { return c.accepts(c, &cond) }) {
			continue
		}
		message := c.message
		if c.absent != "" && !hasConditions(s) {
			message = c.absent
		}
		at := s.ConditionSpan
		if !hasConditions(s) {
			at = e.ID.Span
		}
		refusals = append(refusals, Refusal{
			Code: malformedPolicyDocument, Message: message, Observed: c.observed, Statement: s.Index, Span: at,
			Summary: fmt.Sprintf("%s signs for many tenants, and nothing here tells them apart as IAM demands; add StringEquals on %s", escape.Text(issuerPath(e.ID.Text)), escape.Text(strings.Join(c.keys, " or "))),
		})
	}
	return refusals
}

func hasConditions(s *policy.Statement) bool { return len(s.Conditions) > 0 }

// issuerPath returns the issuer's URL without its scheme as a Federated principal names it.
func issuerPath(principal string) string {
	if _, _, path, ok := SplitProviderARN(principal); ok {
		return path
	}
	return principal
}

// controlOf returns the control for a Federated principal; ok is false if IAM has none.
// GitHub's covers every issuer whose URL begins with its host.
func controlOf(principal string, keys *claims.KeyTable) (c control, ok bool) {
	path := issuerPath(principal)
	p := keys.For("https://" + path)
	names, prefix := p.RequiredAnyOf, path+":"
	c.observed = true
	switch {
	case strings.HasPrefix(path, githubHost):
		names = keys.For("https://" + githubHost).RequiredAnyOf
		c.accepts = acceptedByGitHub
	case p.ID == sentinel:
		names, prefix, c.accepts, c.observed = []string{"sts:RoleSessionName"}, "", acceptedInGeneral, false
	case len(names) == 0:
		return control{}, false
	case p.Builtin && path != cognitoHost:
		c.accepts = acceptedOfBuiltin
	default:
		c.accepts = acceptedInGeneral
	}
	for _, name := range names {
		c.keys = append(c.keys, prefix+name)
	}
	shown := path
	if strings.HasPrefix(path, githubHost) {
		shown = principal // here alone IAM shows the whole ARN
	}
	c.message = fmt.Sprintf("Trust policy with trusted principal %s must evaluate, using StringEquals, StringLike or StringEqualsIgnoreCase, %s which is not scoped to all.", shown, strings.Join(c.keys, " or "))
	switch {
	case path == cognitoHost:
		c.absent = "A condition block must be present for the Cognito provider"
	case p.Builtin:
		c.message = fmt.Sprintf("Policy trusting %s requires a StringEquals condition on an application id", path)
	}
	return c, true
}

// acceptedInGeneral takes a positive string comparison, with or without a set operator, none
// of whose values is "*". Other patterns that match everything pass, as does an empty list.
func acceptedInGeneral(c control, cond *policy.Condition) bool {
	return c.compares(cond, "StringEquals", "StringLike", "StringEqualsIgnoreCase") &&
		!slices.ContainsFunc(cond.Values, func(v policy.Value) bool { return v.Text == "*" })
}

// acceptedByGitHub also refuses values that begin with an asterisk or are blank.
func acceptedByGitHub(c control, cond *policy.Condition) bool {
	return acceptedInGeneral(c, cond) && !slices.ContainsFunc(cond.Values, func(v policy.Value) bool {
		return strings.HasPrefix(v.Text, "*") || strings.TrimSpace(v.Text) == ""
	})
}

// acceptedOfBuiltin is the older control of Google, Login with Amazon and Facebook: equality,
// with any value, and the key in lower case.
func acceptedOfBuiltin(c control, cond *policy.Condition) bool {
	return c.compares(cond, "StringEquals", "StringEqualsIgnoreCase") && slices.Contains(c.keys, cond.Key.Text)
}

// compares reports whether the condition tests one of the control's keys by one of the operators.
func (c control) compares(cond *policy.Condition, operators ...string) bool {
	return !cond.Operator.IfExists && slices.Contains(operators, cond.Operator.Base) &&
		slices.ContainsFunc(c.keys, func(key string) bool { return strings.EqualFold(key, cond.Key.Text) })
}
