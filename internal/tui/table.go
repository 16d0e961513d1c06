package tui

import "strings"

// Column is one column of a [Table].
type Column struct {
	Title string
	Min   int  // columns of the screen that it needs
	Max   int  // that it can use; 0 takes what is left over
	First int  // that it gets before other columns have all they can use
	Right bool // aligned at its right end
	Drop  int  // where there is no room for all, the column with the highest goes first; 0 stays
}

// Table draws rows in columns. It knows no rows: whoever has them asks for the line of
// each that is in sight, so a table of ten thousand costs what its window costs.
type Table struct{ Columns []Column }

// Cell is the text of a row in a column. It must not hold escape sequences or line feeds.
type Cell struct {
	Text string
	Ink  Ink
}

// Line is one row.
type Line struct {
	Mark     string // one column wide, drawn already
	Cells    []Cell // one a column, those that are dropped too
	Selected bool
	Span     int // the cell that takes the place of all after it, 0 if none does
}

// Layout is a [Table] on a screen of some width.
type Layout struct {
	columns []Column
	widths  []int // 0: dropped
	room    int
}

// Widths of what stands before and between the columns.
const (
	tableMargin = 4 // pointer, mark and a blank around each
	tableGap    = 2
)

// Layout gives the columns their widths.
func (t Table) Layout(room int) Layout {
	l := Layout{columns: t.Columns, widths: make([]int, len(t.Columns)), room: room}
	for i, c := range t.Columns {
		l.widths[i] = c.Min
	}
	for l.free() < 0 {
		if !l.drop() {
			break
		}
	}
	l.grow()
	return l
}

// free is how many columns of the screen are not given away, negative if too many are.
func (l Layout) free() int {
	free := l.room - tableMargin + tableGap
	for _, w := range l.widths {
		if w > 0 {
			free -= w + tableGap
		}
	}
	return free
}

// drop takes the least wanted column out and reports whether there was one.
func (l Layout) drop() bool {
	least := -1
	for i, c := range l.columns {
		if l.widths[i] > 0 && c.Drop > 0 && (least < 0 || c.Drop > l.columns[least].Drop) {
			least = i
		}
	}
	if least >= 0 {
		l.widths[least] = 0
	}
	return least >= 0
}

// grow gives what is free to the columns that can use it, from left to right, and the
// rest to those without a limit.
func (l Layout) grow() {
	for i, c := range l.columns {
		l.growTo(i, c.First)
	}
	for i, c := range l.columns {
		l.growTo(i, c.Max)
	}
	for i, c := range l.columns {
		if c.Max == 0 {
			l.growTo(i, l.room)
		}
	}
}

// growTo widens column i to size, or as far as there is room.
func (l Layout) growTo(i, size int) {
	if l.widths[i] > 0 && size > l.widths[i] {
		l.widths[i] += min(size-l.widths[i], max(l.free(), 0))
	}
}

// Width is how wide column i is, 0 if it was dropped.
func (l Layout) Width(i int) int { return l.widths[i] }

// Header is the line of the titles.
func (l Layout) Header(s Styles) string {
	cells := make([]Cell, len(l.columns))
	for i, c := range l.columns {
		cells[i] = Cell{Text: c.Title, Ink: s.Dim}
	}
	return l.Line(s, Line{Mark: " ", Cells: cells})
}

// Line draws one row.
func (l Layout) Line(s Styles, row Line) string {
	var b strings.Builder
	if row.Selected {
		b.WriteString(s.Accent.Paint(s.Pointer))
	} else {
		b.WriteByte(' ')
	}
	b.WriteByte(' ')
	b.WriteString(row.Mark)
	used, owed := tableMargin-1, 1 // blanks are written once something follows them
	for i, cell := range row.Cells {
		room := l.widths[i]
		if room == 0 {
			continue
		}
		last := row.Span > 0 && i == row.Span
		if last {
			room = l.room - used - owed
		}
		text := cutTo(cell.Text, room, s.Ellipsis)
		if l.columns[i].Right && !last && text != "" {
			text = padTo(text, room, true)
		}
		if size := textWidth(text); size > 0 {
			writeBlanks(&b, owed)
			b.WriteString(cell.Ink.Paint(text))
			used += owed + size
			owed = room - size + tableGap
		} else {
			owed += room + tableGap
		}
		if last {
			break
		}
	}
	return b.String()
}

func writeBlanks(b *strings.Builder, n int) {
	const blanks = "                                                                "
	for n > len(blanks) {
		b.WriteString(blanks)
		n -= len(blanks)
	}
	b.WriteString(blanks[:max(n, 0)])
}

// window is which of n rows are in sight on height lines: those around the cursor.
func window(n, cursor, height int) (first, end int) {
	height = max(height, 0)
	first = max(min(cursor-height/2, n-height), 0)
	return first, min(first+height, n)
}
