package doctor

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// causeOrder is which of several conditions that fail is named first: what is wrong with the
// policy itself before what is wrong with one value.
var causeOrder = []string{
	"condition_key_prefix", "condition_key_wrong_claim", "condition_key_unsupported", "condition_operator_wrong",
	valuePlaceholder, valueSpelling, "wildcard_without_like",
	"sub_case_mismatch", "org_id_case_mismatch", "sub_format_changed", "aud_condition_mismatch", "org_id_mismatch",
	"phase_mismatch", "workspace_mismatch", "sub_context_mismatch", "sub_name_mismatch", "claim_value_mismatch",
}

// conditions explains every condition of a statement that fails.
func (d *diagnoser) conditions(s *policy.StatementTrace, rank int) {
	for i := range s.Conditions {
		c := &s.Conditions[i]
		if c.Holds {
			continue
		}
		for second, x := range d.condition(c) {
			if x.Place == nil {
				x.Place = d.place(s, d.valueSpan(c), placeNote(x.Cause))
			} else {
				x.Place.Statement = s.Statement.Index + 1
			}
			if x.Cause == "condition_key_prefix" {
				x.Fix = d.prefixFix(s)
			}
			x.Evidence = append(x.Evidence, c.Condition.OperatorName.Text+": "+c.Reason())
			d.show(x, rank+slices.Index(causeOrder, x.Cause)+second*len(causeOrder))
		}
	}
}

func placeNote(cause string) string {
	switch cause {
	case "wildcard_without_like":
		return "* and ? are plain characters under this operator"
	case "condition_key_unsupported":
		return "AWS has no such condition key for this issuer"
	case "condition_key_prefix":
		return "not the issuer's prefix"
	case "condition_key_wrong_claim":
		return "this key holds another claim"
	case "sub_case_mismatch", "org_id_case_mismatch":
		return "equal but for letter case"
	case valuePlaceholder:
		return "this stands for a value"
	case valueSpelling:
		return "the token's value in another spelling"
	}
	return "this is not what the token says"
}

// valueSpan is the value to point at: the nearest one, or the key where it is at fault.
func (d *diagnoser) valueSpan(c *policy.ConditionTrace) policy.Span {
	if c.Why == policy.KeyMissing || len(c.Condition.Values) == 0 || len(c.Found) == 0 {
		return c.Condition.Key.Span
	}
	at, _ := d.nearestValue(c)
	return c.Condition.Values[at].Span
}

// condition says what is wrong with one condition.
func (d *diagnoser) condition(c *policy.ConditionTrace) []Diagnosis {
	key := c.Condition.Key.Text
	prefix, name, global := d.splitKey(key)
	switch {
	case global:
		return []Diagnosis{d.requestKey(c)}
	case !strings.EqualFold(prefix, d.v.Provider.KeyPrefix):
		return []Diagnosis{d.wrongPrefix(c, prefix, name)}
	case c.Why == policy.KeyMissing && !d.counts(name):
		return []Diagnosis{d.unsupported(c, name)}
	case c.Why == policy.KeyMissing:
		return []Diagnosis{{
			Cause: "claim_value_mismatch", Summary: fmt.Sprintf("the trust policy wants the claim %s, which the token does not carry", name),
			Expected: expectedText(c), Found: "a token without " + name, Compares: true, Fix: "let the issuer put " + name + " into the token, or test another claim",
			Place: d.source(c.Condition.Key.Span, "the token has no such claim"),
		}}
	case comparesOthers(c):
		return []Diagnosis{d.wrongOperator(c, name)}
	case c.Why == policy.KeyPresent && len(c.Found) > 0:
		return []Diagnosis{d.absence(c, name)}
	case c.Why == policy.ManyValues:
		return []Diagnosis{d.severalValues(c, name)}
	case c.Condition.Operator.Negated && len(c.Found) > 0:
		return []Diagnosis{d.shutOut(c, name)}
	case c.Why != policy.Differs && c.Why != policy.NotComparable:
		return []Diagnosis{{
			Cause: "claim_value_mismatch", Summary: fmt.Sprintf("the condition on %s does not hold", name),
			Expected: expectedText(c), Found: strings.Join(c.Found, ", "), Fix: d.valueFix(c, c.Found[0]), Compares: true,
		}}
	}
	return d.value(c, name)
}

// splitKey takes a condition key apart. global is true for keys of the request, "aws:…" and
// "sts:…". A key of the token's issuer is told by its prefix, since names hold colons too.
func (d *diagnoser) splitKey(key string) (prefix, name string, global bool) {
	if own := d.v.Provider.KeyPrefix; own != "" && len(key) > len(own) && strings.EqualFold(key[:len(own)], own) && key[len(own)] == ':' {
		return own, key[len(own)+1:], false
	}
	first, claim, _ := strings.Cut(key, ":")
	if lower := strings.ToLower(first); lower == "aws" || lower == "sts" {
		if d.v.Provider.Knows(claim) != claims.BasisNone { // AWS has no such key of its own
			return first, claim, false
		}
		return "", key, true
	}
	i := strings.LastIndexByte(key, ':')
	if i < 0 {
		return "", key, false
	}
	return key[:i], key[i+1:], false
}

// counts reports whether a claim of that name is a condition key, by the reading in use.
func (d *diagnoser) counts(name string) bool {
	switch d.v.Provider.Knows(name) {
	case claims.BasisAWS:
		return true
	case claims.BasisIssuer:
		return d.v.Context == nil || d.hasPromised()
	default:
		return false
	}
}

// hasPromised reports whether the claims that only the issuer promises are in the context.
func (d *diagnoser) hasPromised() bool {
	for key := range d.c.Token.Filled(&d.v.Provider) {
		if key.Basis == claims.BasisIssuer {
			_, _, ok := d.v.Context.Get(key.Name)
			return ok
		}
	}
	return true
}

func (d *diagnoser) wrongPrefix(c *policy.ConditionTrace, prefix, name string) Diagnosis {
	right := d.v.Provider.KeyPrefix + ":" + orElse(name, "<claim>")
	x := Diagnosis{
		Cause: "condition_key_prefix", Expected: right, Found: c.Condition.Key.Text,
		Fix:   d.conditionFix(c.Condition.OperatorName.Text, right, valueTexts(c)),
		Place: d.source(c.Condition.Key.Span, "not the issuer's prefix"),
	}
	own := d.v.Provider.KeyPrefix
	switch {
	case strings.Contains(prefix, "oidc-provider/"):
		x.Summary = "the condition key begins with the provider's ARN, where its URL without scheme is wanted"
	case strings.Contains(prefix, "://"):
		x.Summary = "the condition key keeps the scheme of the issuer's URL"
	case prefix == "":
		x.Summary = "the condition key has no issuer before the claim's name"
	case strings.EqualFold(prefix, "aws"), strings.EqualFold(prefix, "sts"):
		x.Summary = "the condition key has " + prefix + " before the claim's name, where the issuer belongs"
	case strings.TrimSuffix(prefix, "/") == strings.TrimSuffix(own, "/"):
		x.Summary = "the condition key differs from the issuer's URL by a trailing slash"
	case strings.HasPrefix(own, prefix+"/"):
		x.Summary = "the condition key lacks the path of the issuer's URL"
	default:
		x.Summary = "the condition key begins with another name than the token's issuer: " + nearMiss(own, prefix)
	}
	return x
}

// prefixFix are all conditions of a statement that begin with another prefix, mended: who writes
// one key so writes all of them so.
func (d *diagnoser) prefixFix(s *policy.StatementTrace) string {
	var operators []string
	keys := map[string][]string{}
	for i := range s.Conditions {
		c := &s.Conditions[i]
		prefix, name, global := d.splitKey(c.Condition.Key.Text)
		if global || strings.EqualFold(prefix, d.v.Provider.KeyPrefix) {
			continue
		}
		operator := c.Condition.OperatorName.Text
		if keys[operator] == nil {
			operators = append(operators, operator)
		}
		keys[operator] = append(keys[operator], d.keyFix(d.v.Provider.KeyPrefix+":"+orElse(name, "<claim>"), valueTexts(c)))
	}
	for i, operator := range operators {
		operators[i] = fmt.Sprintf(`"%s": {%s}`, operator, strings.Join(keys[operator], ", "))
	}
	return strings.Join(operators, ",\n")
}

func (d *diagnoser) unsupported(c *policy.ConditionTrace, name string) Diagnosis {
	x := Diagnosis{
		Cause: "condition_key_unsupported", Expected: "one of AWS's condition keys for the issuer: " + d.countingKeys(),
		Found: c.Condition.Key.Text, Place: d.source(c.Condition.Key.Span, "AWS has no such condition key for this issuer"),
		Summary: fmt.Sprintf("the trust policy tests the claim %s, of which AWS makes no condition key for this issuer", name),
		Fix:     "take " + quoted(c.Condition.Key.Text) + " out of the condition and decide by what counts:\n" + d.conditionFix("StringEquals", d.v.Provider.KeyPrefix+":sub", []string{d.c.Token.Subject()}),
	}
	if d.tests("sub") {
		x.Fix = "take " + quoted(c.Condition.Key.Text) + " out of the condition; the one on sub stays"
	}
	if d.v.Provider.Knows(name) == claims.BasisIssuer {
		x.Summary = fmt.Sprintf("the trust policy tests %s, which the issuer documents and AWS does not: by AWS's table the key is never there", name)
		x.Fix = d.otherModeFix()
	}
	if near, meant := d.nearKey(c, name); near != "" {
		key := d.v.Provider.KeyPrefix + ":" + near
		x.Evidence = append(x.Evidence, "a key of a similar name is "+key)
		if meant {
			x.Expected, x.Fix = key, d.conditionFix(c.Condition.OperatorName.Text, key, valueTexts(c))
		}
	}
	if v, ok := d.c.Token.Claim(name); ok {
		x.Evidence = append(x.Evidence, fmt.Sprintf("the token carries the claim (%s), and AWS drops it", v.Text()))
	}
	return x
}

// countingKeys lists the condition keys of the issuer, those that only its own documentation
// promises apart, where they count.
func (d *diagnoser) countingKeys() string {
	var documented, promised []string
	for _, name := range d.v.Provider.KeyNames() {
		switch {
		case d.v.Provider.Knows(name) == claims.BasisAWS:
			documented = append(documented, name)
		case d.counts(name):
			promised = append(promised, name)
		}
	}
	text := strings.Join(documented, ", ")
	if len(promised) > 0 {
		text += "; or of those that the issuer documents: " + strings.Join(promised, ", ")
	}
	return text
}

// nearKey is the condition key that somebody meant who wrote another name, "" if none is near.
// meant is true if there is no doubt: the names differ by a slip, or the condition's value is what
// the token has for the near one.
func (d *diagnoser) nearKey(c *policy.ConditionTrace, name string) (near string, meant bool) {
	values := valueTexts(c)
	for _, known := range d.v.Provider.KeyNames() {
		if !d.counts(known) || strings.EqualFold(known, name) {
			continue
		}
		slip := plainName(known) == plainName(name) || len(name) > 3 && oneEdit(strings.ToLower(known), strings.ToLower(name))
		alike := slip || nearName(known, name)
		holds := slices.Contains(values, textClaim(d.c, known))
		switch {
		case slip, holds && (alike || d.forgecroft()):
			return known, true
		case alike && near == "":
			near = known
		}
	}
	return near, false
}

// nearName reports whether one name begins as the other, letter case and underscores aside.
func nearName(a, b string) bool {
	a, b = plainName(a), plainName(b)
	return len(a) > 2 && len(b) > 2 && (strings.HasPrefix(a, b) || strings.HasPrefix(b, a))
}

// requestKey explains a condition on what the call brings: session name, tags, network.
func (d *diagnoser) requestKey(c *policy.ConditionTrace) Diagnosis {
	key := c.Condition.Key.Text
	x := Diagnosis{Cause: "claim_value_mismatch", Expected: expectedText(c), Found: orElse(strings.Join(c.Found, ", "), "no "+key), Summary: "the condition on " + key + " does not hold"}
	lower := strings.ToLower(key)
	switch {
	case strings.HasPrefix(lower, "aws:requesttag/"), lower == "aws:tagkeys":
		x.Fix = `let the issuer put the session tag into the token: "https://aws.amazon.com/tags": {"principal_tags": {"<key>": ["<value>"]}}`
		if tag := key[len("aws:"):]; c.Why != policy.KeyMissing {
			x.Summary = "the token's session tag is not the one that the trust policy wants: " + tag
			x.Cause = d.tagCause(lower)
		}
	case lower == "sts:rolesessionname":
		x.Fix = "role-session-name: " + expectedText(c)
	case lower == "sts:roleauthorizedbyidp":
		x.Fix = `let the issuer put the role's ARN into the token's claim "https://aws.amazon.com/roles"`
	case trust.Unknowable(key):
		x.Fix = "see from where and when the call is made, or loosen the condition"
	default:
		x.Fix = "a federated caller does not carry " + key + ": drop the condition"
	}
	return x
}

// tagCause names Forgecroft's tags as its claims are named.
func (d *diagnoser) tagCause(key string) string {
	switch key {
	case "aws:requesttag/phase":
		return "phase_mismatch"
	case "aws:requesttag/org_id":
		return "org_id_mismatch"
	}
	return "claim_value_mismatch"
}

// conditionFix is a condition to paste.
func (d *diagnoser) conditionFix(operator, key string, values []string) string {
	return fmt.Sprintf(`"%s": {%s}`, operator, d.keyFix(key, values))
}

func (d *diagnoser) keyFix(key string, values []string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = quoted(v)
	}
	value := strings.Join(list, ", ")
	if len(list) != 1 {
		value = "[" + value + "]"
	}
	return quoted(key) + ": " + value
}

// valueFix is the condition with a value that the token meets.
func (d *diagnoser) valueFix(c *policy.ConditionTrace, value string) string {
	operator := c.Condition.OperatorName.Text
	return d.conditionFix(operator, c.Condition.Key.Text, []string{value})
}

func valueTexts(c *policy.ConditionTrace) []string {
	list := make([]string, len(c.Condition.Values))
	for i, v := range c.Condition.Values {
		list[i] = v.Text
	}
	return list
}

// expectedText lists what a condition wants.
func expectedText(c *policy.ConditionTrace) string {
	expected := c.Expected()
	list := make([]string, 0, len(expected))
	for _, e := range expected {
		list = append(list, e.Text)
	}
	text := strings.Join(list, " or ")
	if c.Condition.Operator.Negated {
		return "anything but " + text
	}
	return text
}
