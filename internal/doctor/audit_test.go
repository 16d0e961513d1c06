package doctor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/exchange"
	"github.com/forgecroft/fcoidc/internal/trust"
)

const (
	evilRoot     = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"sts:AssumeRole"}`
	evilProvider = `{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::` + testAccount + `:oidc-provider/evil.example.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`
	openGitHub   = `{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::` + testAccount + `:oidc-provider/token.actions.githubusercontent.com"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}}`
	secondOrg = "22222222-2222-4222-8222-222222222222"
)

// appended puts statements at the end of a trust policy, each on a line of its own.
func appended(policy string, statements ...string) string {
	return strings.TrimSuffix(policy, "]}") + ",\n" + strings.Join(statements, ",\n") + "]}"
}

// holes are the findings of an account whose trust policies were changed.
func holes(t *testing.T, change func(Phase, string) string, o CheckOptions) (*TargetReport, []Finding) {
	t.Helper()
	s := healthy()
	for i := range s.Roles {
		s.Roles[i].Trust = change(s.Roles[i].Phase, s.Roles[i].Trust)
	}
	r := Diagnosed(s, o)
	return r, r.result("trust_holes").Findings
}

func TestWhoeverElseATrustPolicyAdmitsIsTold(t *testing.T) {
	t.Parallel()
	r, list := holes(t, func(_ Phase, policy string) string { return appended(policy, evilRoot, evilProvider, openGitHub) }, known(t))
	for _, role := range r.Snapshot.Roles {
		for _, want := range []Finding{
			{Code: trust.OtherPrincipalAdmitted, Subject: ", statement 2, line 2, AWS arn:aws:iam::999988887777:root", Found: "by statement 2, line 2: AWS arn:aws:iam::999988887777:root by sts:AssumeRole.", Fix: "take statement 2 out of the trust policy"},
			{Code: trust.OtherPrincipalAdmitted, Subject: ", statement 3, line 3, arn:aws:iam::" + testAccount + ":oidc-provider/evil.example.com", Found: "by statement 3, line 3: Every token of https://evil.example.com.", Fix: "take statement 3 out"},
			{Code: trust.SharedIssuerConditionMissing, Subject: ", statement 4, line 4, arn:aws:iam::" + testAccount + ":oidc-provider/token.actions.githubusercontent.com", Found: "admitted: {", Fix: "{"},
		} {
			if !slices.ContainsFunc(list, func(f Finding) bool {
				return f.Code == want.Code && f.Severity == Critical && f.Subject == role.ARN+want.Subject && strings.HasPrefix(f.Found, want.Found) && strings.HasPrefix(f.Fix, want.Fix)
			}) {
				t.Errorf("%s: no %+v\n%s", role.Name, want, describeFindings(r))
			}
		}
	}
	if got := r.result("trust_holes").Outcome; got != OutcomeFailure || r.Health() != Unhealthy {
		t.Errorf("%s, %s", got, r.Health())
	}
}

func TestWhoIsOfTheAccountIsAWarning(t *testing.T) {
	t.Parallel()
	r, list := holes(t, func(_ Phase, policy string) string {
		return appended(policy, strings.Replace(evilRoot, "999988887777", testAccount, 1))
	}, known(t))
	if !slices.ContainsFunc(list, func(f Finding) bool { return f.Code == trust.OtherPrincipalAdmitted && f.Severity == Warning }) ||
		slices.ContainsFunc(list, func(f Finding) bool { return f.Severity.AtLeast(Failure) }) {
		t.Error(describeFindings(r))
	}
}

func TestASecondOrganizationIsTold(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(Phase, string) string{
		"in a list": func(_ Phase, policy string) string {
			return strings.Replace(policy, `"`+testOrg+`"`, `["`+testOrg+`","`+secondOrg+`"]`, 1)
		},
		"in a statement": func(p Phase, policy string) string {
			_, second, _ := strings.Cut(trustOf(p, secondOrg), "[")
			return appended(policy, strings.TrimSuffix(second, "]}"))
		},
	} {
		o := known(t)
		r, list := holes(t, change, o)
		n := 0
		for _, f := range list {
			if f.Code == trust.OtherOrganizationAdmitted && f.Severity == Critical && strings.Contains(f.Summary, secondOrg) && f.Fix != "" {
				n++
			}
		}
		if n != 2 || r.Findings[0].Code != trust.OtherOrganizationAdmitted {
			t.Errorf("%s: %s", name, describeFindings(r))
		}
	}
}

func TestACaseTellsWhoElseGetsIn(t *testing.T) {
	t.Parallel()
	trusts := appended(trustOf(Plan, testOrg), evilRoot, evilProvider)
	claims := fmt.Sprintf(`{"iss":%q,"aud":"sts.amazonaws.com","sub":"x","phase":"plan","org_id":%q}`, testIssuer, testOrg)
	for name, c := range map[string]struct {
		policy string
		want   []string
	}{
		"others":     {trusts, []string{trust.OtherPrincipalAdmitted, trust.OtherPrincipalAdmitted}},
		"a second":   {strings.Replace(trustOf(Plan, testOrg), `"`+testOrg+`"`, `["`+testOrg+`","`+secondOrg+`"]`, 1), []string{trust.OtherOrganizationAdmitted}},
		"our own":    {trustOf(Plan, testOrg), nil},
		"GitHub too": {appended(trustOf(Plan, testOrg), openGitHub), []string{trust.OtherPrincipalAdmitted, trust.SharedIssuerConditionMissing}},
	} {
		src := fmt.Sprintf(`{"trust_policy":%s,"claims":%s,"role":{"arn":"arn:aws:iam::%s:role/r"}}`, c.policy, claims, testAccount)
		read, err := exchange.Read([]byte(src))
		if err != nil {
			t.Fatal(err)
		}
		j := testExaminer(t).Examine(read, true)
		var got []string
		for _, f := range j.Findings {
			if f.Severity == Critical {
				got = append(got, f.Code)
			}
		}
		if j.Verdict.Decision != exchange.Allow || len(j.Diagnoses) > 0 || !slices.Equal(got, c.want) {
			t.Errorf("%s: %s %+v\n%v", name, j.Verdict.Decision, j.Findings, j.Diagnoses)
		}
	}
}
