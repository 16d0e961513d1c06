package tui

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

// defaultExport is the file that the summary offers to write.
const defaultExport = "forgecroft-roles.csv"

// exportedMsg says what came of writing a file.
type exportedMsg struct {
	path string
	err  error
}

// views are results as what the stacks say of themselves.
func views(results []bootstrap.Result) []bootstrap.StackView {
	views := make([]bootstrap.StackView, len(results))
	for i := range results {
		r := &results[i]
		views[i] = bootstrap.StackView{
			Target: r.Target, StackID: r.StackID, Status: string(r.Status), Outputs: r.Outputs, Failure: r.Failure,
		}
	}
	return views
}

// export writes the role ARNs to a new file, in the format that its name ends in.
func export(path string, results []bootstrap.Result) tea.Cmd {
	return func() tea.Msg {
		data, err := exported(path, results)
		if err == nil {
			err = writeNew(path, data)
		}
		return exportedMsg{path, err}
	}
}

func exported(path string, results []bootstrap.Result) ([]byte, error) {
	var b bytes.Buffer
	var err error
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		err = report.WriteOutputsCSV(&b, views(results))
	case ".json":
		err = report.WriteOutputsJSON(&b, views(results))
	case ".env", ".sh":
		err = report.WriteOutputsEnv(&b, views(results))
	default:
		err = report.WriteOutputsText(&b, report.Theme{}, views(results))
	}
	return b.Bytes(), err
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, data []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; choose another name", path)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = f.Write(data)
	return err
}

// copyText is the ARNs of every account as text to paste.
func copyText(results []bootstrap.Result) string {
	var b strings.Builder
	for i := range results {
		r := &results[i]
		if plan := r.Outputs[template.OutputPlanRoleARN]; plan != "" {
			fmt.Fprintf(&b, "%s\t%s\n", plan, r.Outputs[template.OutputApplyRoleARN])
		}
	}
	return b.String()
}
