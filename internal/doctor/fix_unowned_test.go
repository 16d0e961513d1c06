package doctor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// terraformed is an account whose provider and roles no stack made.
func terraformed(t *testing.T) (*sandbox.Sandbox, fleet.Target) {
	t.Helper()
	box := newSandbox(t, sandbox.Options{Accounts: 2})
	target := targetsOf(box)[0]
	client := iam.NewFromConfig(target.Config)
	if _, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: aws.String(template.DefaultIssuer), ClientIDList: []string{template.DefaultAudience}}); err != nil {
		t.Fatal(err)
	}
	for phase, policy := range map[string]string{"plan": "ReadOnlyAccess", "apply": "PowerUserAccess"} {
		name, trust := aws.String("tf-"+phase), strings.Replace(applyTrust(target.Account, asOfPage+"}"), `"apply"`, `"`+phase+`"`, 1)
		if _, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: &trust}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String("arn:aws:iam::aws:policy/" + policy)}); err != nil {
			t.Fatal(err)
		}
	}
	return box, target
}

func findingOf(t *testing.T, r *TargetReport, code string) Finding {
	t.Helper()
	at := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Code == code })
	if at < 0 {
		t.Fatalf("no %s:\n%s", code, describeFindings(r))
	}
	return r.Findings[at]
}

func TestARoleOfNoStackIsMendedItself(t *testing.T) {
	t.Parallel()
	for code, c := range map[string]struct {
		o    CheckOptions
		left []string
	}{
		"apply_role_unrestricted": {CheckOptions{OrgID: letteredOrg, Regions: usedRegions}, []string{"service_not_allowed"}},
		"read_only_reads_data":    {CheckOptions{OrgID: letteredOrg, Regions: usedRegions}, []string{"apply_role_unrestricted", "service_not_allowed"}},
		"org_id_mismatch":         {CheckOptions{OrgID: testOrg, Regions: usedRegions}, []string{"org_id_mismatch", "apply_role_unrestricted", "service_not_allowed"}}, // of the other role
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			box, target := terraformed(t)
			f := findingOf(t, diagnosed(t, box, target, "", false, c.o), code)
			if !apply(t, target, f.Fix) {
				t.Fatalf("no command: %s", f.Fix)
			}
			r := diagnosed(t, box, target, "", false, c.o)
			if got := toMend(r); !slices.Equal(got, c.left) || slices.ContainsFunc(r.Findings, func(g Finding) bool { return g.Code == f.Code && g.Subject == f.Subject }) {
				t.Errorf("after %s\n%s", f.Fix, describeFindings(r))
			}
		})
	}
}

func TestNoFixForARoleOfNoStackDeploysOne(t *testing.T) {
	t.Parallel()
	box, target := terraformed(t)
	for _, phase := range []Phase{"", Plan} {
		r := diagnosed(t, box, target, phase, false, CheckOptions{OrgID: testOrg})
		for _, f := range r.Findings {
			if strings.Contains(f.Fix, "fcoidc bootstrap") {
				t.Errorf("%s: %s", f.Code, f.Fix)
			}
		}
	}
}

func TestARoleBoundByADenyIsLetIntoFurtherRegionsThere(t *testing.T) {
	t.Parallel()
	box, target := terraformed(t)
	o := CheckOptions{OrgID: letteredOrg, Regions: []string{"us-east-1"}}
	apply(t, target, findingOf(t, diagnosed(t, box, target, "", false, o), "apply_role_unrestricted").Fix)
	o.Regions = append(o.Regions, "eu-west-1")
	r := diagnosed(t, box, target, "", false, o)
	apply(t, target, findingOf(t, r, "region_not_allowed").Fix)
	r = diagnosed(t, box, target, "", false, o)
	if got := fmt.Sprint(AllowedRegions(r.Snapshot)); slices.Contains(toMend(r), "region_not_allowed") || slices.Contains(toMend(r), "apply_role_unrestricted") || got != "[eu-west-1 us-east-1]" {
		t.Errorf("%s\n%s", got, describeFindings(r))
	}
}

func TestWithoutRegionsNobodyIsToldToDenyThem(t *testing.T) {
	t.Parallel()
	box, target := terraformed(t)
	if fix := findingOf(t, diagnosed(t, box, target, "", false, CheckOptions{OrgID: letteredOrg}), "apply_role_unrestricted").Fix; strings.Contains(fix, "put-role-policy") || !strings.Contains(fix, "--regions") {
		t.Errorf("%s", fix)
	}
}

func TestAFixNamesTheRegionsThatWereGivenAndNothingThatAShellTakesForAnOrder(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Options{Accounts: 2})
	target := targetsOf(box)[0]
	fix := findingOf(t, diagnosed(t, box, target, "", false, CheckOptions{OrgID: letteredOrg, Regions: usedRegions}), "stack_missing").Fix
	if !strings.Contains(fix, "--org-id "+letteredOrg+" --allowed-regions "+strings.Join(usedRegions, ",")) {
		t.Errorf("%s", fix)
	}
	fix = findingOf(t, diagnosed(t, box, target, "", false, CheckOptions{}), "stack_missing").Fix
	if strings.ContainsAny(fix, "<>") || !strings.Contains(fix, "--org-id "+placeholderOrg+" --allowed-regions "+placeholderRegions) {
		t.Errorf("%s", fix)
	}
}
