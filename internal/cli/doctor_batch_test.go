package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

func newBatch(t testing.TB, workers int) batch {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	return batch{doctor.NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table), workers}
}

// reported returns the reported cases, a line each.
func reported(t testing.TB) []byte {
	t.Helper()
	files, err := filepath.Glob("../doctor/testdata/cases/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	var all bytes.Buffer
	for _, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(bytes.ReplaceAll(src, []byte("\n"), []byte(" ")))
		all.WriteByte('\n')
	}
	return all.Bytes()
}

func BenchmarkBatch(b *testing.B) {
	one := reported(b)
	lines := bytes.Repeat(one, 20)
	n := bytes.Count(lines, []byte("\n"))
	run := newBatch(b, 1)
	b.ReportAllocs()
	for b.Loop() {
		if err := run.run(b.Context(), bytes.NewReader(lines), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "cases/s")
}
