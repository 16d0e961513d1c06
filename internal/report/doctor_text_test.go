package report_test

import (
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/doctor"
	"github.com/forgecroft/fcoidc/internal/report"
)

func doctorText(t *testing.T, width int, run *doctor.Run) string {
	t.Helper()
	var b strings.Builder
	if err := report.WriteDoctorText(&b, report.Theme{Width: width}, run); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// both is a finding of both roles.
func both(code, found string) []doctor.Finding {
	list := make([]doctor.Finding, 2)
	for i, role := range []string{"plan", "apply"} {
		list[i] = doctor.Finding{
			Code: code, Severity: doctor.Warning, Subject: "arn:" + role, Summary: "said of both", Found: strings.ReplaceAll(found, "ROLE", role), Fix: "mend --role " + role,
		}
	}
	return list
}

func TestWhatIsTrueOfBothRolesIsToldOnceWithBothFixes(t *testing.T) {
	t.Parallel()
	check := doctor.CheckResult{Check: doctor.Check{Name: "c", Title: "a question", Category: doctor.CategoryTrust}, Outcome: doctor.OutcomeWarning, Findings: both("stack_drifted", "the same")}
	one := &doctor.TargetReport{Snapshot: &doctor.Snapshot{Account: "010000000001"}, Results: []doctor.CheckResult{check}, Findings: check.Findings}
	other := &doctor.TargetReport{Snapshot: &doctor.Snapshot{Account: "010000000002"}, Results: []doctor.CheckResult{check}, Findings: check.Findings}
	for name, run := range map[string]*doctor.Run{
		"one account":  doctor.NewRun(fixtureNow, []*doctor.TargetReport{one}),
		"two accounts": doctor.NewRun(fixtureNow, []*doctor.TargetReport{one, other}),
	} {
		text := doctorText(t, 0, run)
		if n := strings.Count(text, "stack_drifted (warning)"); n != 1 {
			t.Errorf("%s: told %d times:\n%s", name, n, text)
		}
		for _, fix := range []string{"fix       mend --role plan\n", "          mend --role apply\n"} {
			if !strings.Contains(text, fix) {
				t.Errorf("%s: no %q:\n%s", name, fix, text)
			}
		}
	}
	one.Findings = both("stack_drifted", "seen in ROLE")
	run := doctor.NewRun(fixtureNow, []*doctor.TargetReport{one})
	var short strings.Builder
	if err := report.WriteDoctorShort(&short, report.Theme{}, run); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(short.String(), "stack_drifted  said"); n != 1 {
		t.Errorf("in short: told %d times:\n%s", n, short.String())
	}
}

func TestTheVerdictSaysWhatIsKnown(t *testing.T) {
	t.Parallel()
	const account = "010000000001"
	skipped := []doctor.CheckResult{{Check: doctor.Check{Name: "token", Title: "the token", Category: doctor.CategoryToken}, Outcome: doctor.OutcomeSkipped, Reason: "none was given"}}
	looked := []doctor.CheckResult{{Check: doctor.Check{Name: "roles", Title: "the roles", Category: doctor.CategoryTrust}, Outcome: doctor.OutcomeOK}}
	for name, c := range map[string]struct {
		results   []doctor.CheckResult
		findings  []doctor.Finding
		want, not string
	}{
		"nothing was looked at": {skipped, nil, "\n! nothing was looked at\n", "healthy"},
		"the only check":        {skipped, nil, "○ the only check (skipped: none was given)\n", "checks"},
		"healthy":               {looked, nil, "\n✓ healthy\n", "!"},
		"a token must tell": {
			looked,
			[]doctor.Finding{{Code: "claim_value_unknown", Severity: doctor.Info, Summary: "s"}},
			"\n! could not look whether your runs' tokens have what", "set up as Forgecroft documents",
		},
		"warnings alone": {looked, []doctor.Finding{{Code: "stack_drifted", Severity: doctor.Warning, Summary: "changed"}}, "\n! with findings; first of all stack_drifted: changed\n", "✗"},
		"a failure": {
			looked,
			[]doctor.Finding{{Code: "principal_wrong", Severity: doctor.Failure, Summary: "the role is in " + account}},
			"\n✗ with findings; first of all principal_wrong: the role is in " + account + "\n", "<account>",
		},
	} {
		r := &doctor.TargetReport{Snapshot: &doctor.Snapshot{Account: account}, Results: c.results, Findings: c.findings}
		text := doctorText(t, 0, doctor.NewRun(fixtureNow, []*doctor.TargetReport{r}))
		if !strings.Contains(text, c.want) || strings.Contains(text, c.not) {
			t.Errorf("%s:\n%s", name, text)
		}
	}
}

func TestTheFixOfOneAccountAmongManyNamesIt(t *testing.T) {
	t.Parallel()
	report := func(account string, findings ...doctor.Finding) *doctor.TargetReport {
		return &doctor.TargetReport{Snapshot: &doctor.Snapshot{Account: account}, Findings: findings}
	}
	text := doctorText(t, 0, doctor.NewRun(fixtureNow, []*doctor.TargetReport{
		report("010000000001", doctor.Finding{Code: "stack_drifted", Severity: doctor.Failure, Summary: "s", Fix: "mend --account 010000000001"}),
		report("010000000002"),
	}))
	if !strings.Contains(text, "mend --account 010000000001") || strings.Contains(text, "<account>") {
		t.Errorf("%s", text)
	}
}
