package escape

import (
	"bytes"
	"slices"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON returns a JSON document in which every character that [Text] would escape is written
// as \uXXXX. Readers of JSON get the same strings; a person or a terminal sees nothing that
// acts. Line feeds and blanks between the values stay. doc must be valid JSON; where nothing in it
// is to be escaped, it is returned itself.
func JSON(doc []byte) []byte {
	if !slices.ContainsFunc(doc, func(c byte) bool { return (c < ' ' || c > '~') && c != '\n' && c != '\t' }) {
		return doc
	}
	var b bytes.Buffer
	for i := 0; i < len(doc); {
		r, size := utf8.DecodeRune(doc[i:])
		switch {
		case r == '\n' || r == '\t' || visible(r): // unescaped, these stand between values only
			b.Write(doc[i : i+size])
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			unit(&b, high)
			unit(&b, low)
		default:
			unit(&b, r)
		}
		i += size
	}
	return b.Bytes()
}

func unit(b *bytes.Buffer, r rune) {
	const alphabet = "0123456789abcdef"
	b.WriteString(`\u`)
	for shift := 12; shift >= 0; shift -= 4 {
		b.WriteByte(alphabet[r>>shift&0xf])
	}
}
