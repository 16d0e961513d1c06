// Package yamlerr says in which line of a file a mistake in YAML stands.
//
// The library's errors are texts, most of them with a line: its scanner counts from 1 and
// leaves line 1 out, its parser counts from 0 and leaves line 0 out, and its reader names
// none (go.yaml.in/yaml/v3, decode.go, parser.fail).
package yamlerr

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/forgecroft/fcoidc/internal/lazyregexp"
)

var (
	// numbered finds the line in the library's texts: "line 3: did not find ...".
	numbered = lazyregexp.New(`^line (\d+): `)

	byParser = lazyregexp.New(`^did not find expected (<|node content|key$|'-'|',')|^found (undefined tag|duplicate %|incompatible YAML)`)
	byReader = lazyregexp.New(`UTF-8|^control characters |^invalid Unicode`)
	byNobody = lazyregexp.New(`^(unknown anchor|anchor '|input error)`)
)

// Describe returns what the library found wrong with src, without its prefix, and in which
// line, counted from 1; 0 is a line that is not known. The text may quote src.
func Describe(src []byte, err error) (line int, text string) {
	text = strings.TrimPrefix(err.Error(), "yaml: ")
	if m := numbered.FindStringSubmatch(text); m != nil {
		text = text[len(m[0]):]
		line, _ = strconv.Atoi(m[1]) // digits, and no more than src has lines
		if byParser.MatchString(text) {
			line++
		}
		return line, text
	}
	switch {
	case byReader.MatchString(text):
		return unreadable(src), text
	case byNobody.MatchString(text):
		return 0, text
	default:
		return 1, text
	}
}

// unreadable is the line of the first character that YAML does not allow.
func unreadable(src []byte) int {
	line := 1
	for len(src) > 0 {
		r, size := utf8.DecodeRune(src)
		switch {
		case r == utf8.RuneError && size == 1, forbidden(r):
			return line
		case r == '\n':
			line++
		}
		src = src[size:]
	}
	return 0 // it is not UTF-8 that the library read
}

// forbidden reports whether YAML allows r nowhere (YAML 1.2, production c-printable).
func forbidden(r rune) bool {
	switch r {
	case '\t', '\n', '\r', 0x85:
		return false
	default:
		return r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0xfffe || r == 0xffff
	}
}
