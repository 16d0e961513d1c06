// Package escape makes text from outside safe to print.
//
// Error messages of AWS, names of accounts and claims of tokens are chosen by others.
// Printed as they come they could move the cursor, recolour a verdict or, with
// bidirectional controls, show a reader another text than the one compared
// (CVE-2021-42574). Everything of that kind is shown as an escape instead.
package escape

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns s with every character that is not plainly visible written as an
// escape: control characters (the line feed included), bidirectional and other format
// characters, letters and marks that look like nothing (Hangul fillers, variation
// selectors), private-use and unassigned ones, and bytes that are not UTF-8. What emoji
// and several scripts need stays: joiners (U+200C, U+200D) and the choice between an
// emoji and a sign (U+FE0E, U+FE0F).
func Text(s string) string { return escape(s, false) }

// Block is [Text] for a text of several lines: line feeds stay as they are.
func Block(s string) string { return escape(s, true) }

func escape(s string, lines bool) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			b.WriteString(`\x`)
			hex(&b, uint32(s[i]), 2)
		case r == '\n' && lines, visible(r):
			b.WriteRune(r)
		default:
			writeRune(&b, r)
		}
		i += size
	}
	return b.String()
}

// clean reports whether s needs no escape: the usual case, decided without decoding.
func clean(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}

func visible(r rune) bool {
	switch r {
	case '\u200c', '\u200d', '\ufe0e', '\ufe0f':
		return true
	case '\u2800', '\U00016fe4', '\U0001d159': // a braille cell, a Khitan letter and a notehead, all without ink
		return false
	default:
		return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
	}
}

func writeRune(b *strings.Builder, r rune) {
	switch r {
	case '\n':
		b.WriteString(`\n`)
	case '\r':
		b.WriteString(`\r`)
	case '\t':
		b.WriteString(`\t`)
	default:
		switch {
		case r <= 0xff:
			b.WriteString(`\x`)
			hex(b, uint32(r), 2) //nolint:gosec // a rune from DecodeRune is never negative
		case r <= 0xffff:
			b.WriteString(`\u`)
			hex(b, uint32(r), 4)
		default:
			b.WriteString(`\U`)
			hex(b, uint32(r), 8)
		}
	}
}

func hex(b *strings.Builder, v uint32, digits int) {
	const alphabet = "0123456789abcdef"
	for shift := (digits - 1) * 4; shift >= 0; shift -= 4 {
		b.WriteByte(alphabet[v>>shift&0xf])
	}
}
