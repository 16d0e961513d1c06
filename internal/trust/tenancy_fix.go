package trust

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// mendTenancy corrects the draft so that only our tenant's tokens get in.
func (j *judgement) mendTenancy(primary []string) {
	bound := false
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		key, s := lowerKey(c.Key.Text), j.issuer.source(c.Key.Text)
		closed := closesTenant(key, j.o.Tenant)
		if !slices.Contains(primary, key) {
			continue
		}
		j.draft.strengthen(c, s.many, closed)
		compares := c.Operator.Family == policy.StringFamily || c.Operator.Family == policy.ARNFamily
		bound = bound || s.origin != never && compares && !c.Operator.Negated && namesValues(c) && !j.dependent[j.first[0][j.s.Index]+i]
	}
	j.draft.dropUnfilled(j.issuer)
	if !bound {
		key, value := j.tenantDemand()
		j.draft.demand(key, value)
	}
}

// namesValues reports whether some value of the condition can be equal to anything.
func namesValues(c *policy.Condition) bool {
	for i := range c.Values {
		if _, ok := c.ValuePattern(i); ok {
			return true
		}
	}
	return false
}

// tenantDemand is the condition to add where none tells tenants apart.
func (j *judgement) tenantDemand() (key, value string) {
	org := j.o.Tenant
	if org == "" {
		org = placeholderOrg
	}
	for i := range j.s.Conditions {
		if strings.HasPrefix(lowerKey(j.s.Conditions[i].Key.Text), requestTag) && j.issuer.isForgecroft() {
			return "aws:RequestTag/org_id", org
		}
	}
	switch {
	case j.issuer.isForgecroft() && j.issuer.keys != KeysDocumented:
		return j.issuer.key("org_id"), org
	case len(j.issuer.RequiredAnyOf) > 0 && j.issuer.RequiredAnyOf[0] != "sub":
		return j.issuer.key(j.issuer.RequiredAnyOf[0]), placeholderValue
	}
	return j.issuer.key("sub"), placeholderSubject
}
