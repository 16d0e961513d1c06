package tui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/escape"
)

// Filter is a line of words that rows have to hold. It is a value: a copy of one is not
// changed by typing into the other.
type Filter struct {
	text   []rune
	cursor int
	open   bool // takes the keys
	words  []string
}

// maxFilter is how many characters a filter may have.
const maxFilter = 200

// Open lets f take the keys.
func (f Filter) Open() Filter {
	f.open, f.cursor = true, len(f.text)
	return f
}

// Close keeps the words and gives the keys back.
func (f Filter) Close() Filter {
	f.open = false
	return f
}

// IsOpen reports whether f takes the keys.
func (f Filter) IsOpen() bool { return f.open }

// Active reports whether f leaves anything out.
func (f Filter) Active() bool { return len(f.words) > 0 }

// Text is what was typed.
func (f Filter) Text() string { return string(f.text) }

// Key edits an open f: enter closes it, escape also forgets its words.
func (f Filter) Key(k tea.KeyPressMsg) Filter {
	switch k.String() {
	case "enter":
		return f.Close()
	case "esc":
		return Filter{}
	}
	return f.update(k)
}

// Paste inserts text.
func (f Filter) Paste(text string) Filter { return f.update(tea.PasteMsg{Content: text}) }

// update lets a text input do the editing. It is made for each key, since a copy of one
// shares its text with the original.
func (f Filter) update(msg tea.Msg) Filter {
	in := textinput.New()
	in.CharLimit = maxFilter
	in.KeyMap.Paste = key.NewBinding() // would read the clipboard; terminals paste by themselves
	in.SetValue(string(f.text))
	in.SetCursor(f.cursor)
	in.Focus()
	in, _ = in.Update(msg)
	f.text, f.cursor = []rune(in.Value()), in.Position()
	f.words = strings.Fields(strings.ToLower(in.Value()))
	return f
}

// Match reports whether the fields hold every word of f, in whatever case.
func (f Filter) Match(fields ...string) bool {
	if len(f.words) == 0 {
		return true
	}
	text := strings.ToLower(strings.Join(fields, "\n"))
	for _, word := range f.words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// Render is the line of an open f, which shows shown of all rows.
func (f Filter) Render(s Styles, room, shown, all int) string {
	count := s.Dim.Paint(fmt.Sprintf("%d of %d   enter keeps it   esc clears it", shown, all))
	before, under, after := f.around(s)
	// The end that is typed at stays in sight.
	space := max(room-textWidth(count)-textWidth(under)-5, 1)
	if over := textWidth(before) - space; over > 0 {
		before = cutLeft(before, over+textWidth(s.Ellipsis), s.Ellipsis)
	}
	return spread(s.Accent.Paint("/")+" "+before+under+after, count, room, s.Ellipsis)
}

// around is the text in three parts, the cursor in the middle.
func (f Filter) around(s Styles) (before, under, after string) {
	before, after = escape.Text(string(f.text[:f.cursor])), escape.Text(string(f.text[f.cursor:]))
	if !s.Theme.Color {
		return before, s.caret, after
	}
	if f.cursor == len(f.text) {
		return before, s.Cursor.Paint(" "), ""
	}
	return before, s.Cursor.Paint(escape.Text(string(f.text[f.cursor]))), escape.Text(string(f.text[f.cursor+1:]))
}
