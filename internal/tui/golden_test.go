package tui

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	_ "github.com/charmbracelet/x/exp/golden" // defines -update, which teatest brings too
	"github.com/google/go-cmp/cmp"
)

// golden compares a drawing with testdata/golden/<name>.txt, which -update writes anew.
// Colours are shown as ⟦their codes⟧, so that a person can read them in a diff.
func golden(t *testing.T, name, got string) {
	t.Helper()
	got = colourCode.ReplaceAllString(got, "⟦$1⟧") + "\n"
	path := filepath.Join("testdata", "golden", name+".txt")
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A checkout may have its own idea of line ends.
	if diff := cmp.Diff(strings.ReplaceAll(string(want), "\r\n", "\n"), got); diff != "" {
		t.Errorf("%s differs, -update rewrites it (-want +got):\n%s", path, diff)
	}
}

var colourCode = regexp.MustCompile("\x1b\\[([0-9;]*)m")
