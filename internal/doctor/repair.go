package doctor

import (
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/template"
)

// Repair is a redeploy of our own stack that mends what was found. It is plain data; who makes it
// shows it first.
type Repair struct {
	StackName string
	Region    string
	// Given are the parameters to change; the others keep their values.
	Given map[string]string
	// RevertDrift puts back what was changed by hand.
	RevertDrift bool
	// TrustChange says that it changes for whom the stack was deployed.
	TrustChange bool
	Mends       []string // codes of the findings
}

// Equal reports whether two repairs ask for the same, whatever they mend.
func (r *Repair) Equal(o *Repair) bool {
	if r.StackName != o.StackName || r.Region != o.Region || r.RevertDrift != o.RevertDrift || len(r.Given) != len(o.Given) {
		return false
	}
	for name, value := range r.Given {
		if o.Given[name] != value {
			return false
		}
	}
	return true
}

// What a redeploy can mend: by another parameter, or by putting back what was changed by hand.
var (
	mendedByOrg    = []string{"org_id_mismatch", "org_id_case_mismatch"}
	mendedByRevert = []string{"stack_drifted", "role_missing", "provider_missing", "trust_redirected", "provider_not_ours"}
)

// Repair is what a redeploy of the target's stack could mend; nil if that is nothing, or the stack
// is not ours or not in a state to be updated.
func (r *TargetReport) Repair(o *CheckOptions) *Repair {
	s := r.Snapshot.Stack()
	if s == nil || !s.Ours || failedStatus(s.Status) || strings.HasSuffix(s.Status, "_IN_PROGRESS") {
		return nil
	}
	repair := &Repair{StackName: s.Name, Region: s.region(r.Snapshot.Region), Given: map[string]string{}}
	org, source := r.Snapshot.organizationID(o.OrgID)
	for i := range r.Findings {
		code := r.Findings[i].Code
		switch {
		case slices.Contains(mendedByOrg, code) && source >= orgOfToken && s.Parameters[template.ParamOrgID] != org:
			repair.Given[template.ParamOrgID], repair.TrustChange = org, true
		case code == "region_not_allowed" && len(o.Regions) > 0:
			repair.Given[template.ParamAllowedRegions] = strings.Join(sortedUnion(o.Regions, AllowedRegions(r.Snapshot)), ",")
		case slices.Contains(mendedByRevert, code):
			repair.RevertDrift = true
		default:
			continue
		}
		if !slices.Contains(repair.Mends, code) {
			repair.Mends = append(repair.Mends, code)
		}
	}
	if len(repair.Mends) == 0 {
		return nil
	}
	return repair
}
