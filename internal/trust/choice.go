package trust

import (
	"maps"
	"slices"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// scenario says what else a token asks for.
type scenario struct{ tags, source bool }

// scenarios returns those that the variables allow for, the plainest first.
func (m *model) scenarios() []scenario {
	var tags, source bool
	for _, v := range m.variables {
		for i := range v.classes {
			tags, source = tags || v.classes[i].tags, source || v.classes[i].source
		}
	}
	list := []scenario{{}}
	if tags {
		list = append(list, scenario{tags: true})
	}
	if source {
		list = append(list, scenario{source: true})
	}
	if tags && source {
		list = append(list, scenario{true, true})
	}
	return list
}

// actions returns what a trust policy must allow in the scenario.
func (s scenario) actions() []string {
	actions := []string{Action}
	if s.tags {
		actions = append(actions, TagSession)
	}
	if s.source {
		actions = append(actions, SetSourceIdentity)
	}
	return actions
}

// choice is one way to be admitted: the conditions that have to hold, and the Deny statements
// of which some condition has to fail.
type choice struct {
	allows   []int
	required map[int]bool
	denies   [][]int // of each its conditions
}

// choices returns all ways to choose an Allow statement for each goal and action.
func (m *model) choices(q query, s scenario, l level) []choice {
	list := []choice{{required: map[int]bool{}}}
	for _, g := range q.goals {
		seen := map[int]bool{}
		for n, action := range s.actions() {
			trace := m.docs[g.doc].Evaluate(m.request(action, nil))
			var next []choice
			for i, st := range trace.Statements {
				switch {
				case st.Statement.Effect == policy.Deny:
					if !m.onlyAllow && !seen[i] && !base(&st).may(false, l) {
						seen[i] = true
						list = withDeny(list, m.conditionsOf(g.doc, i))
					}
				case !base(&st).may(true, l):
				case n > 0 || g.allow < 0 || g.allow == i:
					next = append(next, m.choose(list, g.doc, i, n == 0)...)
				}
			}
			// Denies that come after an Allow in the document count for it, too.
			for i := range next {
				next[i].denies = list[0].denies
			}
			if len(next) == 0 {
				return nil
			}
			if list = next; len(list) > maxChoices || len(list[0].denies) > maxDenies {
				m.incomplete = true
				return nil
			}
		}
	}
	return list
}

// request asks for an action with a context.
func (m *model) request(action string, context policy.Context) policy.Request {
	return policy.Request{
		Action: action, Context: context,
		Principal: &policy.Principal{Kind: "Federated", ID: m.issuer.arn, Account: m.issuer.account},
	}
}

// base is whether principal and action of a statement take in the request.
func base(st *policy.StatementTrace) (t truth) {
	if st.Principal.Holds && st.Action.Holds {
		t |= holds
	}
	principal, action := st.Principal, st.Action
	if principal.Open|action.Open != 0 && (principal.Holds || principal.Open != 0) && (action.Holds || action.Open != 0) {
		t |= open
	}
	return t
}

func (m *model) conditionsOf(doc, statement int) []int {
	var list []int
	for k := range m.docs[doc].Statements[statement].Conditions {
		list = append(list, m.first[doc][statement]+k)
	}
	return list
}

func withDeny(list []choice, conditions []int) []choice {
	for i := range list {
		list[i].denies = append(slices.Clone(list[i].denies), conditions)
	}
	return list
}

// choose adds an Allow statement to each choice so far.
func (m *model) choose(list []choice, doc, statement int, first bool) []choice {
	var next []choice
	for _, c := range list {
		c.required = maps.Clone(c.required)
		for _, index := range m.conditionsOf(doc, statement) {
			c.required[index] = true
		}
		if first {
			c.allows = append(slices.Clone(c.allows), statement)
		}
		next = append(next, c)
	}
	return next
}

// fits reports whether the class is one of the scenario.
func (s scenario) fits(v *variable, c *class) bool {
	for _, key := range v.keys {
		switch {
		case key == "sts:sourceidentity":
			return c.source == s.source
		case key == "aws:tagkeys", len(key) > len(requestTag) && key[:len(requestTag)] == requestTag:
			return c.tags == s.tags
		}
	}
	return true
}
