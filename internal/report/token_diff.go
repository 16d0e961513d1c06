package report

import (
	"encoding/json"
	"io"

	"github.com/forgecroft/fcoidc/internal/claims"
)

type diffDocument struct {
	Version     int              `json:"version"`
	Same        bool             `json:"same"`
	Differences []differenceWire `json:"differences"`
}

type differenceWire struct {
	Part    string          `json:"part"`
	Name    string          `json:"name"`
	Change  claims.Change   `json:"change"`
	Routine bool            `json:"routine"`
	A       json.RawMessage `json:"a,omitempty"`
	B       json.RawMessage `json:"b,omitempty"`
}

// WriteTokenDiffJSON writes in what two tokens differ.
func WriteTokenDiffJSON(w io.Writer, differences []claims.Difference) error {
	doc := diffDocument{Version: FormatVersion, Same: len(differences) == 0, Differences: []differenceWire{}}
	for _, d := range differences {
		doc.Differences = append(doc.Differences, differenceWire{d.Part, d.Name, d.Change, d.Routine, d.A.Raw(), d.B.Raw()})
	}
	return WriteJSON(w, doc)
}

// WriteTokenDiffText writes in what two tokens differ, apart what differs between any two.
func WriteTokenDiffText(w io.Writer, theme Theme, differences []claims.Difference) error {
	v := newTokenView(theme)
	v.marked("", MarkWarn, "NOT VERIFIED: this is what the tokens say of themselves")
	if len(differences) == 0 {
		v.marked("", MarkGood, "they say the same")
	}
	v.differences("Header", differences, func(d claims.Difference) bool { return d.Part == "header" })
	v.differences("Claims", differences, func(d claims.Difference) bool { return d.Part != "header" && !d.Routine })
	v.differences("Different in any two tokens", differences, func(d claims.Difference) bool { return d.Routine })
	_, err := io.WriteString(w, v.b.String())
	return err
}

func (v *tokenView) differences(title string, all []claims.Difference, belongs func(claims.Difference) bool) {
	titled := false
	for _, d := range all {
		if !belongs(d) {
			continue
		}
		if !titled {
			v.title(title)
			titled = true
		}
		name := d.Name
		for _, side := range []struct {
			sign  string
			mark  Mark
			value claims.Value
		}{{"- ", MarkBad, d.A}, {"+ ", MarkGood, d.B}} {
			if side.value.Kind() != claims.Absent {
				v.field(name, v.theme.Text(side.mark, side.sign)+shown(side.value))
				name = ""
			}
		}
	}
}
