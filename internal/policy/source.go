package policy

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Position is a place in a document's source.
type Position struct {
	Offset int // in bytes, from 0
	Line   int // from 1
	Column int // in characters (Unicode code points, a tab is one), from 1
}

// String returns "line 3, column 14".
func (p Position) String() string {
	return fmt.Sprintf("line %d, column %d", p.Line, p.Column)
}

// Span is a stretch of a document's source: from Start up to, not including, End.
type Span struct{ Start, End Position }

// Line returns line n (from 1) of the source without its line end, "" if there is
// no such line. With a [Span] it is all that a caret under a value needs.
func (d *Document) Line(n int) string {
	rest := d.Source
	for i := 1; ; i++ {
		line, after, more := bytes.Cut(rest, []byte("\n"))
		if i == n {
			return string(bytes.TrimSuffix(line, []byte("\r")))
		}
		if !more {
			return ""
		}
		rest = after
	}
}

// cursor walks forward through a source and counts lines and columns on the way, so
// that a document in one very long line costs no more than one in many.
type cursor struct {
	src []byte
	at  Position
}

func newCursor(src []byte) cursor {
	return cursor{src: src, at: Position{Line: 1, Column: 1}}
}

// to moves the cursor to offset, which must not lie before it, and returns its position.
func (c *cursor) to(offset int) Position {
	for c.at.Offset < offset {
		if c.src[c.at.Offset] == '\n' {
			c.at.Offset++
			c.at.Line++
			c.at.Column = 1
			continue
		}
		_, size := utf8.DecodeRune(c.src[c.at.Offset:])
		c.at.Offset += size
		c.at.Column++
	}
	return c.at
}
