package trust

import (
	"maps"
	"math"
	"slices"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// goal is that one document admits the token.
type goal struct {
	doc   int
	allow int // the Allow statement by which it does, -1 for any
}

// query asks for a token.
type query struct {
	goals  []goal
	accept func(v *variable, c *class) bool // which classes may be used; nil: all
}

// solution is a token that a query asks for.
type solution struct {
	context policy.Context
	classes []*class // one a variable
	allows  []int    // the Allow statement of each goal
	vague   bool
}

// The bounds of one search. More statements than these fit no trust policy.
const (
	maxChoices = 1 << 12 // ways to choose Allow statements
	maxDenies  = 60
	maxStates  = 1 << 14 // sets of Deny statements that do not match
)

// solve returns the cheapest solution, nil if there is none at the level. Where the search
// had to be cut short the model is marked incomplete.
func (m *model) solve(q query, l level) *solution {
	var best *solution
	least := math.MaxInt
	for _, s := range m.scenarios() {
		for _, choice := range m.choices(q, s, l) {
			if found, weight := m.search(q, s, choice, l); found != nil && weight < least {
				best, least = found, weight
			}
		}
	}
	return best
}

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

// step is the cheapest way to keep a set of Deny statements from matching with the variables
// so far.
type step struct {
	weight int
	class  *class
	before uint64 // the set without this variable
}

// search chooses a class for each variable so that all required conditions hold and no Deny
// matches. The sets of Deny statements that the variables so far keep from matching are all
// that has to be known of them.
func (m *model) search(q query, s scenario, c choice, l level) (*solution, int) {
	all := uint64(1)<<len(c.denies) - 1
	states := map[uint64]step{0: {}}
	path := make([]map[uint64]step, 0, len(m.variables))
	for _, v := range m.variables {
		next := map[uint64]step{}
		for _, option := range m.options(v, q, s, c, l) {
			for _, before := range slices.Sorted(maps.Keys(states)) {
				mask, weight := before|option.mask, states[before].weight+option.class.weight
				if old, ok := next[mask]; !ok || weight < old.weight {
					next[mask] = step{weight, option.class, before}
				}
			}
		}
		if len(next) > maxStates {
			m.incomplete = true
			return nil, 0
		}
		states = next
		path = append(path, next)
	}
	end, ok := states[all]
	if !ok {
		return nil, 0
	}
	found := &solution{context: policy.Context{}, allows: c.allows, classes: make([]*class, len(path))}
	for i, mask := len(path)-1, all; i >= 0; i-- {
		step := path[i][mask]
		found.classes[i] = step.class
		found.vague = found.vague || step.class.vague
		maps.Copy(found.context, step.class.context)
		mask = step.before
	}
	return found, end.weight
}

// option is a class that can be chosen, with the Deny statements that it keeps from matching.
type option struct {
	class *class
	mask  uint64
}

// options returns the classes of a variable that a choice leaves, of those that do the same
// the cheapest.
func (m *model) options(v *variable, q query, s scenario, c choice, l level) []option {
	var list []option
	at := map[uint64]int{}
next:
	for i := range v.classes {
		class := &v.classes[i]
		if class.vague && l != possible || q.accept != nil && !q.accept(v, class) || !s.fits(v, class) {
			continue
		}
		for j, index := range v.conditions {
			if c.required[index] && !class.truths[j].may(true, l) {
				continue next
			}
		}
		o := option{class: class}
		for d, conditions := range c.denies {
			for j, index := range v.conditions {
				if slices.Contains(conditions, index) && class.truths[j].may(false, l) {
					o.mask |= 1 << d
				}
			}
		}
		old, ok := at[o.mask]
		switch {
		case !ok:
			at[o.mask] = len(list)
			list = append(list, o)
		case class.weight < list[old].class.weight:
			list[old] = o
		}
	}
	return list
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

// admitted reports whether a document admits a request with the context, with all that the
// context asks for, and on which readings that rests.
func (m *model) admitted(doc int, context policy.Context) (ok bool, rests policy.OpenRules) {
	var s scenario
	tags, _, _ := context.Get("aws:TagKeys")
	identity, _, _ := context.Get("sts:SourceIdentity")
	s.tags, s.source = len(tags) > 0, len(identity) > 0
	for _, action := range s.actions() {
		result := m.docs[doc].Evaluate(m.request(action, context))
		if result.Decision != policy.Allowed {
			return false, 0
		}
		rests |= result.Open()
	}
	return true, rests
}
