package jsonwalk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Fault says where a text stops being JSON, as an offset in bytes, and what stands there, in words.
// ok is false for a text that is [Valid].
func Fault(src string) (offset int, what string, ok bool) {
	switch {
	case strings.TrimSpace(src) == "":
		return 0, "it is empty", true
	case strings.HasPrefix(src, "\xff\xfe"), strings.HasPrefix(src, "\xfe\xff"):
		return 0, "the file is UTF-16: save it as UTF-8", true
	case len(src) > 1 && (src[0] == 0 || src[1] == 0):
		return 0, "the file is UTF-16 or UTF-32: save it as UTF-8", true
	case strings.HasPrefix(src, "\xef\xbb\xbf"):
		return 0, "the file begins with a byte order mark: save it without one", true
	case len(src) > 2 && strings.EqualFold(src[:3], "%7B"):
		return 0, "it looks URL-encoded, as IAM's API returns documents: decode it first", true
	}
	var whole json.RawMessage
	err := json.Unmarshal([]byte(src), &whole)
	if err == nil {
		return 0, "", false
	}
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	if !isSyntax {
		return 0, err.Error(), true
	}
	at := min(max(0, int(syntax.Offset)-1), len(src)) // Offset counts the offending byte as read
	for at > 0 && at < len(src) && !utf8.RuneStart(src[at]) {
		at--
	}
	if strings.HasPrefix(syntax.Error(), "unexpected end") {
		return len(src), "it ends too early: a bracket, a brace or a quote is not closed", true
	}
	return faultAt(src, at, syntax)
}

// faultAt names what somebody wrote that JSON does not have.
func faultAt(src string, at int, err error) (offset int, what string, ok bool) {
	rest := src[at:]
	before := strings.TrimRight(src[:at], " \t\r\n")
	r, size := utf8.DecodeRuneInString(rest)
	switch {
	case strings.HasPrefix(rest, "//"), strings.HasPrefix(rest, "/*"), strings.HasPrefix(rest, "#"):
		return at, "a comment, which JSON does not have", true
	case at > 0 && (strings.HasPrefix(src[at-1:], "//") || strings.HasPrefix(src[at-1:], "/*")):
		return at - 1, "a comment, which JSON does not have", true
	case (r == '}' || r == ']') && strings.HasSuffix(before, ","):
		return len(before) - 1, "a comma behind the last element, which JSON does not have", true
	case r == '\'':
		return at, "a single quote: JSON has double quotes only", true
	case strings.ContainsRune("\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb", r):
		return at, fmt.Sprintf("%c (U+%04X) is a typographic quote: JSON has the plain \" only", r, r), true
	case r == '\u00a0':
		return at, "a no-break space (U+00A0), which is no blank to JSON", true
	case r == utf8.RuneError && size < 2:
		return at, "a byte that is no UTF-8: save the file as UTF-8", true
	case r > '~':
		return at, fmt.Sprintf("the character U+%04X does not belong here", r), true
	}
	return at, err.Error(), true
}
