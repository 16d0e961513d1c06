package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/report"
)

// boardColumns is what the targets say of how wide the columns have to be.
type boardColumns struct {
	name    int  // the widest name
	regions bool // there are several
}

// Bounds of the columns whose text is as long as others made it.
const (
	minName    = 14
	maxName    = 40
	minStory   = 14
	firstStory = 24 // what the last event gets before the name has all it wants
)

func newBoardColumns(targets []fleet.Target) boardColumns {
	c := boardColumns{}
	for i := range targets {
		if c.name < maxName {
			c.name = min(max(c.name, textWidth(outside(targets[i].Name))), maxName)
		}
		c.regions = c.regions || targets[i].Region != targets[0].Region
	}
	return c
}

// The columns of the board.
const (
	cellAccount = iota
	cellName
	cellRegion
	cellState
	cellResources
	cellTime
	cellStory
)

// table is the board's table.
func (c boardColumns) table() Table {
	region := Column{}
	if c.regions {
		region = Column{Title: "region", Min: 14, Max: 14, Drop: 2}
	}
	return Table{Columns: []Column{
		cellAccount:   {Title: "account", Min: 12, Max: 12},
		cellName:      {Title: "name", Min: min(c.name, minName), Max: max(c.name, 1), Drop: 1},
		cellRegion:    region,
		cellState:     {Title: "state", Min: stateWidth, Max: stateWidth},
		cellResources: {Title: "done", Min: 4, Max: 4, Right: true, Drop: 5},
		cellTime:      {Title: "time", Min: 5, Max: 5, Right: true, Drop: 4},
		cellStory:     {Title: "last event", Min: minStory, First: firstStory, Drop: 3},
	}}
}

// Lines of the board's body that are not rows.
const (
	boardHead  = 3 // two of progress and a blank one
	listAround = 3 // the header, a blank one, and where in the list we are
)

// boardRows is how many rows a screen of height lines shows.
func boardRows(height int) int { return max(bodyHeight(height)-boardHead-listAround, 0) }

// Render draws b as a screen of width columns and height lines, as it is at now.
func (b Board) Render(s Styles, width, height int, now time.Time) string {
	if b.finished {
		now = b.last
	}
	frame := Frame{Title: b.titleLine(s, width), Aside: b.aside(s, now)}
	if width >= MinWidth && height >= MinHeight {
		frame.Body, frame.Foot = b.body(s, width, bodyHeight(height), now), b.foot(s, width-len(margin))
	}
	return frame.Render(s, width, height)
}

// titleLine is the title and how the run stands. How it is being stopped matters more
// than what it was called.
func (b *Board) titleLine(s Styles, width int) string {
	switch {
	case b.stopping != "":
		room := width - textWidth(b.stopping) - clockWidth
		return s.Strong.Paint(cutTo(b.title, max(room, minTitle), s.Ellipsis)) + "  " + s.Warn.Paint(b.stopping)
	case b.finished && b.interrupted:
		return s.Strong.Paint(b.title) + "  " + s.Warn.Paint("interrupted; the same command again goes on")
	case b.finished:
		return s.Strong.Paint(b.title) + "  " + s.Dim.Paint("finished")
	default:
		return s.Strong.Paint(b.title)
	}
}

// aside is whether AWS asks to slow down, and how long the run has taken.
func (b *Board) aside(s Styles, now time.Time) string {
	took := s.Dim.Paint(clock(since(b.began, now)))
	switch {
	case b.stopping != "": // needs the line
		return took
	case b.slowed > 0:
		return s.Mark(report.MarkWarn) + " " + s.Warn.Paint(fmt.Sprintf("%d slowed down by AWS", b.slowed)) + "   " + took
	case b.throttled > 0:
		return s.Dim.Paint(fmt.Sprintf("AWS slowed us down %s", timesWords(b.throttled))) + "   " + took
	default:
		return took
	}
}

func timesWords(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// Widths that the title's line is divided by.
const (
	clockWidth = 12 // of the time that has passed, and the blanks around all three
	minTitle   = 10
)

func (b *Board) body(s Styles, width, height int, now time.Time) []string {
	if b.help {
		return append([]string{""}, HelpPage(s, b.keys.all()...)...)
	}
	lines := []string{margin + b.progressLine(s, width, now), margin + b.countsLine(s), ""}
	return append(lines, b.panes(s, width, height-len(lines), now)...)
}

// Sizes of the two panes.
const (
	sideBySide = 116 // columns from which rows and detail stand side by side
	leastRows  = 52  // columns that the rows get then at least
	paneRule   = 3   // what is between them
)

// rowsWidth is how many of width columns the rows get beside a detail.
func rowsWidth(width int) int { return max(leastRows, width*2/5) }

// panes is the rows, the detail, or both.
func (b *Board) panes(s Styles, width, height int, now time.Time) []string {
	switch {
	case !b.detail:
		return b.list(s, width, height, now)
	case width < sideBySide:
		return b.detailPane(s, detailWidth(width), height)
	}
	left := b.list(s, rowsWidth(width), height, now)
	right := b.detailPane(s, detailWidth(width), height)
	lines := make([]string, height)
	for i := range lines {
		line := ""
		if i < len(left) {
			line = left[i]
		}
		lines[i] = padTo(line, rowsWidth(width), false) + " " + s.Dim.Paint(s.rule)
		if i < len(right) && right[i] != "" {
			lines[i] += " " + right[i]
		}
	}
	return lines
}

// list is the table and, on its last line, where in it we are.
func (b *Board) list(s Styles, width, height int, now time.Time) []string {
	layout := b.columns.table().Layout(width)
	cursor := b.cursor()
	first, end := window(len(b.order), cursor, height-listAround)
	lines := make([]string, 0, height)
	lines = append(lines, layout.Header(s))
	for at := first; at < end; at++ {
		lines = append(lines, layout.Line(s, b.line(s, layout, int(b.order[at]), at == cursor, now)))
	}
	if len(b.order) == 0 {
		lines = append(lines, "    "+s.Dim.Paint(b.emptyWords()))
	}
	for len(lines) < height-1 {
		lines = append(lines, "")
	}
	return append(lines, margin+s.Dim.Paint(cutTo(b.whereWords(s, first, end), width-len(margin), s.Ellipsis)))
}

func (b *Board) emptyWords() string {
	if b.rows.n == 0 {
		return "no accounts"
	}
	return "no account matches the filter; esc clears it"
}

// whereWords says which rows are in sight, and what decides.
func (b *Board) whereWords(s Styles, first, end int) string {
	parts := []string{}
	if first > 0 || end < len(b.order) {
		parts = append(parts, fmt.Sprintf("%d-%d of %d", first+1, end, len(b.order)))
	}
	if b.filter.Active() {
		parts = append(parts, "filter "+outside(b.filter.Text()))
	}
	if b.rows.n > 1 {
		words := b.sort.String()
		if b.sort != sortState && len(b.order) > 0 && pinned(b.rows.at(int(b.order[0]))) > 0 {
			words = "failures first, then " + words
		}
		parts = append(parts, words)
	}
	return strings.Join(parts, " "+s.Dot+" ")
}

// wideStory is how wide the last column must be to hold a cause of its own; where it is
// narrower a cause takes the columns before it too.
const wideStory = 40

// line is row i.
func (b *Board) line(s Styles, layout Layout, i int, selected bool, now time.Time) Line {
	r := b.rows.at(i)
	story := Cell{Text: outside(r.story()), Ink: s.Dim}
	switch {
	case r.state == stateFailed:
		story.Ink = Ink{}
	case r.isSlowed():
		story.Ink = s.Warn
	}
	line := Line{Mark: s.Mark(r.mark()), Selected: selected, Cells: []Cell{
		cellAccount:   {Text: outside(r.target.Account)},
		cellName:      {Text: outside(r.target.Name)},
		cellRegion:    {Text: outside(r.target.Region)},
		cellState:     {Text: r.words(), Ink: stateInk(s, r)},
		cellResources: {Text: r.resourcesCell()},
		cellTime:      {Text: r.timeCell(now)},
		cellStory:     story,
	}}
	if selected {
		line.Cells[cellAccount].Ink, line.Cells[cellName].Ink = s.Strong, s.Strong
	}
	if r.says() && layout.Width(cellResources) > 0 && layout.Width(cellStory) > 0 && layout.Width(cellStory) < wideStory {
		line.Span, line.Cells[cellResources] = cellResources, line.Cells[cellStory]
	}
	return line
}

// says reports whether why r ended matters more than its numbers.
func (r *row) says() bool {
	return r.state == stateFailed || r.state == stateBlocked || r.state == stateLost || r.state == stateSkipped ||
		r.state == statePlanned || r.state == stateDone && !r.worked()
}

func (r *row) resourcesCell() string {
	if r.total == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%d", r.done, r.total)
}

func (r *row) timeCell(now time.Time) string {
	took, ok := r.time(now)
	if !ok {
		return ""
	}
	return clock(took)
}

func stateInk(s Styles, r *row) Ink {
	switch r.state {
	case stateFailed:
		return s.Bad
	case stateBlocked:
		return s.Warn
	case stateQueued, stateSkipped:
		return s.Dim
	case stateRunning:
		if r.trouble != nil {
			return s.Warn
		}
	default:
	}
	return Ink{}
}

// progressLine is the bar, how many are through, how fast, and how long the rest takes.
func (b *Board) progressLine(s Styles, width int, now time.Time) string {
	all := b.rows.n
	left := b.counts[stateQueued] + b.counts[stateRunning]
	through := all - left - b.leftOut
	text := fmt.Sprintf("%d of %d", through, all)
	perSecond, ok := b.pace.rate(now)
	if ok && left > 0 {
		text += "  " + s.Dim.Paint(rateWords(perSecond)+"  "+leftWords(time.Duration(float64(left)/perSecond*float64(time.Second))))
	}
	room := min(max(width-52, 10), 60)
	failures := b.counts[stateFailed]
	return bar(s, room, through-failures, failures, all) + "  " + text
}

// countsLine is how many rows are in which state.
func (b *Board) countsLine(s Styles) string {
	parts := []string{}
	for _, c := range []struct {
		state state
		word  string
	}{
		{stateFailed, "failed"},
		{stateRunning, "running"},
		{stateQueued, "queued"},
		{stateLost, "going on without us"},
		{stateBlocked, "blocked"},
		{statePlanned, "planned"},
		{stateDone, "done"},
		{stateSkipped, "skipped"},
	} {
		if n := b.counts[c.state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d %s", s.Mark(c.state.mark()), n, c.word))
		}
	}
	return strings.Join(parts, "  ")
}

// foot is the line of the filter while it is typed, else the keys.
func (b *Board) foot(s Styles, width int) string {
	k := b.keys
	switch {
	case b.filter.IsOpen():
		return b.filter.Render(s, width, len(b.order), b.rows.n)
	case b.help:
		return s.Dim.Paint("any key goes back")
	}
	stop := short(k.Stop, "q", "stop")
	if b.stopping != "" {
		stop = short(k.Stop, "q", "leave now")
	}
	more := short(k.Help, "?", "all keys")
	switch {
	case b.detail:
		return HelpLine(s, width, short(k.Back, "←", "back"), short(k.Down, "↑↓", "next account"), short(stop, "ctrl+c", stop.Help().Desc), more)
	case b.finished:
		return HelpLine(s, width, short(k.Summary, "enter", "summary"), short(k.Retry, "r", fmt.Sprintf("retry %d failed", b.Failed())),
			short(k.Detail, "→", "details"), short(k.Filter, "/", "filter"), short(k.Sort, "s", "sort"), more)
	default:
		return HelpLine(s, width, short(k.Down, "↑↓", "move"), short(k.Detail, "→", "details"),
			short(k.Filter, "/", "filter"), short(k.Sort, "s", "sort"), stop, more)
	}
}
