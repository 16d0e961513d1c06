package tui

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/escape"
)

// line is a line of text that is typed. It is a value: a copy of one is not changed by
// typing into the other.
type line struct {
	text   []rune
	cursor int
}

// maxLine is how many characters a line takes: more than any answer may have.
const maxLine = 1000

func newLine(text string) line { return line{[]rune(text), len([]rune(text))} }

func (l line) String() string { return string(l.text) }

// update lets a text input do the editing. It is made for each key, since a copy of one
// shares its text with the original. Its cursor does not blink: that would redraw the
// screen twice a second for nothing.
func (l line) update(msg tea.Msg) line {
	in := textinput.New()
	in.CharLimit = maxLine
	in.KeyMap.Paste = key.NewBinding() // would read the clipboard; terminals paste by themselves
	in.SetValue(string(l.text))
	in.SetCursor(l.cursor)
	in.Focus()
	in, _ = in.Update(msg)
	return line{[]rune(in.Value()), in.Position()}
}

// render is l with its cursor in at most room columns; the place that is typed at stays
// in sight. hint stands there while nothing is typed.
func (l line) render(s Styles, hint string, room int) string {
	if len(l.text) == 0 {
		return cutTo(l.caret(s, " ")+s.Dim.Paint(hint), room, s.Ellipsis)
	}
	before, under, after := escape.Text(string(l.text[:l.cursor])), "", ""
	if l.cursor < len(l.text) {
		under, after = escape.Text(string(l.text[l.cursor])), escape.Text(string(l.text[l.cursor+1:]))
	}
	space := max(room-textWidth(under)-2, 1)
	if over := textWidth(before) - space; over > 0 {
		before = cutLeft(before, over+textWidth(s.Ellipsis), s.Ellipsis)
	}
	return cutTo(before+l.caret(s, under)+after, room, s.Ellipsis)
}

// caret is the cursor on the given character.
func (l line) caret(s Styles, under string) string {
	switch {
	case !s.Theme.Color && under == " ":
		return s.caret
	case !s.Theme.Color:
		return s.caret + under
	case under == "":
		return s.Cursor.Paint(" ")
	default:
		return s.Cursor.Paint(under)
	}
}
