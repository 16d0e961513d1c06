package template_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/template"
)

// docs/template.md has one row a parameter, in the template's order, with its default.
func TestTheDocumentationListsTheParametersWithTheirDefaults(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "template.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "## Parameters")
	section, _, _ = strings.Cut(section, "\n## ")
	var documented, declared []string
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| `") && len(cells) >= 2 {
			documented = append(documented, strings.TrimPrefix(cells[0], "| ")+" "+cells[1])
		}
	}
	for _, p := range template.Parameters() {
		declared = append(declared, "`"+p.Name+"` "+documentedDefault(p))
	}
	if got, want := strings.Join(documented, "\n"), strings.Join(declared, "\n"); got != want {
		t.Errorf("docs/template.md lists\n%s\nwant\n%s", got, want)
	}
}

func documentedDefault(p template.Parameter) string {
	switch {
	case p.Required:
		return "required"
	case p.Default == "":
		return "empty"
	case p.Name == template.ParamThumbprint:
		return "40 times `f`"
	}
	return "`" + p.Default + "`"
}
