package doctor

import (
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/template"
)

// asking is a role whose trust policy asks for one claim more.
func asking(r *Role, claim, value string) {
	r.Trust = strings.Replace(r.Trust, `"api.forgecroft.com:phase"`, `"api.forgecroft.com:`+claim+`":"`+value+`","api.forgecroft.com:phase"`, 1)
}

func TestWhatOnlyATokenCanTellIsNotTakenToBeInOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*Snapshot)
		want   string // of the summary, "" if nothing is unknown
		worst  Severity
	}{
		"a workspace": {func(s *Snapshot) { asking(&s.Roles[0], "workspace_id", "w-1"); s.Stacks = nil }, "the plan role also asks for workspace_id = w-1;", Info},
		"a subject":   {func(s *Snapshot) { asking(&s.Roles[1], "sub", "nonsense"); s.Stacks = nil }, "the apply role also asks for sub = nonsense;", Info},
		"two claims": {func(s *Snapshot) {
			asking(&s.Roles[1], "sub", "s")
			asking(&s.Roles[1], "branch", "main")
			s.Stacks = nil
		}, "the apply role also asks for sub = s and branch = main;", Info},
		"what our stack did not ask for": {func(s *Snapshot) {
			asking(&s.Roles[1], "workspace_id", "w-1")
			s.Stacks[0].Drift = []Drift{{Resource: "ApplyRole", Name: s.Roles[1].Name, Property: "AssumeRolePolicyDocument", Expected: trustOf(Apply, testOrg), Found: s.Roles[1].Trust}}
		}, "workspace_id = w-1, which its stack did not;", Warning},
		"what our stack asks for": {func(s *Snapshot) {
			asking(&s.Roles[1], "workspace_id", "w-1")
			s.Stacks[0].Parameters[template.ParamWorkspaceID] = "w-1"
		}, "", ""},
		"the subjects of our stack": {func(s *Snapshot) {
			asking(&s.Roles[0], "sub", "p")
			asking(&s.Roles[1], "sub", "a")
			s.Stacks[0].Parameters[template.ParamPlanSubject], s.Stacks[0].Parameters[template.ParamApplySubject] = "p", "a"
		}, "", ""},
		"a token shows it": {func(s *Snapshot) {
			asking(&s.Roles[0], "sub", "x")
			withToken(s, Plan, testOrg)
		}, "", ""},
		"a token of the other phase": {func(s *Snapshot) {
			asking(&s.Roles[0], "sub", "x")
			withToken(s, Apply, testOrg)
		}, "the plan role also asks for sub = x;", Info},
		"nothing more": {func(*Snapshot) {}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := healthy()
			c.change(s)
			r := Diagnosed(s, known(t))
			i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == "claim_value_unknown" })
			if (i >= 0) != (c.want != "") || r.Assumes() != (i >= 0) {
				t.Fatalf("%s", describeFindings(r))
			}
			if i < 0 {
				return
			}
			if f := r.Findings[i]; !strings.Contains(f.Summary, c.want) || f.Severity != c.worst {
				t.Errorf("%+v", f)
			}
			if got := r.result("trust_admits").Outcome; got != OutcomeNotLooked {
				t.Errorf("the check is %s", got)
			}
		})
	}
}

func TestAnAccountOfWhichATokenMustTellIsNotHealthy(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Stacks = nil
	for i := range s.Roles {
		s.Roles[i].Trust = strings.Replace(trustOf(s.Roles[i].Phase, testOrg), `"api.forgecroft.com:phase":"`+string(s.Roles[i].Phase)+`","api.forgecroft.com:org_id":"`+testOrg+`"`,
			`"api.forgecroft.com:sub":"org:`+testOrg+`:phase:`+string(s.Roles[i].Phase)+`"`, 1)
	}
	o := known(t)
	if r := Diagnosed(s, o); r.Health() != Unproven || !r.Healthy() {
		t.Errorf("%s:\n%s", r.Health(), describeFindings(r))
	}
}

func TestATokenOfNoPhaseIsRefusedByBothRoles(t *testing.T) {
	t.Parallel()
	for phase, want := range map[Phase][]string{
		"Plan":    {"claim_value_mismatch", "phase_mismatch"},
		"destroy": {"phase_mismatch", "phase_mismatch"},
	} {
		r := Diagnosed(withToken(healthy(), phase, testOrg), known(t))
		if got := codesOf(r, Failure); !slices.Equal(got, want) {
			t.Errorf("%s: %v\n%s", phase, got, describeFindings(r))
		}
		for _, f := range r.result("exchange").Findings {
			if f.Expected != "plan or apply" || f.Found != string(phase) || strings.Contains(f.Fix, "StringEquals") {
				t.Errorf("a trust policy is to be changed for a phase that does not exist: %+v", f)
			}
		}
	}
}

func TestATokenThatAWSDoesNotTakeIsWhyNoRoleIsAsked(t *testing.T) {
	t.Parallel()
	s := withToken(healthy(), Plan, testOrg)
	s.Taken = testNow.AddDate(1, 0, 0)
	r := Diagnosed(s, known(t))
	if got := r.result("exchange"); got.Outcome != OutcomeSkipped || !strings.Contains(got.Reason, "the token is not one that AWS takes") {
		t.Errorf("%s: %s", got.Outcome, got.Reason)
	}
}

func TestARefusalThatWasPredictedIsToldOnce(t *testing.T) {
	t.Parallel()
	const other = "99999999-8888-4777-8666-555555555555"
	o := known(t)
	attempt := func(r *TargetReport, code string) []Attempt {
		a := Attempt{RoleARN: r.Roles[0].Role.ARN, Code: code, Message: "Not authorized"}
		o.Examiner.Explain(&a, r.Roles[0].Token)
		return []Attempt{a}
	}
	r := Diagnosed(withToken(healthy(), Plan, other), o)
	before := len(r.Findings)
	r.Proved(attempt(r, "AccessDenied"))
	if got := r.result("try"); len(r.Findings) != before || got.Outcome != OutcomeFailure || got.Reason != "AccessDenied, as predicted: org_id_mismatch (forgecroft-runner-plan)" {
		t.Errorf("%s %s\n%s", got.Outcome, got.Reason, describeFindings(r))
	}

	r = Diagnosed(withToken(healthy(), Plan, other), o)
	r.Proved(attempt(r, "ExpiredTokenException"))
	if r.Findings[0].Code != "token_expired" {
		t.Errorf("what AWS answered otherwise is not told:\n%s", describeFindings(r))
	}

	o.Only = []string{"provider"} // so that nothing has told why
	r = Diagnosed(withToken(healthy(), Plan, other), o)
	r.Proved(attempt(r, "AccessDenied"))
	if len(r.Findings) == 0 || r.Findings[0].Code != "org_id_mismatch" {
		t.Errorf("nobody told why:\n%s", describeFindings(r))
	}
}

func TestTheFileOfTheTokenIsNamedByFixes(t *testing.T) {
	t.Parallel()
	o := known(t)
	o.TokenFile = "t/my apply.jwt"
	r := Diagnosed(withToken(healthy(), Apply, testOrg), o)
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == "condition_key_undocumented" })
	if i < 0 || !strings.HasSuffix(r.Findings[i].Fix, "--token-file 't/my apply.jwt' --try") {
		t.Errorf("%s", describeFindings(r))
	}
}

func TestNothingLookedAtIsNotHealthy(t *testing.T) {
	t.Parallel()
	o := known(t)
	o.Only = []string{"token"}
	if r := Diagnosed(healthy(), o); !r.Unasked() || r.Health() != Unproven {
		t.Errorf("%s, unasked %t", r.Health(), r.Unasked())
	}
	if r := Diagnosed(withToken(healthy(), Plan, testOrg), o); r.Unasked() || r.Health() != Healthy {
		t.Errorf("%s, unasked %t", r.Health(), r.Unasked())
	}
}
