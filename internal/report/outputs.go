package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/template"
)

type outputsDocument struct {
	Version int           `json:"version"`
	Targets []outputsWire `json:"targets"`
}

type outputsWire struct {
	Account string             `json:"account"`
	Name    string             `json:"name"`
	Region  string             `json:"region"`
	StackID string             `json:"stack_id"`
	Status  string             `json:"stack_status"`
	Outputs map[string]string  `json:"outputs"`
	Error   *bootstrap.Failure `json:"error"`
}

// WriteOutputsText writes the role ARNs of each stack, and which account has none.
func WriteOutputsText(w io.Writer, theme Theme, stacks []bootstrap.StackView) error {
	var b strings.Builder
	for i := range stacks {
		s := &stacks[i]
		switch {
		case s.Failure != nil:
			fmt.Fprintln(&b, theme.wrap(theme.Mark(MarkBad)+" "+who(s.Target)+"  ", escape.Text(s.Failure.Message)))
			writeUnlessSaid(&b, theme, "fix:", s.Failure.Fix, "")
		case s.Outputs[template.OutputPlanRoleARN] == "":
			fmt.Fprintln(&b, theme.wrap(theme.Mark(MarkSkip)+" "+who(s.Target)+"  ", "no role ARNs"+suffix(escape.Text(s.Status))))
		default:
			writeRoleARNs(&b, theme, MarkGood, s.Target, s.Outputs)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteOutputsJSON writes the outputs of each stack as one document.
func WriteOutputsJSON(w io.Writer, stacks []bootstrap.StackView) error {
	doc := outputsDocument{Version: FormatVersion, Targets: make([]outputsWire, 0, len(stacks))}
	for i := range stacks {
		s := &stacks[i]
		wire := outputsWire{
			Account: s.Target.Account, Name: s.Target.Name, Region: s.Target.Region,
			StackID: s.StackID, Status: s.Status, Outputs: s.Outputs, Error: s.Failure,
		}
		if wire.Outputs == nil {
			wire.Outputs = map[string]string{}
		}
		doc.Targets = append(doc.Targets, wire)
	}
	return WriteJSON(w, doc)
}

// WriteOutputsCSV writes one row an account, with a header. A cell that a spreadsheet
// would take for a formula is preceded by an apostrophe (CWE-1236); what would act on a terminal is
// escaped.
func WriteOutputsCSV(w io.Writer, stacks []bootstrap.StackView) error {
	out := csv.NewWriter(w)
	rows := [][]string{{"account", "name", "region", "stack_status", "plan_role_arn", "apply_role_arn", "oidc_provider_arn", "error"}}
	for i := range stacks {
		s := &stacks[i]
		row := []string{
			s.Target.Account, s.Target.Name, s.Target.Region, s.Status,
			s.Outputs[template.OutputPlanRoleARN], s.Outputs[template.OutputApplyRoleARN],
			s.Outputs[template.OutputOIDCProviderARN], "",
		}
		if s.Failure != nil {
			row[len(row)-1] = s.Failure.Message
		}
		for j := range row {
			row[j] = neutral(escape.Text(row[j]))
		}
		rows = append(rows, row)
	}
	if err := out.WriteAll(rows); err != nil {
		return err
	}
	return out.Error()
}

func neutral(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// WriteOutputsEnv writes shell assignments, quoted so that `eval` is safe, and with what would act
// on a terminal escaped. One account
// gives FORGECROFT_PLAN_ROLE_ARN and FORGECROFT_APPLY_ROLE_ARN; of several, each name
// ends in the account id.
func WriteOutputsEnv(w io.Writer, stacks []bootstrap.StackView) error {
	var b strings.Builder
	for i := range stacks {
		s := &stacks[i]
		end := ""
		if len(stacks) > 1 {
			end = "_" + s.Target.Account
		}
		for _, v := range []struct{ name, value string }{
			{"FORGECROFT_PLAN_ROLE_ARN", s.Outputs[template.OutputPlanRoleARN]},
			{"FORGECROFT_APPLY_ROLE_ARN", s.Outputs[template.OutputApplyRoleARN]},
		} {
			if v.value != "" {
				b.WriteString("export " + v.name + end + "=" + escape.Quoted(escape.Text(v.value)) + "\n")
			}
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
