package trust

import (
	"fmt"
	"slices"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// dropUnfilled leaves out conditions on keys that are never filled: they are no guard.
func (d *draft) dropUnfilled(i issuer) {
	d.conds = slices.DeleteFunc(d.conds, func(c draftCondition) bool {
		return c.key != "" && i.source(c.key).origin == never
	})
}

// unfilled reports conditions on keys that no token of the provider fills.
func (j *judgement) unfilled() {
	primary, _ := j.issuer.tenancy()
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		s := j.issuer.source(c.Key.Text)
		if s.origin != never || !c.Key.Present() {
			continue
		}
		h := Hole{Code: ConditionKeyNeverFilled, Severity: Failure}
		why := "AWS has no such condition key for " + escape.Text(j.issuer.KeyPrefix)
		if s.basis == claims.BasisIssuer {
			why = "by AWS's own tables there is no such condition key"
		}
		h.Summary = fmt.Sprintf("%s: %s, so the condition is never true", quote(c.Key.Text), why)
		if c.Judge(policy.Context{}).Holds {
			h.Severity, h.Summary = Warning, fmt.Sprintf("%s: %s, so the condition is always true and guards nothing", quote(c.Key.Text), why)
		}
		j.mendTenancy(primary)
		j.mended(h, c)
	}
}

// undocumented reports once what rests on the issuer's word alone.
func (j *judgement) undocumented() {
	var keys []string
	var first *policy.Condition
	promised := true
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		s := j.issuer.source(c.Key.Text)
		if s.origin != fromToken || s.basis == claims.BasisAWS {
			continue
		}
		promised = promised && s.basis == claims.BasisIssuer
		if first == nil {
			first = c
		}
		if key := quote(c.Key.Text); !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if first == nil {
		return
	}
	slices.Sort(keys) // two policies with the same keys are told of in the same words
	whose := "the issuer documents them"
	if !promised {
		whose = "nobody documents them"
	}
	j.hole(Hole{
		Code: ConditionKeyUndocumented, Severity: Warning,
		Summary: fmt.Sprintf("AWS's tables do not list %s as condition keys, %s; if AWS does not fill them the conditions are never true, and only a real exchange proves them", listed(keys), whose),
	}, first)
}
