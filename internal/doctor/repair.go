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

// What a redeploy can mend: by another parameter, or by putting back what was changed by hand. The
// latter besides whatever explains a drift.
var (
	mendedByOrg    = []string{"org_id_mismatch", "org_id_case_mismatch"}
	mendedByRevert = []string{"role_missing", "provider_missing", "issuer_url_mismatch", "trust_redirected"}
)

// revertible reports whether putting the stack's resources back mends a finding.
func (s *Stack) revertible(f *Finding) bool {
	if f.Code == "stack_drifted" {
		return slices.ContainsFunc(s.Drift, func(d Drift) bool { return d.Name == f.Subject && d.revertible() })
	}
	return slices.Contains(mendedByRevert, f.Code) || slices.ContainsFunc(s.Drift, func(d Drift) bool { return d.revertible() && f.explains(d) })
}

// updatable are the states in which CloudFormation takes an update as it takes any.
var updatable = []string{"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"}

// updateFailed is a stack whose last update failed and was not rolled back: another update makes
// up for it, one that looks at drift is not to be had.
const updateFailed = "UPDATE_FAILED"

// Repair is what a redeploy of the target's stack could mend; nil if that is nothing, or the stack
// is not ours or not in a state to be updated.
func (r *TargetReport) Repair(o *CheckOptions) *Repair {
	s := r.Snapshot.Stack()
	if s == nil || !s.Ours || s.Status != updateFailed && !slices.Contains(updatable, s.Status) {
		return nil
	}
	asked := *o
	asked.fill(r.Snapshot)
	repair := &Repair{StackName: s.Name, Region: s.region(r.Snapshot.Region), Given: map[string]string{}}
	org, source := r.Snapshot.organizationID(asked.OrgID)
	for i := range r.Findings {
		code := r.Findings[i].Code
		switch {
		case slices.Contains(mendedByOrg, code) && source >= orgOfToken && s.Parameters[template.ParamOrgID] != org:
			repair.Given[template.ParamOrgID], repair.TrustChange = org, true
		case code == tagSessionMissing && r.tagged():
			repair.Given[template.ParamTrustMode], repair.TrustChange = template.TrustModeSessionTags, true
		case code == "region_not_allowed" && len(asked.Regions) > 0:
			repair.Given[template.ParamAllowedRegions] = strings.Join(sortedUnion(asked.Regions, AllowedRegions(r.Snapshot)), ",")
		case code == "stack_failed" && s.Status == updateFailed: // whatever is deployed ends that state
		case s.Status != updateFailed && s.revertible(&r.Findings[i]):
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

// tagged reports whether a token at hand has the session tags that the stack can test.
func (r *TargetReport) tagged() bool {
	return slices.ContainsFunc(r.Roles, func(role RoleReport) bool {
		return role.Token != nil && r.Snapshot.Stack().takesTagsOf(role.Token.Case.Token)
	})
}
