package trust

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const ourStatement = `{"P:aud": "sts.amazonaws.com", "P:org_id": "` + orgID + `", "P:phase": "plan"}`

// beside returns the holes that statements add to one that lets our own tokens in.
func beside(t *testing.T, statements ...string) []Hole {
	t.Helper()
	doc := mustParse(t, document(append([]string{allowing(fcARN, `{"StringEquals": `+ourStatement+`}`)}, statements...)...))
	var holes []Hole
	for _, h := range Audit(doc, Options{Table: table(t), ProviderARN: fcARN, RoleAccount: "111122223333", Tenant: orgID}).Holes {
		if h.Statement > 0 {
			holes = append(holes, h)
		}
	}
	return holes
}

func brief(holes []Hole) []string {
	list := []string{}
	for _, h := range holes {
		list = append(list, string(h.Severity)+" "+h.Code+": "+h.Summary)
	}
	return list
}

func TestWhoeverElseGetsInIsAHole(t *testing.T) {
	t.Parallel()
	allow := func(principal, action, condition string) string {
		if condition != "" {
			condition = `, "Condition": ` + condition
		}
		return `{"Effect": "Allow", "Principal": ` + principal + `, "Action": "` + action + `"` + condition + `}`
	}
	const evilARN = "arn:aws:iam::111122223333:oidc-provider/evil.example.com"
	const foreign, outside = `{"AWS": "arn:aws:iam::999988887777:root"}`, "the principals of account 999988887777 may assume the role by sts:AssumeRole, from outside of account 111122223333"
	const evil = "tokens of https://evil.example.com, another issuer than api.forgecroft.com, may assume the role"
	for name, c := range map[string]struct {
		statement string
		want      []string
	}{
		"another account":                         {allow(foreign, "sts:AssumeRole", ""), []string{"critical other_principal_admitted: " + outside + ", and no condition says who of them"}},
		"another account by its number":           {allow(`{"AWS": "999988887777"}`, "sts:*", ""), []string{"critical other_principal_admitted: " + outside + ", and no condition says who of them", ""}},
		"another account, by tags it chooses":     {allow(foreign, "sts:AssumeRole", `{"StringEquals": {"aws:RequestTag/team": "a", "sts:RoleSessionName": "x"}}`), []string{"critical other_principal_admitted: " + outside + ", and no condition says who of them"}},
		"another account, if it names its org":    {allow(foreign, "sts:AssumeRole", `{"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}`), []string{"critical other_principal_admitted: " + outside + ", and no condition says who of them"}},
		"another account, from anywhere":          {allow(foreign, "sts:AssumeRole", `{"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}`), []string{"critical other_principal_admitted: " + outside + ", and no condition says who of them"}},
		"another account, if it knows an id":      {allow(foreign, "sts:AssumeRole", `{"StringEquals": {"sts:ExternalId": "x"}}`), []string{"warning other_principal_admitted: " + outside}},
		"another account, which cannot":           {allow(foreign, "sts:AssumeRole", `{"StringEquals": {"api.forgecroft.com:org_id": "x"}}`), []string{}},
		"another account, without the right call": {allow(foreign, "sts:AssumeRoleWithWebIdentity", ""), []string{}},
		"another account, shut out":               {allow(foreign, "sts:AssumeRole", "") + `, {"Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}`, []string{}},
		"a role that is no more":                  {allow(`{"AWS": "AROAABCDEFGHIJKLMNOPQ"}`, "sts:AssumeRole", ""), []string{}},
		"a user of the account":                   {allow(`{"AWS": "arn:aws:iam::111122223333:user/me"}`, "sts:AssumeRole", ""), []string{"warning other_principal_admitted: arn:aws:iam::111122223333:user/me may assume the role by sts:AssumeRole"}},
		"a service":                               {allow(`{"Service": "ec2.amazonaws.com"}`, "sts:AssumeRole", ""), []string{"warning other_principal_admitted: the service ec2.amazonaws.com may assume the role by sts:AssumeRole"}},
		"SAML":                                    {allow(`{"Federated": "arn:aws:iam::111122223333:saml-provider/idp"}`, "sts:AssumeRoleWithSAML", ""), []string{"warning other_principal_admitted: whoever arn:aws:iam::111122223333:saml-provider/idp vouches for may assume the role by sts:AssumeRoleWithSAML"}},
		"another provider": {allowing(evilARN, ""), []string{
			"critical other_principal_admitted: " + evil + ", and no condition says which of them",
			"failure tenancy_condition_missing: no condition says which of the identities of evil.example.com may come in",
		}},
		"another provider with a subject": {allowing(evilARN, `{"StringEquals": {"P:aud": "a", "P:sub": "b"}}`), []string{"warning other_principal_admitted: " + evil}},
		"another provider, by tags that it signs": {allowing(evilARN, `{"StringEquals": {"P:aud": "a", "aws:RequestTag/org_id": "`+orgID+`"}}`), []string{
			"critical other_principal_admitted: " + evil + ", and no condition says which of them",
			"failure tenancy_condition_missing: no condition says which of the identities of evil.example.com may come in",
		}},
		"another provider, by claims that only ours has": {allowing(evilARN, `{"StringEquals": {"api.forgecroft.com:org_id": "`+orgID+`"}}`), []string{}},
		"our provider in capitals":                       {allowing(strings.Replace(fcARN, "api.", "API.", 1), ""), []string{}},
		"our provider with a slash":                      {allowing(fcARN+"/", ""), []string{}},
		"a provider of another account":                  {allowing("arn:aws:iam::999988887777:oidc-provider/evil.example.com", ""), []string{}},
		"in a list with ours": {`{"Effect": "Allow", "Principal": {"Federated": ["` + fcARN + `", "` + evilARN + `"], "AWS": "999988887777"}, "Action": ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"],
			"Condition": {"StringEqualsIfExists": ` + strings.ReplaceAll(ourStatement, "P:", "api.forgecroft.com:") + `}}`, nil},
		"GitHub without a subject": {allowing(githubARN, `{"StringEquals": {"P:aud": "sts.amazonaws.com"}}`), []string{
			"critical other_principal_admitted: tokens of https://token.actions.githubusercontent.com, another issuer than api.forgecroft.com, may assume the role, and no condition says which of them",
			"critical shared_issuer_condition_missing: token.actions.githubusercontent.com signs for many tenants, and no condition holds the others off",
			"",
		}},
	} {
		got := brief(beside(t, c.statement))
		if c.want == nil {
			for _, who := range []string{evil, outside} {
				if !strings.Contains(strings.Join(got, "\n"), "critical other_principal_admitted: "+who) {
					t.Errorf("%s: nothing of %q in\n%s", name, who, strings.Join(got, "\n"))
				}
			}
			continue
		}
		for i, w := range c.want {
			if w == "" && i < len(got) && strings.HasPrefix(got[i], "failure policy_not_storable") {
				c.want[i] = got[i]
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAPlaceOfEachOtherPrincipalIsItsOwn(t *testing.T) {
	t.Parallel()
	holes := beside(t, `{"Effect": "Allow", "Principal": {"AWS": ["999988887777", "888877776666"]}, "Action": "sts:AssumeRole"}`)
	if len(holes) != 2 || holes[0].Principal != "AWS 999988887777" || holes[1].Principal != "AWS 888877776666" || holes[0].Span == holes[1].Span ||
		holes[0].Admits != "AWS 999988887777 by sts:AssumeRole." || !holes[0].Other {
		t.Errorf("%+v", holes)
	}
}
