package tui

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/forgecroft/fcoidc/internal/report"
)

// Ink is a way to draw text. The zero Ink leaves it as it is.
type Ink struct{ on, off string }

// newInk takes the escape sequences out of style once: to ask a [lipgloss.Style] for every
// cell of every frame costs more than the rest of the frame.
func newInk(style lipgloss.Style) Ink {
	on, off, _ := strings.Cut(style.Render("x"), "x")
	return Ink{on, off}
}

// Paint is s in i.
func (i Ink) Paint(s string) string {
	if s == "" || i.on == "" {
		return s
	}
	return i.on + s + i.off
}

// Styles is how all screens look. Without colours every Ink is the zero one, and what a
// colour says a mark or a word says too.
type Styles struct {
	Theme report.Theme

	Strong, Dim, Accent Ink
	Good, Warn, Bad     Ink
	Cursor              Ink // the character under the cursor of a line of input

	Pointer  string // stands before the row that keys act on
	Ellipsis string // stands for what was cut off
	Dot      string // stands between things of one line

	marks       [report.MarkWait + 1]string
	full, empty string // the progress bar
	rule        string // between two panes
	caret       string // where the cursor is, if it cannot be coloured
	arrows      *strings.Replacer
}

// NewStyles are the styles of theme on a background that is dark or light.
func NewStyles(theme report.Theme, dark bool) Styles {
	s := Styles{
		Theme: theme, Pointer: "›", Ellipsis: "…", Dot: "·",
		full: "━", empty: "─", rule: "│", caret: "▏", arrows: strings.NewReplacer(),
	}
	if theme.ASCII {
		s.Pointer, s.Ellipsis, s.Dot = ">", "...", "-"
		s.full, s.empty, s.rule, s.caret = "=", "-", "|", "|"
		s.arrows = strings.NewReplacer("↑↓", "up/down", "↑", "up", "↓", "down", "←", "left", "→", "right")
	}
	for m := range s.marks {
		s.marks[m] = theme.Mark(report.Mark(m))
	}
	if !theme.Color {
		return s
	}
	dim, accent := lipgloss.ANSIColor(242), lipgloss.ANSIColor(4)
	if dark {
		dim, accent = lipgloss.ANSIColor(245), lipgloss.ANSIColor(12)
	}
	plain := lipgloss.NewStyle()
	s.Strong = newInk(plain.Bold(true))
	s.Dim = newInk(plain.Foreground(dim))
	s.Accent = newInk(plain.Foreground(accent))
	s.Good = newInk(plain.Foreground(lipgloss.ANSIColor(2)))
	s.Warn = newInk(plain.Foreground(lipgloss.ANSIColor(3)))
	s.Bad = newInk(plain.Foreground(lipgloss.ANSIColor(1)))
	s.Cursor = newInk(plain.Reverse(true))
	return s
}

// Mark is the sign of m.
func (s Styles) Mark(m report.Mark) string { return s.marks[m] }
