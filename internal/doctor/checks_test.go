package doctor

import (
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

func testExaminer(t *testing.T) *Examiner {
	t.Helper()
	table, err := claims.LoadKeyTable(assets.ConditionKeys)
	if err != nil {
		t.Fatal(err)
	}
	return NewExaminer(exchange.NewJudge(table, trust.KeysIssuer), table)
}

func codesOf(r *TargetReport, floor Severity) (list []string) {
	for _, f := range r.Findings {
		if f.Severity.AtLeast(floor) {
			list = append(list, f.Code)
		}
	}
	return list
}

func TestAHealthyTargetHasNoFailure(t *testing.T) {
	t.Parallel()
	r := Diagnosed(withToken(healthy(), Plan, testOrg), CheckOptions{Examiner: testExaminer(t), OrgID: testOrg, Regions: []string{"eu-west-1"}})
	for _, f := range r.Findings {
		t.Logf("%s %s: %s", f.Severity, f.Code, f.Summary)
	}
	for _, c := range r.Results {
		t.Logf("%-20s %-14s %s %v", c.Check.Name, c.Outcome, c.Reason, len(c.Findings))
	}
	if got := codesOf(r, Failure); len(got) > 0 {
		t.Errorf("%v", got)
	}
	_ = slices.Contains(strings.Fields(""), "")
}
