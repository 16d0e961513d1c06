package trust

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/policy"
)

// listing is a value that a policy lists, as it is written, with what it matches.
type listing struct {
	mark
	text string
}

// organizations tells the values of the policy that name our organization from those that name
// another. Where none names ours there is nothing to compare with: whether the policy is for the
// right one is another question.
func (m *model) organizations(values []listing, tenant string) {
	if tenant == "" || !m.issuer.isForgecroft() {
		return
	}
	primary, _ := m.issuer.tenancy()
	var others []listing
	for _, l := range values {
		switch {
		case !slices.Contains(primary, l.key):
		case m.isOurs(l.key, l.text, tenant):
			m.ours = append(m.ours, l.mark)
		case !slices.ContainsFunc(others, func(o listing) bool { return o.key == l.key && o.text == l.text }):
			others = append(others, l)
		}
	}
	if len(m.ours) > 0 {
		m.foreign = others
	}
}

// isOurs reports whether a value names our organization: as a whole, or within a subject. Letter
// case does not make it another one.
func (m *model) isOurs(key, value, tenant string) bool {
	if key == lowerKey(m.issuer.key("sub")) {
		return strings.Contains(strings.ToLower(value), strings.ToLower(tenant))
	}
	return strings.EqualFold(value, tenant)
}

// holdsAny reports whether a class holds a value that one of the marks matches.
func (c *class) holdsAny(marks ...mark) bool {
	return slices.ContainsFunc(marks, func(m mark) bool {
		values, _, _ := c.context.Get(m.key)
		return slices.ContainsFunc(values, func(value string) bool { return matches(m.pattern, value) })
	})
}

// otherOrganizations reports the values by which tokens of another organization than ours get in.
// Where strangers get in anyway, that has been said.
func (j *judgement) otherOrganizations() {
	if j.open != "" {
		return
	}
	var values []policy.Value
	var first *Token
	var unknown []string
	key := ""
	for _, n := range j.foreign {
		token, rests := j.find(func(v *variable, c *class) bool {
			return !c.holdsAny(j.ours...) && (!slices.Contains(v.keys, n.key) || c.holdsAny(n.mark))
		})
		if token == nil {
			continue
		}
		if first == nil {
			first, unknown, key = token, rests, n.key
		}
		values = append(values, policy.Value{Text: n.text})
	}
	if first == nil {
		return
	}
	h := Hole{
		Code: OtherOrganizationAdmitted, Severity: Critical, Token: first,
		Summary: fmt.Sprintf("tokens of another organization than yours get in: %s may be %s, and yours is %s", escape.Text(j.spelling(key)), quoted(values, "or"), quote(j.o.Tenant)),
	}
	if len(unknown) > 0 {
		h.Severity = Warning
		h.Summary += "; only " + listed(unknown) + " holds them off"
	}
	c, whole := j.leaveOut(values)
	if whole {
		j.hole(h, c)
		return
	}
	j.mended(h, c)
}

// leaveOut takes others' values out of the draft. It returns the first condition that lists one,
// nil if they come in by what other statements leave open, and whether nothing of the statement is
// left for us.
func (j *judgement) leaveOut(values []policy.Value) (first *policy.Condition, whole bool) {
	isOther := func(text string) bool {
		return slices.ContainsFunc(values, func(v policy.Value) bool { return v.Text == text })
	}
	primary, _ := j.issuer.tenancy()
	for i := range j.s.Conditions {
		c := &j.s.Conditions[i]
		if c.Operator.Negated || !slices.Contains(primary, lowerKey(c.Key.Text)) || !slices.ContainsFunc(valueTexts(c.Values), isOther) {
			continue
		}
		if first == nil {
			first = c
		}
		whole = whole || !j.draft.leaveOut(c, isOther)
	}
	if first == nil {
		j.draft.demand(j.tenantDemand())
	}
	return first, whole
}
