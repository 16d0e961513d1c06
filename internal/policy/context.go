package policy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Context is the request context: what AWS knows of a request, as condition keys and
// their values. Names of keys may be in any letter case. A key without values is
// taken as absent. A key with one value is single-valued, with two or more multi-valued.
type Context map[string][]string

// Get returns the values of key and the name under which the context holds it. Letter
// case is ignored (reference_policies_elements_condition.html); if names differ in
// nothing else, the exact one wins, then the first in byte order.
func (c Context) Get(key string) (values []string, name string, ok bool) {
	if values := c[key]; len(values) > 0 {
		return values, key, true
	}
	for candidate, v := range c {
		if len(v) > 0 && equalLower(candidate, key) && (!ok || candidate < name) {
			values, name, ok = v, candidate, true
		}
	}
	return values, name, ok
}

// equalLower reports whether a and b are the same in simple lower case, character by
// character. Unlike strings.EqualFold it does not hold ſ for s.
func equalLower(a, b string) bool {
	for i := 0; i < len(a) && i < len(b); i++ {
		x, y := a[i], b[i]
		if x >= utf8.RuneSelf || y >= utf8.RuneSelf {
			return strings.Map(unicode.ToLower, a[i:]) == strings.Map(unicode.ToLower, b[i:])
		}
		if x != y && lowerASCII(x) != lowerASCII(y) {
			return false
		}
	}
	return len(a) == len(b)
}

func lowerASCII(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
