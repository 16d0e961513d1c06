package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

// summary shows how a run ended, and gives the role ARNs away. It is a value.
type summary struct {
	results  []bootstrap.Result
	teardown bool
	roles    []int // places in results of those with role ARNs

	cursor int // in roles
	scroll int
	made   madeFor // what lines were made for
	height int     // lines that scroll
	lines  []string
	rows   []int // by place in roles: the line it begins at

	saving bool // the name of a file is being typed
	file   line
	notice string
	bad    bool
}

func newSummary(results []bootstrap.Result, teardown bool) summary {
	m := summary{results: results, teardown: teardown}
	for i := range results {
		if !teardown && results[i].Outputs[template.OutputPlanRoleARN] != "" {
			m.roles = append(m.roles, i)
		}
	}
	return m
}

// selected is the result under the cursor, nil if none has roles.
func (m summary) selected() *bootstrap.Result {
	if len(m.roles) == 0 {
		return nil
	}
	return &m.results[m.roles[m.cursor]]
}

// fitted writes the lines for a screen of the given size.
func (m summary) fitted(s Styles, width, height int) summary {
	if made := (madeFor{width: width, dim: s.Dim}); m.made != made {
		m = m.written(s, width)
		m.made = made
	}
	m.height = max(1, bodyHeight(height)-len(m.above(s, width))-len(m.below(s, width, height)))
	m.scroll = max(0, min(m.scroll, len(m.lines)-m.height))
	return m
}

// written makes the lines: what did not succeed, then the roles.
func (m summary) written(s Styles, width int) summary {
	m.lines, m.rows = nil, nil
	theme := s.Theme
	theme.Width = width - 2
	var b strings.Builder
	_ = report.WriteUnfinished(&b, theme, m.results) // a strings.Builder does not fail
	if b.Len() > 0 {
		for l := range strings.SplitSeq(strings.TrimRight(b.String(), "\n"), "\n") {
			m.lines = append(m.lines, "  "+l)
		}
		m.lines = append(m.lines, "")
	}
	columns := m.roleColumns(width)
	for _, i := range m.roles {
		m.rows = append(m.rows, len(m.lines))
		m.lines = append(m.lines, roleLines(s, &m.results[i], columns)...)
	}
	return m
}

// Widths of the table of roles.
const (
	widestARN   = 56 // of a role with the default name, and a little more
	roleMargin  = 4
	phaseColumn = 7 // "apply" and two blanks
)

// roleColumns is how wide the columns of account and name are. The ARN holds the account,
// so where there is no room for both the name stays.
func (m summary) roleColumns(width int) (columns [2]int) {
	name := 0
	for _, i := range m.roles {
		name = max(name, textWidth(outside(cmp.Or(m.results[i].Target.Name, m.results[i].Target.Account))))
	}
	free := width - roleMargin - phaseColumn - widestARN
	if free >= 12+2+min(name, minName)+2 {
		return [2]int{12, min(name, free-16)}
	}
	return [2]int{0, max(0, min(name, free-2))}
}

func roleLines(s Styles, r *bootstrap.Result, columns [2]int) []string {
	name := outside(cmp.Or(r.Target.Name, r.Target.Account))
	first := ""
	if columns[0] > 0 {
		first = padTo(r.Target.Account, columns[0], false) + "  "
	}
	first += padTo(cutTo(name, columns[1], s.Ellipsis), columns[1], false)
	return []string{
		s.Strong.Paint(first) + "  " + s.Dim.Paint("plan   ") + escape.Text(r.Outputs[template.OutputPlanRoleARN]),
		strings.Repeat(" ", textWidth(first)) + "  " + s.Dim.Paint("apply  ") + escape.Text(r.Outputs[template.OutputApplyRoleARN]),
	}
}

func (m summary) above(s Styles, width int) []string {
	theme := s.Theme
	theme.Width = width - 2 - 2
	lines := []string{"", "  " + report.Totals(theme, m.results)}
	for _, said := range report.VerificationLines(theme, m.results) {
		for l := range strings.SplitSeq(said, "\n") {
			lines = append(lines, "  "+l)
		}
	}
	return append(lines, "")
}

// below is what to do next, and what came of the last key.
func (m summary) below(s Styles, width, height int) []string {
	var lines []string
	if len(m.roles) > 0 && height >= roomyForm {
		lines = append(lines, "", "  "+s.Strong.Paint("Next, in Forgecroft"))
		for i, step := range report.NextSteps() {
			lines = append(lines, prose(fmt.Sprintf("  %d. ", i+1), spelled(s, step), width)...)
		}
	}
	if m.saving {
		lines = append(lines, "", "  Write to which file? .csv, .json and .env are known, any other is text.",
			"  "+s.Accent.Paint("> ")+m.file.render(s, "", width-6))
	}
	if m.notice != "" {
		mark := report.MarkGood
		if m.bad {
			mark = report.MarkBad
		}
		if !m.saving {
			lines = append(lines, "")
		}
		lines = append(lines, prose("  "+s.Mark(mark)+" ", m.notice, width)...)
	}
	return lines
}

// Render draws the screen.
func (m summary) Render(s Styles, title string, width, height int) string {
	f := Frame{Title: title, Aside: s.Dim.Paint(m.where()), Body: m.above(s, width), Foot: m.help(s, width)}
	for at := m.scroll; at < min(m.scroll+m.height, len(m.lines)); at++ {
		l := m.lines[at]
		if row, isRow := slices.BinarySearch(m.rows, at); isRow {
			l = pointer(s, row == m.cursor) + l
		} else if len(m.rows) > 0 && at > m.rows[0] {
			l = "  " + l
		}
		f.Body = append(f.Body, l)
	}
	below := m.below(s, width, height)
	f.Body = append(f.Body, below...)
	return f.Render(s, width, height)
}

func (m summary) where() string {
	if len(m.lines) <= m.height {
		return "summary"
	}
	return fmt.Sprintf("summary, lines %d-%d of %d", m.scroll+1, min(m.scroll+m.height, len(m.lines)), len(m.lines))
}

// summaryKeys are the keys of the summary.
type summaryKeys struct {
	Plan, Apply, All, Save, Board, Leave key.Binding
	Up, Down, PageUp, PageDown           key.Binding
}

func newSummaryKeys() summaryKeys {
	board := NewBoardKeys()
	bind := func(label, what string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(label, what))
	}
	return summaryKeys{
		Plan:  bind("p", "copy plan", "p"),
		Apply: bind("a", "copy apply", "a"),
		All:   bind("c", "copy all", "c"),
		Save:  bind("s", "save to a file", "s"),
		Board: bind("esc", "board", "esc", "b"),
		Leave: bind("q", "leave", "q", "enter", "ctrl+c"),
		Up:    board.Up, Down: board.Down, PageUp: board.PageUp, PageDown: board.PageDown,
	}
}

func (m summary) help(s Styles, width int) string {
	k := newSummaryKeys()
	if m.saving {
		return HelpLine(s, width, short(k.Save, "enter", "write"), short(k.Board, "esc", "back"))
	}
	for _, b := range []*key.Binding{&k.Plan, &k.Apply, &k.All, &k.Save} {
		b.SetEnabled(len(m.roles) > 0)
	}
	return HelpLine(s, width, short(k.Leave, "enter", "leave"), k.Plan, k.Apply, k.All, short(k.Save, "s", "save"), k.Board, short(k.Down, "↑↓", "move"))
}

// moved takes the keys that move about.
func (m summary) moved(k summaryKeys, press tea.KeyPressMsg) summary {
	switch {
	case key.Matches(press, k.Up):
		return m.step(-1)
	case key.Matches(press, k.Down):
		return m.step(+1)
	case key.Matches(press, k.PageUp):
		m.scroll = max(0, m.scroll-m.height)
	case key.Matches(press, k.PageDown):
		m.scroll = max(0, min(m.scroll+m.height, len(m.lines)-m.height))
	}
	return m
}

// step moves the cursor, and scrolls where it cannot move or would be out of sight.
func (m summary) step(by int) summary {
	next := m.cursor + by
	if next < 0 || next >= len(m.roles) {
		m.scroll = max(0, min(m.scroll+by, len(m.lines)-m.height))
		return m
	}
	m.cursor = next
	row := m.rows[next]
	m.scroll = max(min(m.scroll, row), row+2-m.height)
	return m
}

// told is m with what came of a key.
func (m summary) told(text string, bad bool) summary {
	m.notice, m.bad = text, bad
	return m
}
