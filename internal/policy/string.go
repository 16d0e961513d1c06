package policy

import "strings"

// newStringMatcher compiles a value of StringEquals, StringEqualsIgnoreCase or StringLike.
func newStringMatcher(cmp comparison, value string, variables bool) matcher {
	switch cmp {
	case like:
		return pattern{newTemplate(value, patternStyle, variables)}
	case equalIgnoreCase:
		return foldMatcher{newTemplate(value, plainStyle, variables)}
	default:
		return exactMatcher{newTemplate(value, plainStyle, variables)}
	}
}

// exactMatcher compares character by character; * and ? are plain.
type exactMatcher struct{ template }

func (m exactMatcher) match(value string, c Context) (outcome, OpenRules) {
	r := m.resolve(c, plainStyle, false)
	return outcomeOf(!r.null && value == r.text), r.open
}

// foldMatcher compares without regard to letter case.
type foldMatcher struct{ template }

func (m foldMatcher) match(value string, c Context) (outcome, OpenRules) {
	r := m.resolve(c, plainStyle, false)
	if r.null {
		return differs, r.open
	}
	same := equalLower(value, r.text)
	if same != strings.EqualFold(value, r.text) || same && !equalASCII(value, r.text) {
		r.open |= OpenLowerCase
	}
	return outcomeOf(same), r.open
}

// equalASCII reports whether a and b differ at most in the case of ASCII letters.
func equalASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if lowerASCII(a[i]) != lowerASCII(b[i]) {
			return false
		}
	}
	return true
}

// pattern matches the whole value, case counts, with * for any run of characters and
// ? for one.
type pattern struct{ template }

func (m pattern) match(value string, c Context) (outcome, OpenRules) {
	return m.matchWith(value, c, func(pattern, value string) (outcome, OpenRules) {
		return outcomeOf(glob(pattern, value)), 0
	})
}

// matchWith resolves the pattern and compares by test. Where a variable's text holds
// wildcards it compares a second time with these alive, to know whether the reading
// decides.
func (m pattern) matchWith(value string, c Context, test func(pattern, value string) (outcome, OpenRules)) (outcome, OpenRules) {
	r := m.resolve(c, patternStyle, false)
	if r.null {
		return differs, r.open
	}
	result, open := test(r.text, value)
	if r.wild {
		if other, _ := test(m.resolve(c, patternStyle, true).text, value); other != result {
			open |= OpenSubstitutedWildcard
		}
	}
	return result, open | r.open
}
