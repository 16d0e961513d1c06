package policy

import (
	"strings"
	"unicode/utf8"
)

// In a compiled pattern two bytes that no UTF-8 text contains stand for the
// wildcards, so that a plain * or ? (from ${*}, ${?} or the text of a variable) can
// stand beside them.
const (
	anyRun = 0xff // *: any run of characters, none included
	anyOne = 0xfe // ?: exactly one character
)

var wildcards = strings.NewReplacer("*", string([]byte{anyRun}), "?", string([]byte{anyOne}))

// glob reports whether the whole of s matches the compiled pattern.
func glob(pattern, s string) bool {
	p, i := 0, 0
	backP, backI := -1, 0 // after the last anyRun, and the end of what it takes so far
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == anyRun:
			p++
			backP, backI = p, i
		case p < len(pattern) && pattern[p] == anyOne:
			_, size := utf8.DecodeRuneInString(s[i:])
			p++
			i += size
		case p < len(pattern) && pattern[p] == s[i]:
			p++
			i++
		case backP >= 0:
			_, size := utf8.DecodeRuneInString(s[backI:])
			backI += size
			p, i = backP, backI
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == anyRun {
		p++
	}
	return p == len(pattern)
}

// Like reports whether the whole of s matches a pattern as StringLike compares: letter case
// counts, * is any run of characters and ? one. Policy variables are not replaced.
func Like(pattern, s string) bool { return glob(wildcards.Replace(pattern), s) }
