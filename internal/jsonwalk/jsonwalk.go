// Package jsonwalk walks over JSON text that is known to be valid, without building values.
// What it yields are parts of the text itself: a caller that wants one member of a large
// document pays for no other.
//
// Walking over text that is not [Valid] ends early or yields nonsense; it never reads outside
// the text. Everything is a string, so that a part of a text costs no copy of it.
package jsonwalk

import (
	"encoding/json"
	"iter"
	"strings"
	"unicode/utf8"
)

// Members yields the members of an object in the order of the text: the name, unquoted, and
// the value as it is written. It yields nothing for anything but an object.
func Members(src string) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		i := skip(src, 0)
		if i >= len(src) || src[i] != '{' {
			return
		}
		for i = skip(src, i+1); i < len(src) && src[i] == '"'; i = next(src, i) {
			start := i
			i = end(src, i)
			name := src[start:i]
			if i = skip(src, i); i >= len(src) { // :
				return
			}
			start = skip(src, i+1)
			i = end(src, start)
			if start >= i || !yield(unquoted(name), src[start:i]) {
				return
			}
		}
	}
}

// Elements yields the elements of an array as they are written. It yields nothing for
// anything but an array.
func Elements(src string) iter.Seq[string] {
	return func(yield func(element string) bool) {
		i := skip(src, 0)
		if i >= len(src) || src[i] != '[' {
			return
		}
		for i = skip(src, i+1); i < len(src) && src[i] != ']'; i = next(src, i) {
			start := i
			i = end(src, i)
			if start >= i || !yield(src[start:i]) {
				return
			}
		}
	}
}

// Text returns what a JSON string says. ok is false for anything but a string.
func Text(value string) (text string, ok bool) {
	if len(value) < 2 || value[0] != '"' {
		return "", false
	}
	return unquoted(value), true
}

// next returns where the next member or element begins, behind the comma.
func next(src string, i int) int {
	if i = skip(src, i); i < len(src) && src[i] == ',' {
		return skip(src, i+1)
	}
	return i
}

// skip returns the place of the first character from i on that is no blank.
func skip(src string, i int) int {
	for i < len(src) && src[i] <= ' ' && (src[i] == ' ' || src[i] == '\n' || src[i] == '\t' || src[i] == '\r') {
		i++
	}
	return i
}

// end returns the place behind the value that begins at i.
func end(src string, i int) int {
	if i >= len(src) {
		return i
	}
	switch src[i] {
	case '"':
		return endOfString(src, i)
	case '{', '[':
		return endOfNest(src, i)
	}
	for i < len(src) && !delimits(src[i]) {
		i++
	}
	return i
}

func delimits(c byte) bool {
	return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == ':'
}

func endOfString(src string, i int) int {
	for i++; i < len(src); i++ {
		for i < len(src) && plain[src[i]] {
			i++
		}
		if i < len(src) && src[i] == '"' {
			return i + 1
		}
		if i < len(src) && src[i] == '\\' {
			i++
		}
	}
	return len(src)
}

func endOfNest(src string, i int) int {
	depth := 0
	for i < len(src) {
		switch src[i] {
		case '"':
			i = endOfString(src, i)
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return i
}

// unquoted returns what a string literal says; where nothing is escaped, a part of it.
func unquoted(literal string) string {
	if len(literal) < 2 {
		return ""
	}
	inner := literal[1 : len(literal)-1]
	if strings.IndexByte(inner, '\\') < 0 && utf8.ValidString(inner) {
		return inner
	}
	var s string
	if json.Unmarshal([]byte(literal), &s) != nil {
		return inner
	}
	return s
}
