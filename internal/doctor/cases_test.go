package doctor_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
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

func TestTheCauseOfEveryReportedCaseIsNamedFirst(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/cases/*.json")
	if err != nil || len(files) != 56 {
		t.Fatalf("%d cases, want 56: %v", len(files), err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				Cause     string   `json:"cause_code"`
				Secondary []string `json:"secondary"`
			}
			if err := json.Unmarshal(src, &want); err != nil {
				t.Fatal(err)
			}
			c := read(t, src)
			for _, keys := range []trust.Keys{trust.KeysIssuer, trust.KeysDocumented} {
				v := newJudge(t, keys).Verdict(c)
				var causes []string
				for _, x := range doctor.Diagnose(c, v) {
					causes = append(causes, x.Cause)
					if x.Summary == "" || x.Fix == "" {
						t.Errorf("%s has no summary or fix: %+v", x.Cause, x)
					}
				}
				if len(causes) == 0 || causes[0] != want.Cause {
					t.Errorf("%s first, with %s: got %v", want.Cause, keys, causes)
				}
				for _, second := range want.Secondary {
					if !slices.Contains(causes, second) {
						t.Errorf("%s is missing, got %v", second, causes)
					}
				}
			}
		})
	}
}
