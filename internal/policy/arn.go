package policy

import "strings"

// arnMatcher matches ARNs part by part: a wildcard never reaches over a colon except
// within the sixth part. ArnEquals does what ArnLike does
// (reference_policies_elements_condition_operators.html, "ARN condition operators").
type arnMatcher struct{ pattern }

func newARNMatcher(value string, variables bool) (matcher, bool) {
	t := newTemplate(value, patternStyle, variables)
	if _, ok := arnParts(t.fixed); !ok && t.parts == nil {
		return neverMatcher{OpenNotARN}, false
	}
	return arnMatcher{pattern{t}}, true
}

func (m arnMatcher) match(value string, c Context) (outcome, OpenRules) {
	return m.matchWith(value, c, matchARN)
}

func matchARN(pattern, value string) (outcome, OpenRules) {
	want, ok := arnParts(pattern)
	if !ok {
		return incomparable, OpenNotARN
	}
	got, ok := arnParts(value)
	if !ok || got[0] != "arn" {
		return incomparable, OpenNotARN
	}
	for i := range want {
		if !glob(want[i], got[i]) {
			return differs, 0
		}
	}
	return matches, 0
}

// arnParts splits an ARN or a pattern for one at its first five colons.
func arnParts(s string) (parts [6]string, ok bool) {
	for i := range 5 {
		if parts[i], s, ok = strings.Cut(s, ":"); !ok {
			return parts, false
		}
	}
	parts[5] = s
	return parts, true
}
