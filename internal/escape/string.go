package escape

import (
	"unicode/utf16"
	"unicode/utf8"
)

// AppendString appends s to b as a JSON string in which every character that [Text] would
// escape is written as an escape of JSON, and bytes that are not UTF-8 as U+FFFD.
func AppendString(b []byte, s string) []byte {
	b = append(b, '"')
	done := 0 // of s, so far
	for i := 0; i < len(s); {
		if plain[s[i]] {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= utf8.RuneSelf && size > 1 && visible(r) {
			i += size
			continue
		}
		b = appendRune(append(b, s[done:i]...), r)
		i += size
		done = i
	}
	return append(append(b, s[done:]...), '"')
}

// plain are the bytes that stand for themselves in a JSON string and act on no terminal.
var plain = func() (table [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

func appendRune(b []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(b, '\\', byte(r))
	case '\b':
		return append(b, `\b`...)
	case '\f':
		return append(b, `\f`...)
	case '\n':
		return append(b, `\n`...)
	case '\r':
		return append(b, `\r`...)
	case '\t':
		return append(b, `\t`...)
	}
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return appendUnit(appendUnit(b, high), low)
	}
	return appendUnit(b, r)
}

// appendUnit appends one unit of UTF-16 as \uXXXX.
func appendUnit(b []byte, unit rune) []byte {
	const alphabet = "0123456789abcdef"
	return append(b, '\\', 'u', alphabet[unit>>12&0xf], alphabet[unit>>8&0xf], alphabet[unit>>4&0xf], alphabet[unit&0xf])
}
