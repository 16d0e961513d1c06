package doctor

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/forgecroft/fcoidc/internal/policy"
)

// The causes of a value that somebody did not mean to write as it stands.
const (
	valueSpelling    = "condition_value_spelling"
	valuePlaceholder = "condition_value_placeholder"
)

// slip says whether an expected value is the one found in another spelling, or no value at all
// but the place for one.
func slip(name, expected, found string, pattern bool) (likeness, bool) {
	if words := respelt(expected, found, pattern); words != "" {
		l := likeness{cause: valueSpelling, far: 1, respelt: true, words: "the " + name + " of the trust policy is the token's but for its spelling: " + words}
		if name == "aud" {
			l.cause = "aud_condition_mismatch"
		}
		return l, true
	}
	if isPlaceholder(name, expected) {
		return likeness{cause: valuePlaceholder, far: 6, words: "a placeholder was left in the trust policy where a value for " + name + " belongs"}, true
	}
	return likeness{}, false
}

// unfilled is a value whose policy variable has no value in the call.
func unfilled(name, value string) likeness {
	words := "the policy variable in the value for " + name + " has no value in a federated call, so that it compares with nothing"
	if _, rest, _ := strings.Cut(value, "${"); !strings.Contains(rest, ":") {
		words = "a placeholder was left in the trust policy where a value for " + name + " belongs: nothing replaced the variable"
	}
	return likeness{cause: valuePlaceholder, far: 6, words: words}
}

// respelt says in words how a value of the trust policy and one of the token differ that mean the
// same; "" where they do not.
func respelt(expected, found string, pattern bool) string {
	a, b := plainText(expected), plainText(found)
	switch same := a == b || pattern && policy.Like(a, b); {
	case same && a != expected:
		return "the policy's has " + oddities(expected)
	case same:
		return "the token's has " + oddities(found)
	case sameUUID(a, b):
		return "one UUID in two notations"
	}
	return ""
}

// plainText is a text without what does not show or was wrapped around it: blanks and quotes at
// its ends, control and format characters, other signs for a hyphen.
func plainText(s string) string {
	if !strings.ContainsFunc(s, isOdd) {
		return s
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Pd, r), r == '\u2212':
			return '-'
		case unicode.IsSpace(r):
			return ' '
		case isInvisible(r):
			return -1
		}
		return r
	}, s)
	return strings.Trim(s, ` "'`)
}

// isOdd reports whether a character may be one that [plainText] takes out.
func isOdd(r rune) bool { return r <= ' ' || r == '"' || r == '\'' || r >= 0x7f }

func isInvisible(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r)
}

// oddities lists what [plainText] takes out of a text.
func oddities(s string) string {
	var list []string
	note := func(what string) {
		if !slices.Contains(list, what) {
			list = append(list, what)
		}
	}
	visible := strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || isInvisible(r) })
	before, after, _ := strings.Cut(s, visible)
	for _, end := range []struct{ text, where string }{{before, "at its beginning"}, {after, "at its end"}, {visible, "in it"}} {
		for _, r := range end.text {
			if what := oddity(r); what != "" && (r != ' ' || end.where != "in it") {
				note(what + " " + end.where)
			}
		}
	}
	if strings.Trim(visible, `"'`) != visible {
		note("quotes around it")
	}
	return strings.Join(list, ", ")
}

func oddity(r rune) string {
	code := fmt.Sprintf("(U+%04X)", r)
	switch {
	case r == ' ':
		return "a space"
	case r == '\n', r == '\r':
		return "a line break"
	case r == '\t':
		return "a tab"
	case r == '\u00a0':
		return "a no-break space " + code
	case unicode.IsSpace(r):
		return "a blank " + code
	case isInvisible(r):
		return "an invisible character " + code
	case r > unicode.MaxASCII && (unicode.Is(unicode.Pd, r) || r == '\u2212'):
		return "a dash " + code
	}
	return ""
}

// sameUUID reports whether two texts are one UUID, with or without hyphens, braces, urn:uuid:, and
// in any letter case.
func sameUUID(a, b string) bool {
	const digits = 32
	x, y := make([]byte, 0, digits), make([]byte, 0, digits)
	for _, side := range []struct {
		text string
		into *[]byte
	}{{a, &x}, {b, &y}} {
		text := side.text
		if len(text) > len("urn:uuid:") && strings.EqualFold(text[:len("urn:uuid:")], "urn:uuid:") {
			text = text[len("urn:uuid:"):]
		}
		for i := range len(text) {
			c := text[i]
			switch {
			case c >= '0' && c <= '9', c >= 'a' && c <= 'f':
			case c >= 'A' && c <= 'F':
				c += 'a' - 'A'
			case c == '-', c == '{', c == '}':
				continue
			default:
				return false
			}
			if len(*side.into) == digits {
				return false
			}
			*side.into = append(*side.into, c)
		}
	}
	return len(x) == digits && string(x) == string(y)
}

// placeholderWords are values that wait to be replaced, and placeholderBeginnings how such begin.
// A branch or a repository may well be called todo-list or replacement-service.
var (
	placeholderWords      = []string{"todo", "placeholder", "replaceme", "changeme", "yourorg", "yourorgid"}
	placeholderBeginnings = []string{
		"your-", "your_", "your ", "<", "replace-me", "replace_me", "replace-with", "replace_with",
		"change-me", "change_me", "insert-your", "insert_your", "insert-here", "insert_here", "todo:", "placeholder-", "placeholder_",
	}
)

// isPlaceholder reports whether a value only marks the place for one: <your-org-uuid>, YOUR_ORG_ID,
// {{org_id}}, ${OrgId}, ORG_ID.
func isPlaceholder(name, value string) bool {
	if value == "" {
		return false
	}
	for _, around := range [...][2]string{{"<", ">"}, {"{{", "}}"}, {"${", "}"}, {"__", "__"}, {"%", "%"}, {"[", "]"}} {
		if len(value) > len(around[0])+len(around[1]) && strings.HasPrefix(value, around[0]) && strings.HasSuffix(value, around[1]) {
			return true
		}
	}
	for _, beginning := range placeholderBeginnings {
		if len(value) >= len(beginning) && strings.EqualFold(value[:len(beginning)], beginning) {
			return true
		}
	}
	if slices.ContainsFunc(placeholderWords, func(word string) bool { return strings.EqualFold(value, word) }) {
		return true
	}
	if (value[0] == 'x' || value[0] == 'X') && strings.Trim(value, "xX-") == "" && len(value) > 2 {
		return true
	}
	const spelt = len("__uuid") // how much longer the name of a claim may be written
	if len(value) > len(name)+spelt {
		return false
	}
	return plainName(value) == plainName(name) || plainName(value) == strings.TrimSuffix(plainName(name), "id")+"uuid"
}

// plainName is a name without letter case and what separates its words.
func plainName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' {
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

// replaced is the condition with another value in the place of the one at an index.
func (d *diagnoser) replaced(c *policy.ConditionTrace, at int, value string) string {
	values := valueTexts(c)
	values[at] = value
	return d.conditionFix(c.Condition.OperatorName.Text, c.Condition.Key.Text, values)
}
