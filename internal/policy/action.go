package policy

import "strings"

// actionPattern is a compiled value of Action or NotAction, all in lower case
// (reference_policies_elements_action.html): a service prefix, which takes no
// wildcards, and a pattern for the name.
type actionPattern struct {
	prefix string
	name   string
	any    bool // "*": every action of every service
}

// newActionPattern compiles an action. ok is false for text that names none.
func newActionPattern(text string) (p actionPattern, ok bool) {
	if text == "*" || text == "*:*" {
		return actionPattern{any: true}, true
	}
	prefix, name, ok := strings.Cut(strings.ToLower(text), ":")
	if !ok || prefix == "" || name == "" || strings.ContainsAny(prefix, "*?") {
		return actionPattern{prefix: "*"}, false // no service is called that: matches nothing
	}
	return actionPattern{prefix: prefix, name: wildcards.Replace(name)}, true
}

// match judges an action given in lower case.
func (p actionPattern) match(action string) bool {
	if p.any {
		return true
	}
	prefix, name, ok := strings.Cut(action, ":")
	return ok && prefix == p.prefix && glob(p.name, name)
}

// MatchesAction reports whether the statement's Action or NotAction takes in action,
// such as "sts:TagSession", in any letter case.
func (s *Statement) MatchesAction(action string) bool {
	return s.traceAction(action, strings.ToLower(action)).Holds
}

// traceAction judges the action, which lower holds in lower case. An empty list of
// actions, negated or not, has no effect: the statement matches nothing.
func (s *Statement) traceAction(action, lower string) ElementTrace {
	find := func(e *Element) (verdict, int) {
		for i, p := range e.actions {
			if p.match(lower) {
				return verdict{holds: true}, i
			}
		}
		return verdict{}, -1
	}
	return traceElements(actionElement, action, s.Action, s.NotAction, find)
}
