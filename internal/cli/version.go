package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/template"
)

// Set by the linker (see the Makefile). A binary made by `go install` has neither and
// says what the module's build information knows.
var (
	version string
	commit  string
)

type versionDocument struct {
	Version        int    `json:"version"`
	Release        string `json:"release"`
	Commit         string `json:"commit"`
	TemplateSHA256 string `json:"template_sha256"`
	Go             string `json:"go"`
	Platform       string `json:"platform"`
}

func newVersion(sys *IO) *cobra.Command {
	output := formatText
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print version, commit and the template's hash",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			doc, err := versionInfo()
			if err != nil {
				return err
			}
			if output == formatJSON {
				return report.WriteJSON(sys.Out, doc)
			}
			fmt.Fprintf(sys.Out, "fcoidc %s\ncommit %s\ntemplate sha256 %s\n%s %s\n",
				doc.Release, doc.Commit, doc.TemplateSHA256, doc.Go, doc.Platform)
			return nil
		},
	}
	addOutput(cmd, &output, formatText, formatJSON)
	return cmd
}

func versionInfo() (versionDocument, error) {
	t, err := template.Render(template.DefaultIssuer)
	if err != nil {
		return versionDocument{}, fmt.Errorf("read the embedded template: %w", err)
	}
	doc := versionDocument{
		Version: report.FormatVersion, Release: version, Commit: commit, TemplateSHA256: t.SHA256,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		if doc.Release == "" {
			doc.Release = info.Main.Version
		}
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && doc.Commit == "" {
				doc.Commit = s.Value
			}
		}
	}
	if doc.Commit == "" {
		doc.Commit = "unknown"
	}
	return doc, nil
}
