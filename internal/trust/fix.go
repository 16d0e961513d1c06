package trust

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// The texts that stand for what only the reader knows.
const (
	placeholderOrg     = "REPLACE-WITH-YOUR-ORG-ID"
	placeholderSubject = "REPLACE-WITH-THE-SUB-OF-YOUR-TOKENS"
	placeholderValue   = "REPLACE-WITH-YOUR-VALUE"
	placeholderRole    = "REPLACE-WITH-THE-ROLE-ARN"
)

// draft is a statement being corrected.
type draft struct {
	of        *policy.Statement
	principal string // the provider to name where the statement names nobody
	conds     []draftCondition
}

type draftCondition struct {
	operator, key string
	values        []string
	from          *policy.Condition // nil for one that was added
}

func newDraft(s *policy.Statement, principal string) *draft {
	d := &draft{of: s, principal: principal}
	for i := range s.Conditions {
		d.conds = append(d.conds, drafted(&s.Conditions[i]))
	}
	return d
}

func drafted(c *policy.Condition) draftCondition {
	d := draftCondition{operator: c.Operator.String(), key: c.Key.Text, from: c}
	for _, v := range c.Values {
		d.values = append(d.values, v.Text)
	}
	return d
}

// demand adds an equality, in the place of what else is demanded of the key by equality.
func (d *draft) demand(key string, values ...string) {
	d.conds = slices.DeleteFunc(d.conds, func(c draftCondition) bool {
		return sameKey(c.key, key) && c.operator == "StringEquals"
	})
	d.conds = append(d.conds, draftCondition{operator: "StringEquals", key: key, values: values})
}

// demandPresence adds that the key must be there.
func (d *draft) demandPresence(key string) {
	d.conds = slices.DeleteFunc(d.conds, func(c draftCondition) bool { return c.operator == "Null" && sameKey(c.key, key) })
	d.conds = append(d.conds, draftCondition{operator: "Null", key: key, values: []string{"false"}})
}

// leaveOut takes values out of a condition. It reports whether any are left; if not, nothing changes.
func (d *draft) leaveOut(c *policy.Condition, unwanted func(string) bool) bool {
	i := slices.IndexFunc(d.conds, func(dc draftCondition) bool { return dc.from == c })
	if i < 0 || !slices.ContainsFunc(d.conds[i].values, func(v string) bool { return !unwanted(v) }) {
		return false
	}
	d.conds[i].values = slices.DeleteFunc(d.conds[i].values, unwanted)
	return true
}

// strengthen rewrites a condition so that it holds only for what it names.
func (d *draft) strengthen(c *policy.Condition, many bool, closed func(policy.Pattern) bool) {
	i := slices.IndexFunc(d.conds, func(dc draftCondition) bool { return dc.from == c })
	if i < 0 {
		return
	}
	op := c.Operator
	op.IfExists = false
	if op.Set == policy.ForAllValues {
		if many {
			defer d.demandPresence(c.Key.Text)
		} else {
			op.Set = policy.NoSet
		}
	}
	if clash := slices.IndexFunc(d.conds, func(dc draftCondition) bool {
		return sameKey(dc.key, c.Key.Text) && dc.operator == op.String()
	}); clash >= 0 && clash != i {
		d.conds = slices.Delete(d.conds, i, i+1) // the plain form stands there already
		return
	}
	d.conds[i].operator = op.String()
	if op.Negated {
		return
	}
	for n := range d.conds[i].values {
		if p, ok := c.ValuePattern(n); ok && hasWildcard(p) && !closed(p) {
			d.conds[i].values[n] = narrowed(p, d.conds[i].values[n], closed)
		}
	}
}

// narrowed closes the open part of a pattern by a separator in front of its last wildcard, and
// leaves it to the reader where that is not enough.
func narrowed(p policy.Pattern, value string, closed func(policy.Pattern) bool) string {
	prefix := text(p.Symbols[:prefixLength(p)])
	if prefix == "" || prefix+"*" != value || isSeparator(rune(prefix[len(prefix)-1])) {
		return placeholderValue
	}
	separator := separatorAfter(prefix)
	narrow := policy.Literal(prefix + separator)
	narrow.Symbols = append(narrow.Symbols, policy.Symbol{Kind: policy.AnyRun})
	if !closed(narrow) {
		return placeholderValue
	}
	return prefix + separator + "*"
}

// separatorAfter returns what ends the part of a subject that the prefix stops in: a slash
// between the owner and the name of a repository or project, else a colon.
func separatorAfter(prefix string) string {
	kind, rest, ok := strings.Cut(prefix, ":")
	switch {
	case !ok, (kind == "repo" || kind == "project_path") && !strings.Contains(rest, "/"):
		return "/"
	}
	return ":"
}
