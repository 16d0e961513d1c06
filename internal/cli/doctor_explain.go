package cli

import (
	"encoding/json"
	"fmt"

	"github.com/forgecroft/fcoidc/docs/causes"
)

// doctorExplain prints the page of a code, as docs/causes has it.
func doctorExplain(o doctorOptions) error {
	text, ok := causes.Text(o.Explain)
	if !ok {
		return usagef("fcoidc doctor --list-checks", "there is no code %q", o.Explain)
	}
	if o.Output == formatJSON {
		return writeJSON(o.IO, map[string]any{"version": 1, "code": o.Explain, "title": causes.Title(o.Explain), "text": text})
	}
	_, err := fmt.Fprint(o.IO.Out, text)
	return err
}

// doctorList prints every code with its title.
func doctorList(o doctorOptions) error {
	type check struct {
		Code  string `json:"code"`
		Title string `json:"title"`
	}
	var list []check
	for _, code := range causes.Codes() {
		list = append(list, check{code, causes.Title(code)})
	}
	if o.Output == formatJSON {
		return writeJSON(o.IO, map[string]any{"version": 1, "checks": list})
	}
	for _, c := range list {
		if _, err := fmt.Fprintf(o.IO.Out, "%-34s %s\n", c.Code, c.Title); err != nil {
			return err
		}
	}
	return nil
}

func writeJSON(sys *IO, document any) error {
	enc := json.NewEncoder(sys.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document)
}
