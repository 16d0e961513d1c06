package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/report"
)

type conditionDocument struct {
	Version   int             `json:"version"`
	Condition json.RawMessage `json:"condition"`
	YAML      string          `json:"yaml"`
	Verified  bool            `json:"verified"` // never: the token was only read
	Notes     []string        `json:"notes"`
}

// decodeAsCondition prints the condition on standard output and what to know of it on
// standard error, so that the condition can be pasted.
func decodeAsCondition(o decodeOptions, token *claims.Token, p claims.Provider) error {
	condition, err := claims.AsCondition(token, p, o.Claims)
	if err != nil {
		return conditionError(err)
	}
	yaml, err := claims.AsConditionYAML(token, p, o.Claims)
	if err != nil {
		return conditionError(err)
	}
	if yaml, err = shownYAML(yaml, condition); err != nil {
		return err
	}
	doc := conditionDocument{Version: report.FormatVersion, Condition: condition, YAML: string(yaml), Notes: conditionNotes(token, p, condition)}
	if o.Output == formatJSON {
		return report.WriteJSON(o.IO.Out, doc)
	}
	for _, note := range doc.Notes {
		fmt.Fprintln(o.IO.Err, "note:", escape.Text(note))
	}
	if o.AsCondition == conditionYAML {
		_, err = o.IO.Out.Write(yaml)
		return err
	}
	return report.WriteJSON(o.IO.Out, struct {
		Condition json.RawMessage `json:"Condition"`
	}{condition})
}

// shownYAML keeps characters of a claim from acting on a terminal, which the YAML encoder
// writes as they are: the condition is then in YAML's flow form, which is that of JSON,
// with escapes.
func shownYAML(yaml []byte, condition json.RawMessage) ([]byte, error) {
	if escape.Block(string(yaml)) == string(yaml) {
		return yaml, nil
	}
	shown := escape.JSON(condition)
	if bytes.Contains(bytes.ToLower(shown), []byte(`\ud`)) { // half of a character beyond the BMP, as YAML has none
		return nil, usagef("--as-condition=json", "--as-condition=yaml: a claim holds characters that YAML cannot show escaped")
	}
	return slices.Concat([]byte("Condition: "), shown, []byte("\n")), nil
}

func conditionError(err error) error {
	e := &exitError{code: exitUsage, err: err}
	if h, ok := errors.AsType[*claims.ClaimError](err); ok {
		e.err, e.hint = fmt.Errorf("--as-condition: %w", err), h.Hint()
	}
	return e
}

// conditionNotes says what a reader of the condition must know before trusting it.
func conditionNotes(token *claims.Token, p claims.Provider, condition json.RawMessage) []string {
	notes := []string{"NOT VERIFIED: the condition rests on what the token says of itself"}
	used := usedKeys(condition)
	open, bound := false, false
	for _, m := range token.Claims {
		for _, k := range token.Keys(p, m.Name) {
			if slices.Contains(used, k.Name) {
				open = open || k.Basis == claims.BasisIssuer
				bound = bound || m.Name != "aud" && m.Name != "azp"
			}
		}
	}
	if open {
		notes = append(notes, "AWS publishes no condition keys for claims that only the issuer documents: not proven until a real exchange")
	}
	if !bound {
		notes = append(notes, "only the audience is tested: every token of this issuer for it is admitted")
	}
	return notes
}

// usedKeys are the condition keys of a Condition block.
func usedKeys(condition json.RawMessage) []string {
	var block map[string]map[string]any
	if json.Unmarshal(condition, &block) != nil {
		return nil
	}
	var names []string
	for _, keys := range block {
		for name := range keys {
			names = append(names, name)
		}
	}
	return names
}
