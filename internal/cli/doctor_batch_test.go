package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

func newBatch(t testing.TB, workers int, keys trust.Keys) *batch {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	return &batch{func() *doctor.Examiner { return doctor.NewExaminer(exchange.NewJudge(table, keys), table) }, workers}
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

// manyKinds returns lines of every kind: cases reported and made, what AWS was seen to do, and
// what is no case.
func manyKinds(t testing.TB) [][]byte {
	t.Helper()
	all := reported(t)
	for _, pattern := range []string{"../doctor/testdata/more/*.json", "../exchange/testdata/*.ndjson", "../policy/testdata/trust-examples.ndjson"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("nothing like %s: %v", pattern, err)
		}
		for _, name := range files {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Ext(name) == ".json" {
				src = bytes.ReplaceAll(src, []byte("\n"), []byte(" "))
			}
			all = append(append(all, src...), '\n')
		}
	}
	all = append(all, `{
[]
{"id":"twice","claims":{"sub":1,"sub":2}}
{"id":"header alone","header":{"alg":"RS256"}}
{"id":"nothing"}
{"id":"no text","trust_policy_text":"","claims":{"iss":"https://api.forgecroft.com"}}
{"id":"no JSON","trust_policy_text":"{","claims":{"iss":"https://api.forgecroft.com"}}`...)
	return bytes.Split(all, []byte("\n"))
}

func TestTheAnswerToALineDoesNotHangOnTheLinesBefore(t *testing.T) {
	t.Parallel()
	for _, keys := range []trust.Keys{trust.KeysIssuer, trust.KeysDocumented, trust.KeysAll} {
		t.Run(string(keys), func(t *testing.T) {
			t.Parallel()
			lines := manyKinds(t)
			rand.New(rand.NewPCG(1, 2)).Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
			lines = append(lines, lines...)
			var together bytes.Buffer
			many, one := newBatch(t, 2, keys), newBatch(t, 1, keys)
			if err := many.run(t.Context(), bytes.NewReader(bytes.Join(lines, []byte("\n"))), &together); err != nil {
				t.Fatal(err)
			}
			for _, line := range lines {
				var alone bytes.Buffer
				if err := one.run(t.Context(), bytes.NewReader(line), &alone); err != nil {
					t.Fatal(err)
				}
				if got := together.Next(alone.Len()); !bytes.Equal(got, alone.Bytes()) {
					t.Fatalf("%s\nis answered among others:\n%s\nand alone:\n%s", line, got, alone.Bytes())
				}
			}
			if together.Len() > 0 {
				t.Errorf("answers to no line: %s", together.Bytes())
			}
		})
	}
}

func BenchmarkBatch(b *testing.B) {
	one := reported(b)
	lines := bytes.Repeat(one, 20)
	n := bytes.Count(lines, []byte("\n"))
	run := newBatch(b, 1, trust.KeysIssuer)
	b.ReportAllocs()
	for b.Loop() {
		if err := run.run(b.Context(), bytes.NewReader(lines), io.Discard); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*n)/b.Elapsed().Seconds(), "cases/s")
}

func TestLinesThatComeOneByOneAreAnsweredOneByOne(t *testing.T) {
	t.Parallel()
	questions, ask := io.Pipe()
	hear, answers := io.Pipe()
	done := make(chan error, 1)
	run := newBatch(t, 2, trust.KeysIssuer)
	go func() {
		done <- run.run(t.Context(), questions, answers)
		_ = answers.Close()
	}()
	lines := bufio.NewScanner(hear)
	for _, id := range []string{"1", "2", "3"} {
		if _, err := io.WriteString(ask, `{"id":`+id+"}\n"); err != nil {
			t.Fatal(err)
		}
		if !lines.Scan() || !strings.HasPrefix(lines.Text(), `{"version":1,"id":`+id+`,`) {
			t.Fatalf("to line %s: %s", id, lines.Text())
		}
	}
	_ = ask.Close()
	if lines.Scan() {
		t.Errorf("one more answer: %s", lines.Text())
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestABatchWhoseAnswersCannotBeWrittenSaysWhy(t *testing.T) {
	t.Parallel()
	silent, ask := io.Pipe()
	t.Cleanup(func() { _ = ask.Close() }) // lets the read that was left to itself end
	full := errors.New("no space left on device")
	done := make(chan error, 1)
	run := newBatch(t, 2, trust.KeysIssuer)
	go func() { done <- run.run(t.Context(), silent, failing{full}) }()
	if _, err := io.WriteString(ask, "{}\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, full) || errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestOrderHoldsAndLongLinesAreAnsweredToo(t *testing.T) {
	t.Parallel()
	var src, want bytes.Buffer
	for i := range 3000 {
		fmt.Fprintf(&src, "{\"id\":%d,\"note\":%q}\r\n", i, strings.Repeat("x", i*i%9973))
		fmt.Fprintln(&want, i, "")
		// A line that is not kept to its end has no id any more.
		for id, size := range map[any]int{"long": exchange.MaxSize, nil: exchange.MaxSize + 3*chunkSize} {
			if i%1000 != 500 {
				continue
			}
			fmt.Fprintf(&src, "{\"id\":%q,\"note\":%q}\n", "long", strings.Repeat("x", size))
			fmt.Fprintln(&want, id, "not a case: it is longer than the 4194304 bytes that are read")
		}
	}
	var out, got bytes.Buffer
	run := newBatch(t, 3, trust.KeysIssuer)
	if err := run.run(t.Context(), &src, &out); err != nil {
		t.Fatal(err)
	}
	for answer := json.NewDecoder(&out); ; {
		var a struct {
			ID    any
			Error string
		}
		if err := answer.Decode(&a); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&got, a.ID, a.Error)
	}
	if got.String() != want.String() {
		t.Error("answers are missing, too many or out of order")
	}
}
