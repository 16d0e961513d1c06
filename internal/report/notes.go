package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/regions"
	"github.com/forgecroft/fcoidc/internal/template"
)

// trustNotes says what a reader must know of a trust that rests on params, the
// parameters of a stack: what is not proven, and what the roles can do that one
// would not guess. keyPrefix is that of the condition keys ("api.forgecroft.com").
func trustNotes(keyPrefix string, params map[string]string) []string {
	var notes []string
	if params[template.ParamTrustMode] == template.TrustModeClaims {
		notes = append(notes, fmt.Sprintf(
			"The trust policies test %[1]s:phase and %[1]s:org_id, as Forgecroft documents. AWS publishes no such condition keys for this issuer, so the trust is not proven until a real exchange: the first plan run in Forgecroft is one.", keyPrefix))
	}
	return append(notes, permissionNotes(params)...)
}

func permissionNotes(params map[string]string) []string {
	var notes []string
	allowed := strings.Split(params[template.ParamAllowedRegions], ",")
	if partition, ok := regions.PartitionOf(allowed[0]); ok {
		global := partition.GlobalRegion
		switch {
		case !slices.Contains(allowed, global):
			notes = append(notes, fmt.Sprintf(
				"%s is not in AllowedRegions: the apply role cannot manage IAM, Route 53, CloudFront or any other global service, this trust included.", global))
		case params[template.ParamPermissionsBoundaryARN] == "":
			notes = append(notes, fmt.Sprintf(
				"With %s in AllowedRegions the apply role can administer IAM, that is, make itself an unrestricted role. A permissions boundary limits that: --parameter %s=ARN.", global, template.ParamPermissionsBoundaryARN))
		}
	}
	if params[template.ParamPlanPolicyARN] == "" || strings.HasSuffix(params[template.ParamPlanPolicyARN], ":policy/ReadOnlyAccess") {
		notes = append(notes, "ReadOnlyAccess lets the plan role read data too, the objects in S3 for one. --parameter "+template.ParamPlanPolicyARN+"=ARN names a narrower policy.")
	}
	return notes
}
