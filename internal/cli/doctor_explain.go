package cli

import (
	"encoding/json"
	"fmt"

	"github.com/forgecroft/fcoidc/docs/causes"
	"github.com/forgecroft/fcoidc/internal/doctor"
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

// doctorList prints the checks that a live look makes, and every code that doctor gives.
func doctorList(o doctorOptions) error {
	type check struct {
		Name     string `json:"name"`
		Category string `json:"category"`
		Title    string `json:"title"`
	}
	type code struct {
		Code  string `json:"code"`
		Title string `json:"title"`
	}
	var checks []check
	for _, c := range doctor.Checks() {
		checks = append(checks, check{c.Name, string(c.Category), c.Title})
	}
	var codes []code
	for _, c := range causes.Codes() {
		codes = append(codes, code{c, causes.Title(c)})
	}
	if o.Output == formatJSON {
		return writeJSON(o.IO, map[string]any{"version": 1, "checks": checks, "codes": codes})
	}
	w := o.IO.Out
	fmt.Fprintln(w, "Checks, for --checks, by name or category")
	for _, c := range checks {
		fmt.Fprintf(w, "  %-20s %-12s %s\n", c.Name, c.Category, c.Title)
	}
	fmt.Fprintln(w, "\nCodes of causes and findings, for --explain and --suppress")
	for _, c := range codes {
		fmt.Fprintf(w, "  %-33s %s\n", c.Code, c.Title)
	}
	return nil
}

func writeJSON(sys *IO, document any) error {
	enc := json.NewEncoder(sys.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document)
}
