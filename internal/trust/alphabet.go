package trust

import (
	"strings"
	"unicode"
)

// alphabet limits the texts that a key can hold.
type alphabet struct {
	min, max int // in characters; max 0 is without end
	has      func(rune) bool
}

func (a alphabet) takes(r rune) bool { return a.has == nil || a.has(r) }

func fits(text string, a alphabet) bool {
	n := 0
	for _, r := range text {
		if n++; !a.takes(r) {
			return false
		}
	}
	return n >= a.min && (a.max == 0 || n <= a.max)
}

// The characters of tags and of session names (STS API reference).
var (
	tagText     = alphabet{max: 256, has: isTagChar}
	tagKeyText  = alphabet{min: 1, max: 128, has: isTagChar}
	sessionText = alphabet{min: 2, max: 64, has: isSessionChar}
)

func isTagChar(r rune) bool {
	return unicode.In(r, unicode.L, unicode.Z, unicode.N) || strings.ContainsRune("_.:/=+-@", r)
}

func isSessionChar(r rune) bool {
	return r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("_+=,.@-", r))
}
