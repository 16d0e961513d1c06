package report

import (
	"encoding/json"
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
)

// continued is the indent of what belongs to the field above.
var continued = strings.Repeat(" ", 2+nameColumn)

func (v *tokenView) line(s string) {
	v.b.WriteString(s)
	v.b.WriteByte('\n')
}

func (v *tokenView) title(s string) {
	v.line("")
	v.line(v.theme.Strong(s))
}

// field writes a name and its value, which is safe to print.
func (v *tokenView) field(name, value string) {
	name = escape.Text(name)
	pad := nameColumn - lipgloss.Width(name)
	if pad < 1 {
		v.line("  " + v.theme.Strong(name))
		v.line(v.theme.wrap(continued, value))
		return
	}
	v.line(v.theme.wrap("  "+v.theme.Strong(name)+strings.Repeat(" ", pad), value))
}

// dim writes what explains the field above.
func (v *tokenView) dim(text string) {
	if text == "" {
		return
	}
	for l := range strings.SplitSeq(v.theme.wrap(continued, escape.Text(text)), "\n") {
		v.line(continued + v.theme.Dim(strings.TrimPrefix(l, continued)))
	}
}

func (v *tokenView) marked(indent string, m Mark, text string) {
	v.line(v.theme.wrap(indent+v.theme.Mark(m)+" ", escape.Text(text)))
}

func (v *tokenView) detail(indent, label, text string) {
	if text != "" {
		v.line(v.theme.wrap(indent+v.theme.Dim(label+":")+" ", escape.Text(text)))
	}
}

// shown is a value for people: texts without quotes, unless they could be taken for another
// value or their blanks would be missed.
func shown(value claims.Value) string {
	text := value.Text()
	if value.Kind() == claims.String && (json.Valid([]byte(text)) || strings.TrimSpace(text) != text || text == "") {
		return escape.Text(string(escape.JSON(value.Raw())))
	}
	return escape.Text(text)
}
