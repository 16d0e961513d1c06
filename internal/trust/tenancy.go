package trust

import (
	"slices"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// strangers accepts what tokens of other tenants hold: nothing that one of the keys marks as
// ours.
func strangers(keys []string, more func(*variable, *class) bool) func(*variable, *class) bool {
	return func(v *variable, c *class) bool {
		for _, key := range keys {
			if v.markedBy(c, key) {
				return false
			}
		}
		return more == nil || more(v, c)
	}
}

// named refuses classes in which one of the keys holds nothing but an empty text.
func named(keys []string) func(*variable, *class) bool {
	return func(_ *variable, c *class) bool {
		for _, key := range keys {
			if values, _, ok := c.context.Get(key); ok && !slices.ContainsFunc(values, func(s string) bool { return s != "" }) {
				return false
			}
		}
		return true
	}
}

// tenancy looks for a token of another tenant that gets in, and reports each condition that
// should have held it off. It returns these.
func (j *judgement) tenancy() (culprits []*policy.Condition) {
	primary, further := j.issuer.tenancy()
	token, unknown := j.find(strangers(primary, nil))
	if token == nil {
		j.unjudged(primary)
		return nil
	}
	severity, rest := j.gravity(primary, further, unknown)
	j.open = severity
	j.mendTenancy(primary)
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		key := lowerKey(c.Key.Text)
		if !slices.Contains(primary, key) && !slices.Contains(further, key) {
			continue
		}
		w := weaknessOf(c, closesTenant(key, j.o.Tenant))
		if w == strong {
			continue
		}
		culprits = append(culprits, c)
		j.mended(Hole{Code: w.code(), Severity: severity, Summary: j.culpritText(c, w) + rest, Token: token}, c)
	}
	if len(culprits) == 0 {
		code := TenancyConditionMissing
		if _, controlled := controlOf(j.issuer.arn, j.o.Table); controlled {
			code = SharedIssuerConditionMissing
		}
		j.mended(Hole{Code: code, Severity: severity, Summary: j.missingText() + rest, Token: token}, nil)
	}
	return culprits
}

// gravity rates strangers that get in, and says in words what still holds some off.
func (j *judgement) gravity(primary, further, unknown []string) (Severity, string) {
	switch {
	case len(unknown) > 0:
		return Warning, "; only " + listed(unknown) + " holds them off"
	case !j.gets(strangers(slices.Concat(primary, further), nil)):
		return Warning, "; other claims that belong to one tenant hold them off for now"
	case !j.gets(strangers(primary, named(primary))):
		return Failure, "; it takes a token with an empty claim"
	case !j.issuer.Shared:
		return Failure, ""
	}
	return Critical, ""
}

func (j *judgement) gets(accept func(*variable, *class) bool) bool {
	token, _ := j.find(accept)
	return token != nil
}

// unjudged reports that strangers may get in by what could not be worked out: a text with
// policy variables, here or in a Deny statement, or numbers, dates and addresses.
func (j *judgement) unjudged(primary []string) {
	found := j.solve(query{goals: []goal{{0, j.s.Index}}, accept: strangers(primary, nil)}, possible)
	if found == nil || !found.vague && !slices.Contains(j.dependent, true) {
		return
	}
	var at *policy.Condition
	for i, index := range j.conditionsOf(0, j.s.Index) {
		if _, exact := j.s.Conditions[i].Patterns(); at == nil && (j.dependent[index] || !exact) {
			at = &j.s.Conditions[i]
		}
	}
	what := "this condition holds"
	if at == nil {
		what = "the Deny statements hold"
	}
	j.hole(Hole{
		Code: ConditionNotJudged, Severity: Warning,
		Summary: "whether " + what + " off tokens of other tenants cannot be told from the policy alone; compare with fixed texts instead",
	}, at)
}
