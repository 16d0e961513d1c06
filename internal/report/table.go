package report

import (
	"io"
	"strings"

	"charm.land/lipgloss/v2"
)

// table aligns cells in columns, two blanks apart. Cells may hold colours and wide
// characters: widths are those that a terminal shows.
type table struct {
	rows [][]string
}

func (t *table) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) writeTo(w io.Writer, indent string) error {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], lipgloss.Width(cell))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		line := make([]string, 0, 2*len(row))
		for i, cell := range row {
			line = append(line, cell)
			if i < len(row)-1 {
				line = append(line, strings.Repeat(" ", widths[i]-lipgloss.Width(cell)+2))
			}
		}
		b.WriteString(strings.TrimRight(indent+strings.Join(line, ""), " "))
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}
