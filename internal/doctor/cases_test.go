package doctor_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/docs/causes"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

func newJudge(t testing.TB, keys trust.Keys) *exchange.Judge {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	return exchange.NewJudge(table, keys)
}

func read(t testing.TB, src []byte) *exchange.Case {
	t.Helper()
	c, err := exchange.Read(src)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// labelled is a case with what is known to be its cause.
type labelled struct {
	name   string
	source []byte
	Cause  string   `json:"cause_code"`
	Others []string `json:"secondary"`
}

func labelledCases(t testing.TB, folder string, want int) []labelled {
	t.Helper()
	files, err := filepath.Glob("testdata/" + folder + "/*.json")
	if err != nil || len(files) != want {
		t.Fatalf("%d cases, want %d: %v", len(files), want, err)
	}
	cases := make([]labelled, len(files))
	for i, name := range files {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(src, &cases[i]); err != nil {
			t.Fatal(err)
		}
		cases[i].name, cases[i].source = filepath.Base(name), src
	}
	return cases
}

// diagnose returns the causes of a case, the likeliest first, each with all that a reader needs.
func diagnose(t testing.TB, c *exchange.Case, v *exchange.Verdict) (codes []string) {
	t.Helper()
	for _, x := range doctor.Diagnose(c, v) {
		codes = append(codes, x.Cause)
		if x.Summary == "" || x.Fix == "" {
			t.Errorf("%s has no summary or fix: %+v", x.Cause, x)
		}
		if _, ok := causes.Text(x.Cause); !ok {
			t.Errorf("%s has no page", x.Cause)
		}
	}
	return codes
}

// second are cases whose cause is named second, with the reason.
var second = map[string]string{
	"gitlab-two-audiences-no-azp.json": "audience_multiple is the more exact name of it, and AWS's text says just that",
}

// secondDocumented are cases whose cause is named second where AWS's table alone counts.
var secondDocumented = map[string]string{
	"forgecroft-aud-condition.json": "by AWS's table the conditions on phase and org_id can never hold, whatever the audience",
}

func TestTheCauseOfEveryReportedCaseIsNamedFirst(t *testing.T) {
	t.Parallel()
	for folder, count := range map[string]int{"cases": 56, "more": 226} {
		for _, l := range labelledCases(t, folder, count) {
			t.Run(l.name, func(t *testing.T) {
				t.Parallel()
				c := read(t, l.source)
				for _, keys := range []trust.Keys{trust.KeysIssuer, trust.KeysDocumented} {
					codes := diagnose(t, c, newJudge(t, keys).Verdict(c))
					place := 0
					if second[l.name] != "" || keys == trust.KeysDocumented && secondDocumented[l.name] != "" {
						place = 1
					}
					if got := slices.Index(codes, l.Cause); got != place {
						t.Errorf("%s at place %d with %s, want %d: %v", l.Cause, got+1, keys, place+1, codes)
					}
					for _, other := range l.Others {
						if !slices.Contains(codes, other) {
							t.Errorf("%s is missing, got %v", other, codes)
						}
					}
				}
			})
		}
	}
}
