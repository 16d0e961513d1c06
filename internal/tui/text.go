package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"github.com/forgecroft/fcoidc/internal/escape"
)

// textWidth is how many columns s takes. Escape sequences take none.
func textWidth(s string) int {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// cutTo is s in at most room columns; tail stands at its end for what is missing.
func cutTo(s string, room int, tail string) string {
	if room <= 0 {
		return ""
	}
	if textWidth(s) <= room {
		return s
	}
	if textWidth(tail) > room {
		tail = ""
	}
	return ansi.Truncate(s, room, tail)
}

// cutLeft is s without its first columns; head stands at its start for them.
func cutLeft(s string, columns int, head string) string { return ansi.TruncateLeft(s, columns, head) }

// padTo is s with blanks up to room columns, before it if right.
func padTo(s string, room int, right bool) string {
	missing := room - textWidth(s)
	switch {
	case missing <= 0:
		return s
	case right:
		return strings.Repeat(" ", missing) + s
	default:
		return s + strings.Repeat(" ", missing)
	}
}

// spread is left and right at the two ends of room columns. Left gives way where both do
// not fit.
func spread(left, right string, room int, tail string) string {
	if right == "" {
		return cutTo(left, room, tail)
	}
	right = cutTo(right, room, tail)
	left = cutTo(left, room-textWidth(right)-2, tail)
	return padTo(left, room-textWidth(right), false) + right
}

// wrapTo is text in lines of at most room columns, broken at blanks only: a flag or an ARN
// broken at a hyphen could not be told from one that has a blank there. A word that is
// longer than a line goes on in the next, from a slash if it has one.
func wrapTo(text string, room int) []string {
	room = max(room, 2) // the widest character
	lines := []string{""}
	for word := range strings.FieldsSeq(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case textWidth(*last)+1+textWidth(word) <= room:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
		for textWidth(lines[len(lines)-1]) > room {
			long := lines[len(lines)-1]
			head := cutTo(long, room, "")
			if slash := strings.LastIndexByte(head, '/'); slash > 0 {
				head = head[:slash+1]
			}
			if head == "" {
				break // a single character that is wider than the line
			}
			lines[len(lines)-1] = head
			lines = append(lines, long[len(head):])
		}
	}
	return lines
}

// outside makes text of others safe for a cell: escaped, and with something to stand on
// if it starts with a character that would otherwise join the blank before it, which
// could then take another width than both have alone.
func outside(text string) string {
	text = escape.Text(text)
	if r, _ := utf8.DecodeRuneInString(text); joins(r) {
		return "◌" + text
	}
	return text
}

// joins reports whether r is drawn on the character before it.
func joins(r rune) bool {
	return r >= 0x300 && (unicode.In(r, unicode.M) || r == '\u200c' || r == '\u200d')
}
