package doctor

import (
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/claims"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

func TestATokenOfAnotherOrganizationDoesNotAccuseTheTrustPolicy(t *testing.T) {
	t.Parallel()
	box, targets := deployed(t, sandbox.Options{Accounts: 2}, map[string]string{
		template.ParamOrgID: letteredOrg, template.ParamAllowedRegions: strings.Join(usedRegions, ","),
	})
	raw, err := box.Mint(sandbox.TokenOptions{Phase: "plan", OrgID: strings.ToUpper(letteredOrg)})
	if err != nil {
		t.Fatal(err)
	}
	token, err := claims.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	s := collected(t, targets[0], Options{Token: NewToken(token), Seen: lookedAt(t, box, token)})
	r := Diagnosed(s, CheckOptions{Examiner: testExaminer(t), OrgID: letteredOrg})
	if f := r.Findings[0]; f.Code != "org_id_case_mismatch" || !strings.HasPrefix(f.Summary, "the token is of another organization") {
		t.Errorf("%s", describeFindings(r))
	}
	if slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Code == "trust_redirected" }) {
		t.Error("somebody is said to have changed the trust policy")
	}
}
