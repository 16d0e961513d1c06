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
