package trust

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/policy"
)

const (
	orgID     = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"
	githubARN = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"
	eksARN    = "arn:aws:iam::111122223333:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/AB12"
	ownARN    = "arn:aws:iam::111122223333:oidc-provider/idp.example.com"
)

// allowing returns a statement for a provider, in whose condition P: stands for the
// provider's name.
func allowing(arn, condition string) string { return statementOf("Allow", arn, condition) }

func statementOf(effect, arn, condition string) string {
	if condition != "" {
		condition = `, "Condition": ` + strings.ReplaceAll(condition, `"P:`, `"`+issuerPath(arn)+":")
	}
	return fmt.Sprintf(`{"Effect": %q, "Principal": {"Federated": %q}, "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]%s}`, effect, arn, condition)
}

// told lists the holes as "severity code at the text they point to".
func told(doc *policy.Document, holes []Hole) []string {
	list := []string{}
	for _, h := range holes {
		at := string(doc.Source[h.Span.Start.Offset:h.Span.End.Offset])
		if len(at) > 60 {
			at = at[:57] + "..."
		}
		list = append(list, fmt.Sprintf("%s %s: %s", h.Severity, h.Code, at))
	}
	return list
}

func TestAnAuditNamesTheHoles(t *testing.T) {
	t.Parallel()
	const aud = `"P:aud": "sts.amazonaws.com"`
	undocumented := "warning condition_key_undocumented: "
	for _, c := range []struct {
		name, arn, condition string
		keys                 Keys
		want                 []string
	}{
		{"no condition at all", fcARN, "", KeysIssuer, []string{
			`critical tenancy_condition_missing: "` + fcARN + `"`, `warning audience_condition_missing: "` + fcARN + `"`,
		}},
		{"the audience alone", fcARN, `{"StringEquals": {` + aud + `}}`, KeysIssuer, []string{
			`critical tenancy_condition_missing: {"StringEquals": {"api.forgecroft.com:aud": "sts.amazonaw...`,
		}},
		{"phase without org_id", fcARN, `{"StringEquals": {` + aud + `, "P:phase": "apply"}}`, KeysIssuer, []string{
			`critical tenancy_condition_missing: {"StringEquals": {"api.forgecroft.com:aud": "sts.amazonaw...`, undocumented + `"api.forgecroft.com:phase": "apply"`,
		}},
		{"org_id if it exists", fcARN, `{"StringEquals": {` + aud + `}, "StringEqualsIfExists": {"P:org_id": "a"}}`, KeysIssuer, []string{
			`critical guard_if_exists: "api.forgecroft.com:org_id": "a"`, undocumented + `"api.forgecroft.com:org_id": "a"`,
		}},
		{"org_id if it exists, which AWS never fills", fcARN, `{"StringEquals": {` + aud + `}, "StringEqualsIfExists": {"P:org_id": "a"}}`, KeysDocumented, []string{
			`critical guard_if_exists: "api.forgecroft.com:org_id": "a"`, `warning condition_key_never_filled: "api.forgecroft.com:org_id": "a"`,
		}},
		{"org_id for all values", fcARN, `{"StringEquals": {` + aud + `}, "ForAllValues:StringEquals": {"P:org_id": "a"}}`, KeysDocumented, []string{
			`critical guard_for_all_values: "api.forgecroft.com:org_id": "a"`, `warning condition_key_never_filled: "api.forgecroft.com:org_id": "a"`,
		}},
		{"all but one org", fcARN, `{"StringEquals": {` + aud + `}, "StringNotEquals": {"P:org_id": "evil"}}`, KeysIssuer, []string{
			`critical guard_negated: "api.forgecroft.com:org_id": "evil"`, undocumented + `"api.forgecroft.com:org_id": "evil"`,
		}},
		{"any org", fcARN, `{"StringEquals": {` + aud + `}, "StringLike": {"P:org_id": "*"}}`, KeysIssuer, []string{
			`critical wildcard_matches_all: "api.forgecroft.com:org_id": "*"`, undocumented + `"api.forgecroft.com:org_id": "*"`,
		}},
		{"orgs that begin alike", fcARN, `{"StringEquals": {` + aud + `}, "StringLike": {"P:org_id": "1f2e*"}}`, KeysIssuer, []string{
			`critical wildcard_over_separator: "api.forgecroft.com:org_id": "1f2e*"`, undocumented + `"api.forgecroft.com:org_id": "1f2e*"`,
		}},
		{"the subject of any org", fcARN, `{"StringEquals": {` + aud + `}, "StringLike": {"P:sub": "org:*:phase:plan"}}`, KeysIssuer, []string{
			`critical wildcard_over_separator: "api.forgecroft.com:sub": "org:*:phase:plan"`,
		}},
		{"the subject of one org", fcARN, `{"StringEquals": {` + aud + `}, "StringLike": {"P:sub": "org:a:phase:*"}}`, KeysIssuer, []string{}},
		{"a workspace alone", fcARN, `{"StringEquals": {` + aud + `, "P:workspace_id": "w"}}`, KeysIssuer, []string{
			`warning tenancy_condition_missing: {"StringEquals": {"api.forgecroft.com:aud": "sts.amazonaw...`, undocumented + `"api.forgecroft.com:workspace_id": "w"`,
		}},
		{"org_id from a tag", fcARN, `{"StringEquals": {` + aud + `, "aws:RequestTag/org_id": "a"}}`, KeysDocumented, []string{}},
		{"org_id from a tag, if there is one", fcARN, `{"StringEquals": {` + aud + `}, "StringEqualsIfExists": {"aws:RequestTag/org_id": "a"}}`, KeysDocumented, []string{
			`critical guard_if_exists: "aws:RequestTag/org_id": "a"`,
		}},
		{"the keys that AWS does not know", fcARN, `{"StringEquals": {` + aud + `, "P:org_id": "a"}}`, KeysDocumented, []string{
			`failure condition_key_never_filled: "api.forgecroft.com:org_id": "a"`,
		}},
		{"a claim of nobody's", fcARN, `{"StringEquals": {` + aud + `, "P:sub": "org:a:b", "P:team": "x"}}`, KeysAll, []string{undocumented + `"api.forgecroft.com:team": "x"`}},
		{"another provider's key", fcARN, `{"StringEquals": {` + aud + `, "gitlab.com:sub": "org:a:b"}}`, KeysIssuer, []string{
			`failure condition_key_never_filled: "gitlab.com:sub": "org:a:b"`,
		}},
		{"the scheme in the key", fcARN, `{"StringEquals": {"https://api.forgecroft.com:sub": "org:a:b"}}`, KeysIssuer, []string{
			`failure condition_key_never_filled: "https://api.forgecroft.com:sub": "org:a:b"`,
		}},
		{"phase if it exists, beside the org", fcARN, `{"StringEquals": {` + aud + `, "P:org_id": "a"}, "StringEqualsIfExists": {"P:phase": "apply"}}`, KeysIssuer, []string{
			`failure guard_if_exists: "api.forgecroft.com:phase": "apply"`, undocumented + `"api.forgecroft.com:org_id": "a"`,
		}},
		{"only from one network", fcARN, `{"StringEquals": {` + aud + `}, "IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}`, KeysDocumented, []string{
			`warning tenancy_condition_missing: {"StringEquals": {"api.forgecroft.com:aud": "sts.amazonaw...`,
		}},
		{"a session name proves nothing", fcARN, `{"StringEquals": {` + aud + `, "sts:RoleSessionName": "run"}}`, KeysDocumented, []string{
			`critical tenancy_condition_missing: {"StringEquals": {"api.forgecroft.com:aud": "sts.amazonaw...`,
		}},
		{"a variable", fcARN, `{"StringEquals": {` + aud + `, "P:sub": "${P:email}"}}`, KeysDocumented, []string{
			`warning condition_not_judged: "api.forgecroft.com:sub": "${P:email}"`,
		}},
		{"GitHub without a subject", githubARN, `{"StringEquals": {` + aud + `}}`, KeysIssuer, []string{
			`critical shared_issuer_condition_missing: {"StringEquals": {"token.actions.githubusercontent.com:au...`,
			`failure policy_not_storable: {"StringEquals": {"token.actions.githubusercontent.com:au...`,
		}},
		{"GitHub, one owner", githubARN, `{"StringEquals": {` + aud + `}, "StringLike": {"P:sub": "repo:acme/*"}}`, KeysIssuer, []string{}},
		{"GitHub, owners that begin alike", githubARN, `{"StringEquals": {` + aud + `}, "StringLike": {"P:sub": "repo:acme*"}}`, KeysIssuer, []string{
			`critical wildcard_over_separator: "token.actions.githubusercontent.com:sub": "repo:acme*"`,
		}},
		{"GitHub, repositories that begin alike", githubARN, `{"StringEquals": {` + aud + `}, "StringLike": {"P:sub": "repo:acme/infra*"}}`, KeysIssuer, []string{
			`warning wildcard_over_separator: "token.actions.githubusercontent.com:sub": "repo:acme/inf...`,
		}},
		{"GitHub, all repositories but by the owner's id", githubARN, `{"StringEquals": {` + aud + `, "P:repository_owner_id": "7"}, "StringLike": {"P:sub": "repo:*"}}`, KeysIssuer, []string{
			`warning wildcard_over_separator: "token.actions.githubusercontent.com:sub": "repo:*"`,
		}},
		{"a cluster's service account", eksARN, `{"StringEquals": {` + aud + `, "P:sub": "system:serviceaccount:ns:name"}}`, KeysIssuer, []string{}},
		{"all of a namespace", eksARN, `{"StringEquals": {` + aud + `}, "StringLike": {"P:sub": "system:serviceaccount:ns:*"}}`, KeysIssuer, []string{}},
		{"all of a cluster", eksARN, `{"StringEquals": {` + aud + `}, "StringLike": {"P:sub": "system:serviceaccount:*"}}`, KeysIssuer, []string{
			`failure wildcard_over_separator: "oidc.eks.eu-west-1.amazonaws.com/id/AB12:sub": "system:s...`,
		}},
		{"an issuer that nobody knows", ownARN, `{"StringEquals": {` + aud + `}}`, KeysIssuer, []string{
			`failure tenancy_condition_missing: {"StringEquals": {"idp.example.com:aud": "sts.amazonaws.c...`,
		}},
		{"the subject if it exists", ownARN, `{"StringEquals": {` + aud + `}, "StringEqualsIfExists": {"P:sub": "a"}}`, KeysIssuer, []string{
			`warning guard_if_exists: "idp.example.com:sub": "a"`,
		}},
		{"several methods for all values, and one demanded", ownARN, `{"StringEquals": {` + aud + `, "P:sub": "a"}, "ForAllValues:StringEquals": {"P:amr": ["pwd", "mfa"]}, "Null": {"P:amr": "false"}}`, KeysIssuer, []string{}},
	} {
		doc := mustParse(t, document(allowing(c.arn, strings.ReplaceAll(c.condition, "${P:", "${"+issuerPath(c.arn)+":"))))
		for i, w := range c.want {
			c.want[i] = strings.ReplaceAll(w, "${P:", "${"+issuerPath(c.arn)+":")
		}
		report := Audit(doc, Options{Table: table(t), Keys: c.keys})
		if diff := cmp.Diff(c.want, told(doc, report.Holes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestADenyClosesAHole(t *testing.T) {
	t.Parallel()
	open := allowing(fcARN, `{"StringEquals": {"P:aud": "sts.amazonaws.com"}}`)
	for deny, closed := range map[string]bool{
		statementOf("Deny", fcARN, `{"StringNotEquals": {"P:sub": "org:a:phase:plan"}}`):      true,
		statementOf("Deny", fcARN, `{"StringEquals": {"P:sub": "org:b:phase:plan"}}`):         false,
		statementOf("Deny", githubARN, `{"StringNotEquals": {"P:sub": "repo:a/b:ref:x"}}`):    false,
		statementOf("Deny", fcARN, `{"StringNotEqualsIfExists": {"P:sub": "org:a:phase:a"}}`): true,
	} {
		doc := mustParse(t, document(open, deny))
		report := Audit(doc, Options{Table: table(t), Keys: KeysDocumented})
		critical := false
		for _, h := range report.Holes {
			critical = critical || h.Severity == Critical
		}
		if critical == closed {
			t.Errorf("%s: critical %t\n%v", deny, critical, told(doc, report.Holes))
		}
	}
}

func TestEverybodyAsPrincipalIsAHole(t *testing.T) {
	t.Parallel()
	for src, want := range map[string][]string{
		`{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}`:                                                                           {`critical principal_everyone: "*"`},
		`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}`:    {`warning principal_everyone: "*"`},
		`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRoleWithWebIdentity"}`:                                                   {},
		`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}`: {`critical principal_everyone: "*"`},
		`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"api.forgecroft.com:aud": "x"}}}`:  {},
		`{"Effect": "Allow", "Principal": {"Federated": "*"}, "Action": "sts:AssumeRoleWithWebIdentity"}`:                                             {`critical principal_everyone: "*"`},
		`{"Effect": "Allow", "Principal": {"Service": "*"}, "Action": "sts:AssumeRole"}`:                                                              {},
		`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
		 {"Effect": "Deny", "Principal": "*", "Action": "sts:*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}`: {`warning principal_everyone: "*"`},
		`{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"},
		 {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}`: {},
	} {
		doc := mustParse(t, document(src))
		holes := slices.DeleteFunc(Audit(doc, Options{Table: table(t)}).Holes, func(h Hole) bool { return h.Code == PolicyNotStorable })
		if diff := cmp.Diff(want, told(doc, holes)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", src, diff)
		}
	}
}

func TestAnAccountThatCannotBeIsAHole(t *testing.T) {
	t.Parallel()
	for account, want := range map[string]string{
		"111122223333": "", "11112222333": "has 11 digits", "1111222233334": "has 13 digits", "<account>": "is no account id", "": "is no account id",
	} {
		doc := mustParse(t, document(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::`+account+`:oidc-provider/api.forgecroft.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}`))
		told := ""
		for _, h := range Audit(doc, Options{Table: table(t)}).Holes {
			if h.Code == PrincipalAccountInvalid {
				told = h.Summary
			}
		}
		if (want == "") != (told == "") || !strings.Contains(told, want) {
			t.Errorf("%q: got %q", account, told)
		}
	}
}

func TestAnExchangeThatOnlyNotActionAllowsIsAHole(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]bool{
		`"NotAction": "sts:AssumeRole"`: true, `"NotAction": "sts:AssumeRoleWithWebIdentity"`: false, `"Action": "sts:AssumeRoleWithWebIdentity"`: false,
	} {
		doc := mustParse(t, document(`{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/api.forgecroft.com"}, `+action+`}`))
		got := slices.ContainsFunc(Audit(doc, Options{Table: table(t)}).Holes, func(h Hole) bool { return h.Code == ActionByExclusion && h.Severity == Warning })
		if got != want {
			t.Errorf("%s: %t", action, got)
		}
	}
}

// rendered returns the trust policy that the template gives a role, as its tests hold it.
func rendered(t *testing.T, name string) *policy.Document {
	t.Helper()
	src, err := os.ReadFile("../template/testdata/trust/" + name + ".aws.json")
	if err != nil {
		t.Fatal(err)
	}
	return mustParse(t, string(src))
}

func codesOf(holes []Hole) []string {
	codes := []string{}
	for _, h := range holes {
		codes = append(codes, h.Code)
	}
	return codes
}

func TestTheTemplatesTrustPoliciesAreClosed(t *testing.T) {
	t.Parallel()
	undocumented := []string{ConditionKeyUndocumented}
	for _, c := range []struct {
		mode string
		want map[Keys][]string
	}{
		{"claims", map[Keys][]string{KeysIssuer: undocumented, KeysAll: undocumented}},
		{"claims-workspace", map[Keys][]string{KeysIssuer: undocumented, KeysAll: undocumented}},
		{"subject", map[Keys][]string{KeysIssuer: {}, KeysDocumented: {}, KeysAll: {}}},
		{"session-tags", map[Keys][]string{KeysIssuer: {}, KeysDocumented: {}, KeysAll: {}}},
		{"session-tags-workspace", map[Keys][]string{KeysIssuer: {}, KeysDocumented: {}, KeysAll: {}}},
	} {
		for keys, want := range c.want {
			for _, role := range []string{"plan", "apply"} {
				report := Audit(rendered(t, c.mode+"-"+role), Options{Table: table(t), Keys: keys})
				codes := codesOf(report.Holes)
				if diff := cmp.Diff(want, codes); diff != "" {
					t.Errorf("%s, %s role, keys %s (-want +got):\n%s", c.mode, role, keys, diff)
				}
				if len(report.Admissions) != 1 || report.Admissions[0].Nobody != "" {
					t.Errorf("%s, %s role, keys %s: %+v", c.mode, role, keys, report.Admissions)
				}
				beside := Audit(rendered(t, c.mode+"-"+role), Options{Table: table(t), Keys: keys, ProviderARN: report.Admissions[0].Principal, Tenant: orgID})
				if diff := cmp.Diff(codes, codesOf(beside.Holes)); diff != "" {
					t.Errorf("%s, %s role, keys %s, with all that is known (-want +got):\n%s", c.mode, role, keys, diff)
				}
			}
		}
	}
}

// Where AWS's tables are right, nobody gets in by the default trust policies.
func TestByAWSsTablesTheDefaultTrustPolicyAdmitsNobody(t *testing.T) {
	t.Parallel()
	doc := rendered(t, "claims-plan")
	report := Audit(doc, Options{Table: table(t), Keys: KeysDocumented})
	want := []string{
		`failure condition_key_never_filled: "api.forgecroft.com:org_id": "1f2e3d4c-aaaa-4bbb-8ccc-ddd...`,
		`failure condition_key_never_filled: "api.forgecroft.com:phase": "plan"`,
	}
	if diff := cmp.Diff(want, told(doc, report.Holes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if nobody := report.Admissions[0].Nobody; !strings.Contains(nobody, `no condition key "api.forgecroft.com:org_id"`) {
		t.Errorf("nobody gets in because %q", nobody)
	}
}

func TestAnAdmissionSaysWhoGetsIn(t *testing.T) {
	t.Parallel()
	report := Audit(rendered(t, "claims-apply"), Options{Table: table(t)})
	a := report.Admissions[0]
	if want := `Tokens of https://api.forgecroft.com of which aud is "sts.amazonaws.com", org_id is "` + orgID + `" and phase is "apply".`; a.Text != want {
		t.Errorf("%s\nwant %s", a.Text, want)
	}
	phase := a.Constraints[2]
	phase.Span = policy.Span{}
	if diff := cmp.Diff(Constraint{
		Condition: 2, Key: "api.forgecroft.com:phase", Claim: "phase", Basis: claims.BasisIssuer, Operator: "StringEquals", Values: []string{"apply"}, Text: `phase is "apply"`,
	}, phase); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	doc := mustParse(t, document(
		allowing(ownARN, `{"StringEqualsIfExists": {"P:sub": ["a", "b"]}, "ForAnyValue:StringLike": {"P:amr": "m*"}, "Null": {"P:email": "true"}}`),
		statementOf("Deny", ownARN, `{"StringEquals": {"P:sub": "c"}}`),
		`{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}`,
		allowing(ownARN, `{"StringEquals": {"P:sub": "a"}, "StringNotEquals": {"P:sub": ["a", "b"]}}`),
		allowing("arn:aws:iam::999988887777:oidc-provider/idp.example.com", ""),
	))
	var got []string
	for _, a := range Audit(doc, Options{Table: table(t), RoleAccount: "111122223333"}).Admissions {
		got = append(got, a.Text)
	}
	if diff := cmp.Diff([]string{
		`Tokens of https://idp.example.com of which sub, if it is there, is "a" or "b", a value of amr matches "m*" and email is absent, unless a Deny statement matches.`,
		`AWS 111122223333 by sts:AssumeRole.`,
		`No token of https://idp.example.com: no token meets all of its conditions.`,
		`No token of https://idp.example.com: the provider belongs to account 999988887777, and STS looks for it in the role's, 111122223333.`,
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestACorrectionIsAStatementToPaste(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, document(allowing(fcARN, `{"StringEquals": {"P:aud": "sts.amazonaws.com"}, "StringEqualsIfExists": {"P:org_id": "`+orgID+`", "P:phase": "apply"}}`)))
	want := `{
  "Effect": "Allow",
  "Principal": {
    "Federated": "arn:aws:iam::111122223333:oidc-provider/api.forgecroft.com"
  },
  "Action": [
    "sts:AssumeRoleWithWebIdentity",
    "sts:TagSession"
  ],
  "Condition": {
    "StringEquals": {
      "api.forgecroft.com:aud": "sts.amazonaws.com",
      "api.forgecroft.com:org_id": "` + orgID + `",
      "api.forgecroft.com:phase": "apply"
    }
  }
}`
	for _, h := range Audit(doc, Options{Table: table(t)}).Holes {
		if h.Code == ConditionKeyUndocumented {
			continue
		}
		if h.Fix == nil {
			t.Errorf("%s has no correction", h.Code)
			continue
		}
		if diff := cmp.Diff(want, string(h.Fix.Statement)); diff != "" || h.Fix.Placeholders != nil {
			t.Errorf("%s, %v (-want +got):\n%s", h.Code, h.Fix.Placeholders, diff)
		}
	}
	missing := mustParse(t, document(allowing(fcARN, `{"StringEquals": {"P:aud": "sts.amazonaws.com"}}`)))
	for tenant, placeholder := range map[string]string{"": placeholderOrg, orgID: ""} {
		fix := Audit(missing, Options{Table: table(t), Tenant: tenant}).Holes[0].Fix
		if got := strings.Join(fix.Placeholders, ","); got != placeholder || !strings.Contains(string(fix.Statement), tenant) {
			t.Errorf("tenant %q: %q\n%s", tenant, got, fix.Statement)
		}
	}
	narrow := Audit(mustParse(t, document(allowing(githubARN, `{"StringEquals": {"P:aud": "sts.amazonaws.com"}, "StringLike": {"P:sub": ["repo:acme*", "repo:acme/infra*"]}}`))), Options{Table: table(t)})
	var fixed struct {
		Condition struct{ StringLike map[string][]string }
	}
	if err := json.Unmarshal(narrow.Holes[0].Fix.Statement, &fixed); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"repo:acme/*", "repo:acme/infra:*"}, fixed.Condition.StringLike["token.actions.githubusercontent.com:sub"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A condition on one provider's keys shuts out the other; leaving it out would open the first.
func TestAStatementForSeveralProvidersIsNotRewritten(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, document(`{"Effect": "Allow", "Principal": {"Federated": ["`+fcARN+`", "`+githubARN+`"]}, "Action": "sts:AssumeRoleWithWebIdentity",
		"Condition": {"StringEqualsIfExists": {"api.forgecroft.com:sub": "org:a:x", "token.actions.githubusercontent.com:sub": "repo:a/b:ref:x"}}}`))
	holes := Audit(doc, Options{Table: table(t)}).Holes
	if len(holes) == 0 {
		t.Error("no hole")
	}
	for _, h := range holes {
		if h.Fix != nil {
			t.Errorf("%s: %s", h.Code, h.Fix.Statement)
		}
	}
}

func TestTheSmallestTokenShowsWhatGetsIn(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, document(allowing(fcARN, `{"StringEquals": {"P:aud": "sts.amazonaws.com", "aws:RequestTag/phase": "apply", "sts:RoleSessionName": "run-1"}, "StringLike": {"P:sub": "org:*:x"}}`)))
	h := Audit(doc, Options{Table: table(t), Keys: KeysDocumented}).Holes[0]
	want := map[string]any{
		"iss": "https://api.forgecroft.com", "aud": "sts.amazonaws.com", "sub": "org:another:x",
		claims.ClaimTags: map[string]any{"principal_tags": map[string]any{"phase": []string{"apply"}}},
	}
	if diff := cmp.Diff(want, h.Token.Claims); diff != "" {
		t.Errorf("claims (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"sts:RoleSessionName": "run-1"}, h.Token.Call); diff != "" {
		t.Errorf("call (-want +got):\n%s", diff)
	}
}

func TestAProviderThatIsAskedForAndNotTrusted(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, document(allowing(githubARN, `{"StringEquals": {"P:aud": "a", "P:sub": "repo:acme/infra:ref:x"}}`)))
	report := Audit(doc, Options{Table: table(t), ProviderARN: fcARN})
	want := []string{
		`failure provider_not_trusted: ` + told(doc, report.Holes)[0][len("failure provider_not_trusted: "):],
		`warning other_principal_admitted: "` + githubARN[:56] + `...`,
	}
	if diff := cmp.Diff(want, told(doc, report.Holes)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAProviderThatNotPrincipalTakesInIsJudged(t *testing.T) {
	t.Parallel()
	doc := mustParse(t, document(`{"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}, "Action": "sts:AssumeRoleWithWebIdentity"}`))
	report := Audit(doc, Options{Table: table(t), ProviderARN: fcARN})
	if len(report.Holes) == 0 || report.Holes[0].Code != TenancyConditionMissing || report.Holes[0].Severity != Critical {
		t.Errorf("%v", told(doc, report.Holes))
	}
}

// Forgecroft may run under another URL, with the same claims.
func TestAnotherURLOfForgecroftHasItsClaims(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:iam::111122223333:oidc-provider/fc.example.com"
	provider := table(t).For("https://api.forgecroft.com")
	provider.Issuer, provider.KeyPrefix = "https://fc.example.com", "fc.example.com"
	doc := mustParse(t, document(allowing(arn, `{"StringEquals": {"P:aud": "a", "P:org_id": "b", "P:phase": "plan"}}`)))
	report := Audit(doc, Options{Table: table(t), ProviderARN: arn, Provider: &provider})
	if len(report.Holes) != 1 || report.Holes[0].Code != ConditionKeyUndocumented {
		t.Errorf("%v", told(doc, report.Holes))
	}
}
