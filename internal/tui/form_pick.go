package tui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
)

// choice is one line of a [picker].
type choice struct {
	key    string
	cells  []string // safe to draw
	remark string   // safe to draw; stands dimmed behind the cells
	search string   // lower case, what the search looks in
	group  string   // all that is chosen at once is of one group
}

func newChoice(key, remark string, cells ...string) choice {
	for i := range cells {
		cells[i] = outside(cells[i])
	}
	remark = escape.Text(remark)
	return choice{key: key, cells: cells, remark: remark, search: strings.ToLower(strings.Join(cells, " ") + " " + remark)}
}

// picker chooses several of a list that is searched by typing. It is a value.
type picker struct {
	choices []choice
	columns []int          // their widths
	order   []string       // keys chosen, in the order of choosing
	chosen  map[string]int // key to its place in order; never changed in place
	search  line
	shown   []int // indices of the choices that the search lets through
	cursor  int   // index into shown
	top     int   // index into shown of the first line drawn
	page    int   // lines drawn
}

// widestCell bounds a column: a name may have 128 characters.
const widestCell = 32

// newPicker lists what is chosen already first: of a long list it would not be in sight.
func newPicker(choices []choice, chosen []string) picker {
	choices = slices.Clone(choices)
	slices.SortStableFunc(choices, func(a, b choice) int {
		return place(a.key, chosen) - place(b.key, chosen)
	})
	p := picker{choices: choices, page: 1}
	for _, c := range choices {
		for i, cell := range c.cells {
			if i == len(p.columns) {
				p.columns = append(p.columns, 0)
			}
			p.columns[i] = max(p.columns[i], min(textWidth(cell), widestCell))
		}
	}
	return p.choose(chosen).match()
}

// place is 0 for a key that is chosen and 1 for the others.
func place(key string, chosen []string) int {
	if slices.Contains(chosen, key) {
		return 0
	}
	return 1
}

// choose makes keys the choice, without those that are not on the list.
func (p picker) choose(keys []string) picker {
	known := make(map[string]bool, len(p.choices))
	for _, c := range p.choices {
		known[c.key] = true
	}
	p.order = nil
	for _, k := range keys {
		if known[k] {
			p.order = append(p.order, k)
			known[k] = false // named twice, chosen once
		}
	}
	return p.index()
}

// toggle chooses key, or drops it.
func (p picker) toggle(key string) picker {
	if at, ok := p.chosen[key]; ok {
		p.order = slices.Delete(slices.Clone(p.order), at, at+1)
	} else {
		p.order = slices.Concat(p.order, []string{key})
	}
	return p.index()
}

// toggleShown chooses all that the search lets through and that go with what is chosen, or
// drops them if all are chosen.
func (p picker) toggleShown() picker {
	missing, shown, group := []string(nil), map[string]bool{}, p.group()
	for _, i := range p.shown {
		c := &p.choices[i]
		shown[c.key] = true
		if c.group == group && !p.has(c.key) {
			missing = append(missing, c.key)
		}
	}
	if len(missing) > 0 {
		p.order = slices.Concat(p.order, missing)
	} else {
		p.order = slices.DeleteFunc(slices.Clone(p.order), func(k string) bool { return shown[k] })
	}
	return p.index()
}

// group is that of what was chosen first, else of what stands first.
func (p picker) group() string {
	for i := range p.choices {
		if c := &p.choices[i]; len(p.order) > 0 && c.key == p.order[0] {
			return c.group
		}
	}
	if len(p.shown) == 0 {
		return ""
	}
	return p.choices[p.shown[0]].group
}

func (p picker) index() picker {
	p.chosen = make(map[string]int, len(p.order))
	for i, k := range p.order {
		p.chosen[k] = i
	}
	return p
}

func (p picker) has(key string) bool {
	_, ok := p.chosen[key]
	return ok
}

// match applies the search: every word of it must occur.
func (p picker) match() picker {
	words := strings.Fields(strings.ToLower(p.search.String()))
	p.shown = make([]int, 0, len(p.choices))
	for i, c := range p.choices {
		if !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(c.search, w) }) {
			p.shown = append(p.shown, i)
		}
	}
	p.cursor, p.top = 0, 0
	return p
}

// toggleKey chooses what the cursor is at. A space belongs to the search as long as that
// leaves several.
func (p picker) toggleKey(k pickKeys) key.Binding {
	switch {
	case p.search.String() == "":
		return k.Toggle
	case len(p.shown) == 1:
		return k.ToggleLast
	default:
		return k.ToggleFound
	}
}

// update takes a key or a paste.
func (p picker) update(k pickKeys, msg tea.Msg) picker {
	press, _ := msg.(tea.KeyPressMsg)
	switch {
	case key.Matches(press, p.toggleKey(k)):
		if p.cursor < len(p.shown) {
			p = p.toggle(p.choices[p.shown[p.cursor]].key)
		}
	case key.Matches(press, k.All):
		p = p.toggleShown()
	case key.Matches(press, k.Up):
		p = p.move(-1)
	case key.Matches(press, k.Down):
		p = p.move(+1)
	case key.Matches(press, k.PageUp):
		p = p.move(-p.page)
	case key.Matches(press, k.PageDown):
		p = p.move(+p.page)
	case key.Matches(press, k.First):
		p = p.move(-len(p.shown))
	case key.Matches(press, k.Last):
		p = p.move(+len(p.shown))
	case press.Text == "/" && p.search.String() == "": // as if it had to be opened first, as elsewhere
	default:
		before := p.search.String()
		if p.search = p.search.update(msg); p.search.String() != before {
			p = p.match()
		}
	}
	return p
}

// clear empties the search.
func (p picker) clear() picker {
	p.search = line{}
	return p.match()
}

func (p picker) move(by int) picker {
	p.cursor = max(0, min(p.cursor+by, len(p.shown)-1))
	return p.scroll()
}

// sized says how many choices the screen has lines for.
func (p picker) sized(lines int) picker {
	p.page = max(1, lines)
	return p.scroll()
}

// scroll keeps the cursor in sight and the page full.
func (p picker) scroll() picker {
	p.top = max(0, min(p.top, p.cursor, len(p.shown)-p.page), p.cursor-p.page+1)
	return p
}

// render draws the search, and below it the choices that there are lines for. It costs
// nothing for those that are not drawn.
func (p picker) render(s Styles, room int) []string {
	count := s.Dim.Paint(fmt.Sprintf("%d of %d chosen", len(p.order), len(p.choices)))
	search := s.Accent.Paint("/") + " " + p.search.render(s, "type to search", room-textWidth(count)-4)
	lines := []string{spread(search, count, room, s.Ellipsis)}
	if len(p.shown) == 0 {
		return append(lines, s.Dim.Paint("  nothing matches; esc clears the search"))
	}
	for i := p.top; i < min(p.top+p.page, len(p.shown)); i++ {
		lines = append(lines, p.line(s, i, room))
	}
	return lines
}

func (p picker) line(s Styles, i, room int) string {
	c, current := p.choices[p.shown[i]], i == p.cursor
	var b strings.Builder
	b.WriteString(pointer(s, current))
	b.WriteString(box(s, p.has(c.key)))
	for j, cell := range c.cells {
		cell = padTo(cutTo(cell, p.columns[j], s.Ellipsis), p.columns[j], false)
		b.WriteString("  " + strong(s, current, cell))
	}
	if c.remark != "" {
		b.WriteString("  " + s.Dim.Paint(c.remark))
	}
	return cutTo(strings.TrimRight(b.String(), " "), room, s.Ellipsis)
}

func box(s Styles, chosen bool) string {
	if !chosen {
		return "[ ]"
	}
	return "[" + s.Theme.Text(report.MarkGood, "x") + "]"
}

// pointer stands before a line, and shows on the current one.
func pointer(s Styles, current bool) string {
	if !current {
		return "  "
	}
	return s.Accent.Paint(s.Pointer) + " "
}

func strong(s Styles, on bool, text string) string {
	if on {
		return s.Strong.Paint(text)
	}
	return text
}
