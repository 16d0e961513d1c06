package cli

import (
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/report"
)

func TestWhatThePreflightDoubtsIsInTheReviewAndInTheDocument(t *testing.T) {
	t.Parallel()
	const warning = "the issuer cannot be reached from here\n  going on"
	for _, output := range []format{formatText, formatJSON} {
		var out strings.Builder
		v := &runView{io: &IO{Out: &out, Err: &out}, output: output, run: report.Run{ID: "r"}, warnings: []string{warning}}
		if err := v.review(&out, nil); err != nil {
			t.Fatal(err)
		}
		if shown := strings.HasPrefix(out.String(), "! the issuer cannot be reached from here\n    going on\n"); shown != (output == formatText) {
			t.Errorf("%s: the review is\n%s", output, out.String())
		}
		if want := []string{"the issuer cannot be reached from here going on"}; !slices.Equal(v.run.Notes, want) {
			t.Errorf("%s: the document's notes are %q, not %q", output, v.run.Notes, want)
		}
	}
}
