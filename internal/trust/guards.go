package trust

import (
	"fmt"
	"slices"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// audience reports that tokens made for somebody else get in. STS takes only tokens whose
// audience the provider lists, so that with a single client id there is nothing to test.
func (j *judgement) audience() {
	if len(j.issuer.audiences) == 1 {
		return
	}
	aud, oaud := lowerKey(j.issuer.key("aud")), lowerKey(j.issuer.key("oaud"))
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		key := lowerKey(c.Key.Text)
		if key != aud && key != oaud || c.Operator.Negated || c.Operator.Family == policy.NullFamily {
			continue
		}
		if w := weaknessOf(c, func(policy.Pattern) bool { return true }); w != matchesAll {
			return
		}
	}
	token, _ := j.find(nil)
	if token == nil {
		return
	}
	if other := j.withAudience(token); other != nil {
		token = other
	}
	value := defaultAud
	if len(j.issuer.audiences) > 0 {
		value = j.issuer.audiences[0]
	}
	j.draft.demand(j.issuer.key("aud"), value)
	j.mended(Hole{
		Code: AudienceConditionMissing, Severity: Warning, Token: token,
		Summary: "no condition on " + quote(j.issuer.key("aud")) + ": a token made for any audience of the provider gets in",
	}, nil)
}

// withAudience shows the token with another audience, if it still gets in.
func (j *judgement) withAudience(t *Token) *Token {
	other := []string{"another-audience"}
	if n := len(j.issuer.audiences); n > 0 {
		other = j.issuer.audiences[n-1:]
	}
	context := policy.Context{}
	for key, values := range t.Context {
		context[key] = values
		if k := lowerKey(key); k == lowerKey(j.issuer.key("aud")) || k == lowerKey(j.issuer.key("oaud")) {
			context[key] = other
		}
	}
	if !j.lets(context) {
		return nil
	}
	return j.token(context)
}

// guards reports conditions that let more through than they seem to, on other keys than those
// that tell tenants apart, or beside one that does.
func (j *judgement) guards(culprits []*policy.Condition) {
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		s := j.issuer.source(c.Key.Text)
		if slices.Contains(culprits, c) || s.origin == never || s.origin == fromWorld {
			continue
		}
		w := weaknessOf(c, staysInPart)
		if w == strong || w == reaches && lowerKey(c.Key.Text) != lowerKey(j.issuer.key("sub")) {
			continue
		}
		if key := lowerKey(c.Key.Text); w == matchesAll && key == lowerKey(j.issuer.key("aud")) {
			continue // audience says it
		}
		j.guard(c, s, w)
	}
}

func (j *judgement) guard(c *policy.Condition, s source, w weakness) {
	key := lowerKey(c.Key.Text)
	without := func(class *class) bool {
		_, _, ok := class.context.Get(key)
		return !ok
	}
	var accept func(*variable, *class) bool
	if w == ifExists || w == forAll || w == negated && !s.always {
		accept = func(v *variable, class *class) bool { return !slices.Contains(v.keys, key) || without(class) }
	}
	token, _ := j.find(accept)
	if token == nil && !s.always {
		return // something else demands the key
	}
	severity := Warning
	if token != nil && (key == lowerKey(j.issuer.key("phase")) || key == requestTag+"phase") {
		severity = Failure
	}
	closed := staysInPart
	if w == matchesAll {
		closed = func(policy.Pattern) bool { return false }
	}
	j.draft.strengthen(c, s.many, closed)
	if w == negated {
		j.draft.demandPresence(c.Key.Text)
	}
	j.mended(Hole{Code: w.code(), Severity: severity, Summary: j.guardText(c, s, w), Token: token}, c)
}

func (j *judgement) guardText(c *policy.Condition, s source, w weakness) string {
	key, operator := quote(c.Key.Text), escape.Text(c.OperatorName.Text)
	switch {
	case w == negated && s.always:
		return fmt.Sprintf("%s lets in every value of %s but those listed; list those that may come in", operator, key)
	case w == negated:
		return fmt.Sprintf("%s is true of a token without %s, and of every value but those listed", operator, key)
	case w == matchesAll:
		return fmt.Sprintf("the pattern matches every value of %s: the condition only says that it is there", key)
	case w == reaches:
		return fmt.Sprintf("the wildcard in %s also takes in separators and what follows them: write whole parts, or list the values", key)
	case s.always:
		return fmt.Sprintf("%s is true of a token without %s; STS takes no such token, so the plain operator says the same without the doubt", operator, key)
	}
	return fmt.Sprintf("%s is true of a token without %s, so the claim is not demanded", operator, key)
}
