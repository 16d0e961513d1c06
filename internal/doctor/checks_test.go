package doctor

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/forgecroft/fcoidc/assets"
	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/issuer"
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

// known are options that leave no question open.
func known(t *testing.T) CheckOptions {
	t.Helper()
	return CheckOptions{Examiner: testExaminer(t), OrgID: testOrg, Regions: []string{"eu-west-1", "us-east-1"}}
}

func codesOf(r *TargetReport, floor Severity) (list []string) {
	for _, f := range r.Findings {
		if f.Severity.AtLeast(floor) {
			list = append(list, f.Code)
		}
	}
	return list
}

func (r *TargetReport) result(name string) CheckResult {
	for _, c := range r.Results {
		if c.Check.Name == name {
			return c
		}
	}
	return CheckResult{}
}

func TestATargetInOrderRestsOnNothingButTheIssuersWord(t *testing.T) {
	t.Parallel()
	for _, phase := range []Phase{"", Plan, Apply} {
		s := healthy()
		if phase != "" {
			withToken(s, phase, testOrg)
		}
		r := Diagnosed(s, known(t))
		if got := slices.Compact(codesOf(r, Warning)); !slices.Equal(got, []string{"condition_key_undocumented"}) {
			t.Errorf("%s: %s", phase, describeFindings(r))
		}
		for _, name := range []string{"trust_admits", "exchange"} {
			// Without a token, or with one for a role of the other phase, there is nothing to say.
			if c := r.result(name); c.Outcome == OutcomeOK || name == "trust_admits" && c.Outcome != OutcomeWarning {
				t.Errorf("%s: %s is %s (%s), though it rests on keys that AWS does not document", phase, name, c.Outcome, c.Reason)
			}
		}
		if r.Healthy() || !r.Reached() || len(r.Roles) != 2 || r.Matrix == nil {
			t.Errorf("%s: healthy %v, %d roles", phase, r.Healthy(), len(r.Roles))
		}
	}
}

func TestWhatIsWrongIsNamedFirst(t *testing.T) {
	t.Parallel()
	stackStatus := func(status, failure string) func(*Snapshot) {
		return func(s *Snapshot) { s.Stacks[0].Status, s.Stacks[0].Failure = status, failure }
	}
	for name, c := range map[string]struct {
		change func(*Snapshot)
		want   string
		floor  Severity
	}{
		"a stack in the making":                   {stackStatus("UPDATE_IN_PROGRESS", ""), "stack_busy", Info},
		"an update that was rolled back":          {stackStatus("UPDATE_ROLLBACK_COMPLETE", "PlanRole: no"), "stack_failed", Info},
		"a stack that was never made":             {stackStatus("REVIEW_IN_PROGRESS", ""), "stack_failed", Failure},
		"the first entry, the issuer answers now": {stackStatus("ROLLBACK_COMPLETE", "OidcProvider: Could not connect to OIDC provider"), "stack_failed", Failure},
		"no roles and no stack":                   {func(s *Snapshot) { s.Stacks, s.Roles = nil, nil }, "stack_missing", Failure},
		"a private certificate without thumbprint": {func(s *Snapshot) {
			s.Issuer.Thumbprint, s.Issuer.CertificateError = strings.Repeat("a", 40), "unknown authority"
		}, "thumbprint_mismatch", Failure},
		"a provider that was there before": {func(s *Snapshot) {
			s.Provider.ManagedBy = ""
			s.Stacks[0].Parameters["CreateProvider"] = "false"
		}, "provider_not_ours", Info},
		"a role that names another": {func(s *Snapshot) {
			s.Roles[1].Trust = trustOf(Apply, "99999999-1111-1111-1111-111111111111")
			s.Stacks[0].Parameters["OrgId"] = "99999999-1111-1111-1111-111111111111"
			s.Roles[0].Trust = trustOf(Plan, "99999999-1111-1111-1111-111111111111")
		}, "org_id_mismatch", Failure},
		"keys of an issuer that nobody may see": {func(s *Snapshot) {
			s.Issuer.Problems = []IssuerProblem{{Code: issuer.CodeJWKSPrivate, Severity: "critical", Summary: "private keys"}}
		}, issuer.CodeJWKSPrivate, Critical},
		"an issuer that this machine cannot reach": {func(s *Snapshot) {
			s.Issuer = &Issuer{URL: testIssuer, DiscoveryURL: testIssuer + "/x", Problems: []IssuerProblem{{Code: issuer.CodeUnreachable, Severity: "failure", Summary: "no address"}}}
		}, "issuer_unreachable_from_here", Warning},
		"a role of another trust mode": {func(s *Snapshot) {
			s.Roles[0].Trust = strings.ReplaceAll(strings.Replace(trustOf(Plan, testOrg), `"api.forgecroft.com:phase":"plan","api.forgecroft.com:org_id":"`+testOrg+`"`, `"api.forgecroft.com:sub":"org:other:phase:plan"`, 1), "\n", "")
		}, "org_id_mismatch", Failure},
		"a session that is too short": {func(s *Snapshot) { s.Stacks[0].Parameters["MaxSessionDuration"] = "7200" }, "max_session_short", Warning},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := healthy()
			c.change(s)
			r := Diagnosed(s, known(t))
			i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == c.want })
			if i < 0 || r.Findings[i].Severity != c.floor || r.Findings[i].Fix == "" {
				t.Fatalf("want %s %s:\n%s", c.floor, c.want, describeFindings(r))
			}
			for _, f := range r.Findings[:i] {
				if f.Severity == c.floor {
					t.Errorf("%s comes before %s", f.Code, c.want)
				}
			}
		})
	}
}

func TestWhetherPhasesAreKeptApartIsNotCertainWhereAWSMayNotFillTheKey(t *testing.T) {
	t.Parallel()
	s := healthy()
	c := Diagnosed(s, known(t)).result("trust_phases")
	if c.Outcome != OutcomeOK || !strings.Contains(c.Reason, "should AWS not fill it, the apply role admits no token") {
		t.Errorf("by equality: %s, %s", c.Outcome, c.Reason)
	}
	s.Roles[1].Trust = strings.NewReplacer(`,"api.forgecroft.com:phase":"apply","api.forgecroft.com:org_id":"`+testOrg+`"`, "", `"Condition":{`, `"Condition":{"StringNotEquals":{"api.forgecroft.com:phase":"plan"},`).Replace(s.Roles[1].Trust)
	c = Diagnosed(s, known(t)).result("trust_phases")
	if c.Outcome != OutcomeWarning || !strings.Contains(c.Reason, "not proven until a real exchange") {
		t.Errorf("by exclusion: %s, %s", c.Outcome, c.Reason)
	}
}

func TestAPolicyOfTheOrganizationIsNamedSoThatItCanBeFound(t *testing.T) {
	t.Parallel()
	s := healthy()
	attached := func(document string) []Level {
		return []Level{{Target: "ou-ab12-prod", Policies: []Policy{
			{Name: "FullAWSAccess", ARN: "arn:aws:organizations::aws:policy/x/p-FullAWSAccess", Document: `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}`},
			{Name: "Perimeter", ARN: "arn:aws:organizations::999999999999:policy/o-1/x/p-0123abcd", Document: document},
		}}}
	}
	s.Organization = &Organization{
		ResourceControl: attached(`{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Resource":"*"}]}`),
		ServiceControl:  attached(`{"Statement":[{"Sid":"Away","Effect":"Deny","Action":"ec2:*","Resource":"*"}]}`),
	}
	findings := map[string]string{}
	for _, f := range Diagnosed(s, known(t)).Findings {
		findings[f.Code] = f.Found
	}
	const policy = "Perimeter (p-0123abcd, attached to ou-ab12-prod)"
	for code, want := range map[string]string{
		"org_policy_deny": "a Deny in statement 1 of policy " + policy,
		"scp_denies":      policy + `, statement "Away"`,
	} {
		if findings[code] != want {
			t.Errorf("%s: found %q, not %q", code, findings[code], want)
		}
	}
}

func TestATokenForAnotherAudienceIsRefusedByTheProviderFirst(t *testing.T) {
	t.Parallel()
	s := withToken(healthy(), Plan, testOrg)
	s.Token.Claims = json.RawMessage(strings.Replace(string(s.Token.Claims), "sts.amazonaws.com", "https://example.com", 1))
	r := Diagnosed(s, known(t))
	if got := codesOf(r, Failure); !slices.Equal(got, []string{"aud_not_in_provider", "aud_condition_mismatch"}) {
		t.Errorf("%s", describeFindings(r))
	}
}

func TestARoleIsNotTooNewWhereItsPolicyRefusesTheToken(t *testing.T) {
	t.Parallel()
	s := withToken(healthy(), Plan, testOrg)
	for i := range s.Roles {
		s.Roles[i].Created = testNow.Add(-time.Second)
	}
	r := Diagnosed(s, known(t))
	for i, want := range []string{"iam_propagation", "phase_mismatch"} {
		if c := r.result("exchange"); !strings.Contains(c.Reason, "forgecroft-runner-apply refuses it as it should (phase_mismatch)") {
			t.Errorf("of the other role: %s", c.Reason)
		}
		if d := r.Roles[i].Token.Diagnoses; len(d) == 0 || d[0].Cause != want {
			t.Errorf("%s: %+v", r.Roles[i].Role.Name, d)
		}
	}
}

// The three entries of the troubleshooting section of Forgecroft's page on AWS.
func TestTheTroubleshootingOfForgecroftsPageIsAnsweredOutright(t *testing.T) {
	t.Parallel()
	t.Run("could not connect to OIDC provider during deploy", func(t *testing.T) {
		t.Parallel()
		s := healthy()
		s.Stacks[0].Status, s.Stacks[0].Failure, s.Stacks[0].Compared = "ROLLBACK_COMPLETE", `OidcProvider: Could not connect to OIDC provider`, false
		s.Provider, s.Roles = nil, []Role{{ARN: "arn:aws:iam::010000000001:role/p", Name: "p", Phase: Plan, Gone: true, Read: true}}
		s.Issuer = &Issuer{
			URL: testIssuer, DiscoveryURL: testIssuer + "/.well-known/openid-configuration", Status: 503, Connected: true,
			Problems: []IssuerProblem{{Code: issuer.CodeStatus, Severity: "failure", Summary: "answered with status 503"}},
		}
		r := Diagnosed(s, known(t))
		if got := slices.Compact(codesOf(r, Failure)); !slices.Equal(got, []string{"discovery_unreachable"}) {
			t.Errorf("%s", describeFindings(r))
		}
		if !strings.Contains(r.result("stack").Findings[0].Fix, "fcoidc bootstrap") {
			t.Errorf("%+v", r.result("stack"))
		}
	})
	t.Run("AccessDenied with the OrgId in another letter case", func(t *testing.T) {
		t.Parallel()
		const lower, upper = "abcdef11-1111-1111-1111-111111111111", "ABCDEF11-1111-1111-1111-111111111111"
		s := healthy()
		s.Stacks[0].Parameters["OrgId"] = upper
		s.Roles[0].Trust, s.Roles[1].Trust = trustOf(Plan, upper), trustOf(Apply, upper)
		o := known(t)
		o.OrgID = lower
		r := Diagnosed(s, o)
		if r.Findings[0].Code != "org_id_case_mismatch" || !strings.Contains(r.Findings[0].Fix, "--org-id "+lower) {
			t.Errorf("%s", describeFindings(r))
		}
		o.OrgID = ""
		if r = Diagnosed(withToken(s, Plan, lower), o); r.Findings[0].Code != "org_id_case_mismatch" {
			t.Errorf("by the token:\n%s", describeFindings(r))
		}
		s.Token = nil
		r = Diagnosed(s, o)
		if got := r.result("trust_organization"); got.Outcome != OutcomeNotLooked || got.Findings[0].Code != "org_id_unknown" {
			t.Errorf("the stack's own parameter is taken for a proof: %+v", got)
		}
	})
	t.Run("plan succeeds and apply fails after Regions were added", func(t *testing.T) {
		t.Parallel()
		o := known(t)
		o.Regions = []string{"eu-west-1", "us-west-2"}
		r := Diagnosed(healthy(), o)
		if f := r.Findings[0]; f.Code != "region_not_allowed" || !strings.Contains(f.Fix, "--allowed-regions eu-west-1,us-east-1,us-west-2") {
			t.Errorf("%s", describeFindings(r))
		}
		o.Regions = nil
		r = Diagnosed(healthy(), o)
		if got := r.result("regions"); got.Outcome != OutcomeNotLooked || got.Findings[0].Code != "regions_unknown" {
			t.Errorf("%+v", got)
		}
	})
}

func TestACauseSuppressesItsEffects(t *testing.T) {
	t.Parallel()
	s := healthy()
	s.Provider = nil
	r := Diagnosed(s, known(t))
	if got := codesOf(r, Failure); !slices.Equal(got, []string{"provider_missing"}) {
		t.Errorf("%s", describeFindings(r))
	}
	if got := r.result("provider_audience"); got.Outcome != OutcomeSkipped || !strings.Contains(got.Reason, "the account has a provider") {
		t.Errorf("%+v", got)
	}
}

func TestAnAccountThatCannotBeEnteredSkipsAllElse(t *testing.T) {
	t.Parallel()
	r := Diagnosed(&Snapshot{Account: testAccount, IssuerURL: testIssuer, Missing: []Looked{{Fact: FactIdentity, What: "account", Reason: "no role"}}}, known(t))
	if r.Reached() {
		t.Error("it counts as reached")
	}
	for _, c := range r.Results {
		want := OutcomeSkipped
		switch {
		case c.Check.Name == checkIdentity:
			want = OutcomeNotLooked
		case c.Check.Category == CategoryIssuer:
			continue
		}
		if c.Outcome != want {
			t.Errorf("%s: %s %+v", c.Check.Name, c.Outcome, c.Findings)
		}
	}
}

func TestWhatCouldNotBeLookedAtIsNeverSilent(t *testing.T) {
	t.Parallel()
	for _, fact := range []Fact{FactIdentity, FactIssuer, FactStack, FactProvider, FactRoles, FactPermissions, FactRegions, FactOrganization, FactHistory, FactToken} {
		s := healthy()
		s.Missing = []Looked{{Fact: fact, What: "it", Action: "iam:GetRole", Reason: "AccessDenied"}}
		r := Diagnosed(s, known(t))
		i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == "could_not_look" })
		if i < 0 || !strings.Contains(r.Findings[i].Summary, "needs iam:GetRole") {
			t.Errorf("%s: %s", fact, describeFindings(r))
		}
	}
}

func TestFindingsCanBeSuppressedAndChecksChosen(t *testing.T) {
	t.Parallel()
	o := known(t)
	o.Suppress = []string{"condition_key_undocumented", "read_only_reads_data=999999999999", "apply_can_administer_iam=" + testAccount}
	if got := codesOf(Diagnosed(healthy(), o), Info); !slices.Equal(got, []string{"read_only_reads_data"}) {
		t.Error(got)
	}
	o = known(t)
	o.Only = []string{"provider", "trust_phases"}
	var names []string
	for _, c := range Diagnosed(healthy(), o).Results {
		names = append(names, c.Check.Name)
	}
	if want := []string{"provider", "provider_audience", "provider_thumbprint", "provider_owner", "trust_phases"}; !slices.Equal(names, want) {
		t.Error(names)
	}
}

func TestChecksHaveNamesOfTheirOwnAndComeInTheOrderOfAnExchange(t *testing.T) {
	t.Parallel()
	order := []Category{CategoryIssuer, CategoryAccount, CategoryProvider, CategoryTrust, CategoryPermissions, CategoryRegions, CategoryToken, CategoryExchange, CategoryHistory}
	seen := map[string]bool{}
	at := 0
	for _, c := range Checks() {
		if seen[c.Name] || c.Title == "" {
			t.Errorf("%+v", c)
		}
		for _, before := range c.After {
			if !seen[before] {
				t.Errorf("%s comes after %s, which does not come before", c.Name, before)
			}
		}
		seen[c.Name] = true
		i := slices.Index(order, c.Category)
		if i < at {
			t.Errorf("%s is out of order", c.Name)
		}
		at = i
	}
}

func TestWhatManyTargetsShareIsSaidOnce(t *testing.T) {
	t.Parallel()
	var reports []*TargetReport
	for _, account := range []string{"010000000003", "010000000001", "010000000002"} {
		s := healthy()
		if account != testAccount {
			text, err := s.JSON()
			if err != nil {
				t.Fatal(err)
			}
			if s, err = ReadSnapshot([]byte(strings.ReplaceAll(string(text), testAccount, account))); err != nil {
				t.Fatal(err)
			}
		}
		if account != "010000000002" {
			s.Provider.ClientIDs = []string{"other"}
		}
		reports = append(reports, Diagnosed(s, known(t)))
	}
	groups := Group(reports)
	if g := groups[0]; g.Code != "aud_not_in_provider" || !slices.Equal(g.Accounts, []string{"010000000001", "010000000003"}) || strings.Contains(g.Fix, "010000000001") {
		t.Errorf("%+v", g)
	}
	for _, g := range groups[1:] {
		if len(g.Accounts) != 3 {
			t.Errorf("%s: %v", g.Code, g.Accounts)
		}
	}
}
