package report_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/report"
	"github.com/forgecroft/fcoidc/internal/trust"
)

// examined judges a case of testdata.
func examined(t *testing.T, name string) doctor.Judgement {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	c, err := exchange.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	return doctor.NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table).Examine(c, true)
}

func TestAnAnswerReadsLikeACompilersError(t *testing.T) {
	t.Parallel()
	for name, theme := range map[string]report.Theme{
		"answer-80.txt":       {Width: 80},
		"answer-120.txt":      {Width: 120},
		"answer-80-color.txt": {Width: 80, Color: true},
		"answer-60-ascii.txt": {Width: 60, ASCII: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := examined(t, "case-swapped.json")
			var out bytes.Buffer
			if err := report.WriteAnswerText(&out, theme, &j); err != nil {
				t.Fatal(err)
			}
			golden(t, name, out.String())
		})
	}
}

func TestAnAnswerAsJSONIsTheBatchLineWithItsTrace(t *testing.T) {
	t.Parallel()
	j := examined(t, "case-swapped.json")
	var out bytes.Buffer
	if err := report.WriteAnswerJSON(&out, &j); err != nil {
		t.Fatal(err)
	}
	golden(t, "answer.json", out.String())
	var whole, line map[string]any
	if err := json.Unmarshal(out.Bytes(), &whole); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(report.AppendAnswer(nil, &j), &line); err != nil {
		t.Fatal(err)
	}
	for name := range line {
		if _, ok := whole[name]; !ok {
			t.Errorf("the document lacks %q", name)
		}
	}
	if _, ok := whole["trace"]; !ok {
		t.Error("the document has no trace")
	}
}

func TestWhatActsOnATerminalIsShownAsAnEscape(t *testing.T) {
	t.Parallel()
	j := examined(t, "case-hostile.json")
	var text, doc bytes.Buffer
	if err := report.WriteAnswerText(&text, report.Theme{}, &j); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteAnswerJSON(&doc, &j); err != nil {
		t.Fatal(err)
	}
	for name, out := range map[string]string{"text": text.String(), "JSON": doc.String(), "NDJSON": string(report.AppendAnswer(nil, &j))} {
		for _, hostile := range []string{"\x1b", "\u202e", "\u0007"} {
			if strings.Contains(out, hostile) {
				t.Errorf("%s holds %q:\n%s", name, hostile, out)
			}
		}
		if !strings.Contains(out, "evil") {
			t.Errorf("%s does not show the claim at all", name)
		}
	}
}

// FuzzAnswersAreJSON holds the hand-written encoder to encoding/json.
func FuzzAnswersAreJSON(f *testing.F) {
	f.Add("a", "b\x1b[31m", "c\"\\\n", "\xff\u202e")
	f.Fuzz(func(t *testing.T, cause, summary, found, id string) {
		quoted, err := json.Marshal(id)
		if err != nil {
			t.Fatal(err)
		}
		j := doctor.Judgement{
			Case: &exchange.Case{ID: quoted}, Verdict: &exchange.Verdict{},
			Diagnoses: []doctor.Diagnosis{{Cause: cause, Summary: summary, Found: found, Evidence: []string{id, found}, Place: &doctor.Place{Line: 1}}},
			Findings:  []doctor.Finding{{Code: cause, Fix: summary}},
		}
		var doc struct {
			Diagnosis []struct{ Cause, Summary, Found string }
		}
		line := report.AppendAnswer(nil, &j)
		if err := json.Unmarshal(line, &doc); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		want := strings.ToValidUTF8(summary, "\ufffd")
		if got := doc.Diagnosis[0].Summary; got != want && strings.ReplaceAll(got, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Errorf("the summary %q is read back as %q", summary, got)
		}
		if bytes.ContainsAny(line, "\n\x1b") {
			t.Errorf("a line holds what acts on a terminal: %q", line)
		}
	})
}
