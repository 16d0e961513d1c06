package report_test

import (
	"io"
	"testing"

	"github.com/forgecroft/fcoidc/internal/report"
)

func BenchmarkThePageOfAThousandAccounts(b *testing.B) {
	r := &report.HTMLReport{Look: look(b, 1000), Deploy: deployment(1000)}
	b.ReportAllocs()
	for b.Loop() {
		if err := report.WriteHTML(io.Discard, r); err != nil {
			b.Fatal(err)
		}
	}
}
