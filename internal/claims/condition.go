package claims

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ClaimError says why a claim cannot stand in a trust policy's condition.
type ClaimError struct {
	Claim, Reason string
	hint          string
}

func (e *ClaimError) Error() string { return "claim " + e.Claim + " " + e.Reason }

// Hint returns what to do instead, "" if there is nothing.
func (e *ClaimError) Hint() string { return e.hint }

// condition is a Condition block: operator, key, value.
type condition map[string]map[string]any

// AsCondition returns the value of a trust policy's Condition that admits tokens like t: those
// whose claims of these names are equal to t's. Without names it takes the audience and what
// tells tenant and purpose apart: for Forgecroft org_id and phase, for others the subject.
// A claim that t does not carry or that becomes no condition key is a [*ClaimError].
func AsCondition(t *Token, p Provider, names []string) (json.RawMessage, error) {
	c, err := newCondition(t, p, names)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(c); err != nil {
		return nil, fmt.Errorf("write the condition: %w", err)
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// AsConditionYAML is [AsCondition] as a template has it, under the name Condition.
func AsConditionYAML(t *Token, p Provider, names []string) ([]byte, error) {
	c, err := newCondition(t, p, names)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(map[string]condition{"Condition": c}); err != nil {
		return nil, fmt.Errorf("write the condition: %w", err)
	}
	return out.Bytes(), nil
}

func newCondition(t *Token, p Provider, names []string) (condition, error) {
	if len(names) == 0 {
		names = defaultClaims(t, p)
	}
	c := condition{}
	for _, name := range names {
		if err := c.add(t, p, name); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func defaultClaims(t *Token, p Provider) []string {
	names := []string{"aud"}
	if t.AZP() != "" && p.fills("azp") {
		names[0] = "azp"
	}
	if p.ID == "forgecroft" {
		return append(names, "org_id", "phase")
	}
	return append(names, "sub")
}

func (c condition) add(t *Token, p Provider, claim string) error {
	v, ok := t.Claim(claim)
	if !ok {
		return &ClaimError{Claim: claim, Reason: "is not in the token"}
	}
	switch {
	case claim == "iss":
		return &ClaimError{Claim: claim, Reason: "is no condition key; the provider named as Federated principal fixes it", hint: "leave it out"}
	case claim == ClaimRoles:
		c.set("Bool", "sts:RoleAuthorizedByIdp", "true")
		return nil
	case isTagClaim(claim):
		return c.addTags(t, claim)
	}
	keys := t.Keys(p, claim)
	if len(keys) == 0 {
		return &ClaimError{Claim: claim, Reason: "becomes no condition key, so that a condition on it is never true", hint: "claims that do: " + strings.Join(keyed(t, p), ", ")}
	}
	return c.addValue(claim, keys[0], v)
}

func (c condition) addValue(claim string, key ConditionKey, v Value) error {
	values, ok := v.Strings()
	switch {
	case v.Kind() == Number || v.Kind() == Bool:
		values, ok = []string{v.Text()}, true
	case len(values) == 0:
		ok = false
	}
	switch {
	case !ok || len(values) > 1 && !key.Multivalued:
		return &ClaimError{Claim: claim, Reason: "is no single value, which a condition could compare"}
	case key.Multivalued:
		// Every value of the token must be one of these, and there must be one:
		// ForAllValues alone is true of a token without the claim.
		c.set("ForAllValues:StringEquals", key.Name, literals(values))
		c.set("Null", key.Name, "false")
	case key.Numeric:
		c.set("NumericEquals", key.Name, values[0])
	default:
		c.set("StringEquals", key.Name, literal(values[0]))
	}
	return nil
}

// addTags demands the session tags and that there are no further ones: a tag that the policy
// does not expect would reach the session's permissions.
func (c condition) addTags(t *Token, claim string) error {
	tags, transitive, problems := t.SessionTags()
	if len(problems) > 0 {
		return &ClaimError{Claim: claim, Reason: "is not in the form that STS takes: " + problems[0].Text}
	}
	var keys []string
	for _, tag := range tags {
		keys = append(keys, tag.Key)
		if claim == ClaimTags || claim == flatTag+tag.Key {
			c.set("StringEquals", "aws:RequestTag/"+tag.Key, literal(tag.Value))
		}
	}
	if claim == flatTransitive || claim == ClaimTags && len(transitive) > 0 {
		c.set("ForAllValues:StringEquals", "sts:TransitiveTagKeys", literals(transitive))
	}
	if claim != flatTransitive {
		c.set("ForAllValues:StringEquals", "aws:TagKeys", literals(keys))
	}
	return nil
}

func (c condition) set(operator, key string, value any) {
	if c[operator] == nil {
		c[operator] = map[string]any{}
	}
	c[operator][key] = value
}

// literal writes a value so that IAM takes it as it stands: "${" begins a policy variable,
// and "${$}" is a dollar sign (IAM User Guide, reference_policies_variables).
func literal(s string) string { return strings.ReplaceAll(s, "${", "${$}{") }

func literals(values []string) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = literal(v)
	}
	return out
}

// keyed returns the names of t's claims that become condition keys.
func keyed(t *Token, p Provider) []string {
	var names []string
	for _, m := range t.Claims {
		if len(t.Keys(p, m.Name)) > 0 {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}
