package policy

import "strings"

// parseBool reads true or false in any letter case; open marks a spelling other than
// the plain one.
func parseBool(s string) (b bool, open OpenRules, ok bool) {
	switch {
	case s == "true":
		return true, 0, true
	case s == "false":
		return false, 0, true
	case strings.EqualFold(s, "true"):
		return true, OpenBoolSpelling, true
	case strings.EqualFold(s, "false"):
		return false, OpenBoolSpelling, true
	default:
		return false, 0, false
	}
}

// boolMatcher compares truth values. Its value is a template: see [OpenBoolVariable].
type boolMatcher struct{ template }

func newBoolMatcher(value string, variables bool) (matcher, bool) {
	t := newTemplate(value, plainStyle, variables)
	if _, _, ok := parseBool(t.fixed); !ok && t.parts == nil {
		return neverMatcher{}, false
	}
	return boolMatcher{t}, true
}

func (m boolMatcher) match(value string, c Context) (outcome, OpenRules) {
	r := m.resolve(c, plainStyle, false)
	if m.parts != nil {
		r.open |= OpenBoolVariable
	}
	if r.null {
		return differs, r.open
	}
	want, openWant, ok := parseBool(r.text)
	if !ok {
		return incomparable, r.open
	}
	got, openGot, ok := parseBool(value)
	if !ok {
		return incomparable, 0
	}
	if got != want {
		return differs, r.open // false under any reading of the letter case
	}
	return matches, r.open | openWant | openGot
}

// nullMatcher is a value of the operator Null: whether the key must be absent.
// It is asked with "true" for an absent key and "false" for one that is there.
type nullMatcher struct {
	absent bool
	open   OpenRules
}

func newNullMatcher(value string) (matcher, bool) {
	absent, open, ok := parseBool(value)
	if !ok {
		return neverMatcher{}, false
	}
	return nullMatcher{absent, open}, true
}

func (m nullMatcher) match(absent string, _ Context) (outcome, OpenRules) {
	if m.absent == (absent == "true") {
		return matches, m.open
	}
	return differs, 0
}
