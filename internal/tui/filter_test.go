package tui

import (
	"strings"
	"testing"

	"charm.land/lipgloss/v2"

	"github.com/forgecroft/fcoidc/internal/report"
)

func TestAFilterShowsItsCursor(t *testing.T) {
	t.Parallel()
	colour := NewStyles(report.Theme{Color: true}, true)
	f := Filter{}.Open().Paste("prod")
	for name, tt := range map[string]struct {
		styles Styles
		filter Filter
		want   string
	}{
		"after the text":         {plainStyles(), f, "/ prod▏"},
		"within it":              {plainStyles(), f.Key(keyPress("left")), "/ pro▏d"},
		"in ASCII":               {NewStyles(report.Theme{ASCII: true}, true), f, "/ prod|"},
		"in colour":              {colour, f, "\x1b[7m \x1b["},
		"in colour, within it":   {colour, f.Key(keyPress("left")), "pro\x1b[7md\x1b["},
		"what is typed is shown": {plainStyles(), Filter{}.Open().Paste("a\u202eb"), `/ a\u202eb▏`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.filter.Render(tt.styles, 80, 3, 12); !strings.Contains(got, tt.want) || !strings.Contains(got, "3 of 12") {
				t.Errorf("the line is %q, want %q in it", got, tt.want)
			}
		})
	}
}

func TestTheEndOfALongFilterStaysInSight(t *testing.T) {
	t.Parallel()
	f := Filter{}.Open().Paste(strings.Repeat("x", 150) + "END")
	line := f.Render(plainStyles(), 70, 0, 12)
	if !strings.Contains(line, "END▏") || !strings.Contains(line, "0 of 12") || lipgloss.Width(line) > 70 {
		t.Errorf("the line is %q", line)
	}
}
