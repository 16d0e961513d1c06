package doctor

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
	"github.com/forgecroft/fcoidc/internal/trust"
)

const (
	applyRoleName = "forgecroft-runner-apply"
	rootStatement = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::%[1]s:root"},"Action":"sts:AssumeRole"}`
)

// applyTrust is the template's trust policy of the apply role with other conditions, and with further
// statements behind it.
func applyTrust(account, conditions string, more ...string) string {
	own := `{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::%[1]s:oidc-provider/api.forgecroft.com"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{` + conditions + `}}`
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[`+strings.Join(append([]string{own}, more...), ",")+`]}`, account, letteredOrg)
}

func withTrust(t *testing.T, target fleet.Target, role, trust string) {
	t.Helper()
	if _, err := iam.NewFromConfig(target.Config).UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &role, PolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
}

func trustNow(t *testing.T, target fleet.Target, role string) string {
	t.Helper()
	out, err := iam.NewFromConfig(target.Config).GetRole(t.Context(), &iam.GetRoleInput{RoleName: &role})
	if err != nil {
		t.Fatal(err)
	}
	return canonicalDocument(decoded(out.Role.AssumeRolePolicyDocument))
}

func toMend(r *TargetReport) (codes []string) {
	for _, f := range r.Findings {
		if f.Severity.AtLeast(Warning) && f.Code != "condition_key_undocumented" && f.Code != claimUnknown { // which an exchange and a token answer
			codes = append(codes, f.Code)
		}
	}
	return codes
}

const asOfPage = `"StringEquals":{"api.forgecroft.com:aud":"sts.amazonaws.com","api.forgecroft.com:phase":"apply","api.forgecroft.com:org_id":"%[2]s"`

func TestAFixChangesOnlyWhatIsWrongInATrustPolicy(t *testing.T) {
	t.Parallel()
	tightened := asOfPage + `,"api.forgecroft.com:workspace_id":"22222222-2222-2222-2222-222222222222"},"StringLike":{"api.forgecroft.com:repo":"acme/*"}`
	for name, c := range map[string]struct{ wrong, right, cause string }{
		"a value": {strings.Replace(tightened, `"apply"`, `"Apply"`, 1), tightened, "claim_value_mismatch"},
		"a prefix of the reader's own condition": {
			strings.Replace(tightened, `"api.forgecroft.com:workspace_id"`, `"https://api.forgecroft.com:workspace_id"`, 1), tightened, "condition_key_prefix",
		},
		"an operator of the reader's own condition": {strings.Replace(tightened, `},"StringLike":{`, `,`, 1), tightened, "wildcard_without_like"},
		"a hole":               {strings.Replace(tightened, `,"api.forgecroft.com:org_id":"%[2]s"`, ``, 1), tightened, "tenancy_condition_missing"},
		"another organization": {strings.Replace(tightened, `%[2]s`, `99999999-9999-9999-9999-999999999999`, 1), tightened, "trust_redirected"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, targets := deployed(t, sandbox.Options{Accounts: 2}, map[string]string{template.ParamOrgID: letteredOrg})
			account := targets[0].Account
			withTrust(t, targets[0], applyRoleName, applyTrust(account, c.wrong, rootStatement))
			r := diagnosed(t, box, targets[0], "", false, CheckOptions{OrgID: letteredOrg})
			if f := r.Findings[0]; f.Code != c.cause || strings.Contains(f.Summary, "takes out") {
				t.Fatalf("%s", describeFindings(r))
			}
			if !slices.Contains(toMend(r), "stack_drifted") {
				t.Errorf("the additions are no drift:\n%s", describeFindings(r))
			}
			apply(t, targets[0], r.Findings[0].Fix)
			if got, want := trustNow(t, targets[0], applyRoleName), canonicalDocument(applyTrust(account, c.right, rootStatement)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if after := toMend(diagnosed(t, box, targets[0], "", false, CheckOptions{OrgID: letteredOrg})); !slices.Equal(after, []string{trust.OtherPrincipalAdmitted, "stack_drifted"}) {
				t.Errorf("left: %v", after)
			}
		})
	}
}

func TestAFixSaysWhatItTakesOutOfATrustPolicy(t *testing.T) {
	t.Parallel()
	const deny = `{"Effect":"Deny","Principal":{"Federated":"arn:aws:iam::%[1]s:oidc-provider/api.forgecroft.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`
	for name, c := range map[string]struct{ trust, says string }{
		"a Deny":                {applyTrust("%[1]s", asOfPage+"}", rootStatement, deny), "takes out statement 3 (Deny "},
		"a claim of no token's": {applyTrust("%[1]s", asOfPage+`,"api.forgecroft.com:team":"core"}`, rootStatement), "takes out StringEquals api.forgecroft.com:team core"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, targets := deployed(t, sandbox.Options{Accounts: 2}, map[string]string{template.ParamOrgID: letteredOrg})
			account := targets[0].Account
			withTrust(t, targets[0], applyRoleName, strings.ReplaceAll(c.trust, "%[1]s", account))
			r := diagnosed(t, box, targets[0], "", false, CheckOptions{OrgID: letteredOrg})
			if !strings.Contains(r.Findings[0].Summary, c.says) {
				t.Fatalf("%s", describeFindings(r))
			}
			apply(t, targets[0], r.Findings[0].Fix)
			if got, want := trustNow(t, targets[0], applyRoleName), canonicalDocument(applyTrust(account, asOfPage+"}", rootStatement)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// TestAFixOfATrustPolicyAloneLeavesNoDrift pastes what is said of each fault of a trust policy.
func TestAFixOfATrustPolicyAloneLeavesNoDrift(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, fault := range sandbox.Breakages() {
		if fault.Needs == sandbox.NeedsTry || slices.Contains(beyondCommands, fault.Name) {
			continue
		}
		tried++
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			box, targets := deployed(t, sandbox.Options{Accounts: 2}, map[string]string{template.ParamOrgID: letteredOrg, template.ParamAllowedRegions: strings.Join(usedRegions, ",")})
			if _, err := box.Break(fault.Name, targets[0].Account); err != nil {
				t.Fatal(err)
			}
			var phase Phase
			if fault.Needs == sandbox.NeedsToken {
				phase = Apply
			}
			o := CheckOptions{OrgID: letteredOrg, Regions: usedRegions}
			r := diagnosed(t, box, targets[0], phase, false, o)
			for _, f := range r.Findings {
				if f.Severity.AtLeast(Warning) && strings.Contains(f.Fix, "update-assume-role-policy") {
					apply(t, targets[0], f.Fix)
				}
			}
			stack := diagnosed(t, box, targets[0], phase, false, o).Snapshot.Stack()
			if stack == nil {
				return // the fault took it away, and no trust policy with it
			}
			for _, d := range stack.Drift {
				if d.Property == "AssumeRolePolicyDocument" && (phase == "" || strings.HasSuffix(d.Name, string(phase))) {
					t.Errorf("%s: want %s\nfound %s\n%s", d.Name, d.Expected, d.Found, describeFindings(r))
				}
			}
		})
	}
	if tried < 20 {
		t.Errorf("%d faults were tried", tried)
	}
}
