package doctor

import (
	"slices"
	"strings"
	"testing"

	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// beyondARedeploy are the faults that no redeploy of the stack mends, or none that may be made
// without being asked for: to let apply manage IAM is somebody's choice.
var beyondARedeploy = []string{
	"discovery-down", "discovery-404", "issuer-mismatch", "keys-rotated",
	"stack-missing", "stack-stuck", "rcp-deny", "scp-deny-region", "scp-deny-iam",
	"boundary-blocks", "apply-unrestricted", // the template says nothing of what was added
	"global-region-missing", "region-not-enabled",
}

func TestWhatARedeployMendsIsOfferedAsARepair(t *testing.T) {
	t.Parallel()
	for _, fault := range sandbox.Breakages() {
		if fault.Needs == sandbox.NeedsTry {
			continue
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			r, o := lookedAtBroken(t, fault)
			repair := r.Repair(&o)
			if slices.Contains(beyondARedeploy, fault.Name) {
				if repair != nil {
					t.Errorf("offered %+v", repair)
				}
				return
			}
			if repair == nil || !slices.Contains(repair.Mends, fault.Cause) {
				t.Fatalf("%+v does not mend %s:\n%s", repair, fault.Cause, describeFindings(r))
			}
			if trust := slices.Contains([]string{"org-id-case", "org-id-other", "tag-session-missing"}, fault.Name); repair.TrustChange != trust {
				t.Errorf("says %t of whether it changes for whom the stack was deployed", repair.TrustChange)
			}
		})
	}
}

func TestAStackThatRolledBackAnUpdateCanStillBeRepaired(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]bool{
		"UPDATE_ROLLBACK_COMPLETE": true, "IMPORT_COMPLETE": true,
		"UPDATE_FAILED": false, "UPDATE_IN_PROGRESS": false, "ROLLBACK_COMPLETE": false, "DELETE_FAILED": false,
	} {
		s := healthy()
		s.Stack().Status = status
		s.Stack().Drift = []Drift{{Name: "forgecroft-runner-plan", Property: "Description", Expected: "a", Found: "b"}}
		r := &TargetReport{Snapshot: s, Findings: []Finding{{Code: "stack_drifted", Severity: Warning, Subject: "forgecroft-runner-plan"}}}
		if got := r.Repair(&CheckOptions{}) != nil; got != want {
			t.Errorf("%s: %t", status, got)
		}
	}
}

func TestAFixRestoresATrustPolicyInTheTemplatesOwnForm(t *testing.T) {
	t.Parallel()
	box, targets := deployed(t, sandbox.Options{Accounts: 2}, map[string]string{
		template.ParamOrgID: letteredOrg, template.ParamAllowedRegions: strings.Join(usedRegions, ","),
	})
	if _, err := box.Break("trust-redirected", targets[0].Account); err != nil {
		t.Fatal(err)
	}
	r := diagnosed(t, box, targets[0], "", false, CheckOptions{})
	if fix := r.Findings[0].Fix; !strings.Contains(fix, `"Statement":[{`) || !strings.Contains(fix, letteredOrg) {
		t.Errorf("%s", fix)
	}
}
