// Package report writes results, plans and events for people (text, HTML) and machines (JSON, NDJSON, CSV).
//
// It is one of the three packages that know colours. Text that comes from outside
// passes through package escape before it is written.
package report

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Theme says how a view marks and colours what it prints. The zero Theme prints
// plain text with Unicode marks. A mark stands beside every colour, so that nothing
// is lost without one.
type Theme struct {
	Color bool
	ASCII bool // the locale cannot show the Unicode marks
	Width int  // columns to wrap prose at; 0 does not wrap
}

// wrap is text in lines of at most t.Width columns. The first is preceded by first, the
// others by as many blanks, so that prose hangs under itself.
func (t Theme) wrap(first, text string) string {
	indent := lipgloss.Width(first)
	room := t.Width - indent
	if t.Width == 0 || room < minProse {
		return first + text
	}
	return first + strings.Join(Fold(text, room), "\n"+strings.Repeat(" ", indent))
}

// Fold breaks text into lines of at most width columns, at blanks only: a flag or an ARN
// that is broken in two cannot be pasted.
func Fold(text string, width int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.SplitSeq(text, " ") {
		w := lipgloss.Width(word)
		if line != "" && used+1+w > width {
			lines = append(lines, line)
			line, used = word, w
			continue
		}
		if line != "" {
			line, used = line+" ", used+1
		}
		line, used = line+word, used+w
	}
	return append(lines, line)
}

// What a name gets of a line on a terminal, so that one long name does not push what follows
// the names of all out of sight.
const (
	widestName = 40
	besideName = 34 // an account id, a Region, and the blanks around all three
)

// bounded is a name that leaves room for an account id and a Region beside it. Where lines may have any width it is whole.
func (t Theme) bounded(name string) string {
	if t.Width == 0 {
		return name
	}
	tail := "…"
	if t.ASCII {
		tail = "..."
	}
	return ansi.Truncate(name, min(widestName, max(t.Width-besideName, minProse)), tail)
}

// minProse is the narrowest column in which prose still reads better than it wraps by itself.
const minProse = 24

// Mark is a sign that stands for an outcome.
type Mark int

// The marks, from good to bad.
const (
	MarkGood Mark = iota
	MarkInfo
	MarkWarn
	MarkBad
	MarkSkip
	MarkWait
)

var marks = map[Mark]struct {
	unicode, ascii string
	color          lipgloss.ANSIColor
}{
	MarkGood: {"✓", "+", lipgloss.ANSIColor(2)},
	MarkInfo: {"·", "-", lipgloss.ANSIColor(6)},
	MarkWarn: {"!", "!", lipgloss.ANSIColor(3)},
	MarkBad:  {"✗", "x", lipgloss.ANSIColor(1)},
	MarkSkip: {"○", "o", lipgloss.ANSIColor(8)},
	MarkWait: {"…", "~", lipgloss.ANSIColor(4)},
}

// Mark is the sign of m, coloured where the theme has colours.
func (t Theme) Mark(m Mark) string {
	if t.ASCII {
		return t.paint(m, marks[m].ascii)
	}
	return t.paint(m, marks[m].unicode)
}

// Text is s in the colour of m.
func (t Theme) Text(m Mark, s string) string { return t.paint(m, s) }

// Strong is s in bold.
func (t Theme) Strong(s string) string {
	if !t.Color || s == "" {
		return s
	}
	return lipgloss.NewStyle().Bold(true).Render(s)
}

// Dim is s made to recede.
func (t Theme) Dim(s string) string {
	if !t.Color || s == "" {
		return s
	}
	return lipgloss.NewStyle().Faint(true).Render(s)
}

func (t Theme) paint(m Mark, s string) string {
	if !t.Color || s == "" {
		return s
	}
	return lipgloss.NewStyle().Foreground(marks[m].color).Render(s)
}
