package template

import (
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// variables declares what somebody may want to set without another file: not what decides over
// the shape of the trust policies, which a reviewer reads as text.
func (w *terraformWriter) variables() {
	if w.namesOrganization() {
		org := w.variable("org_id", "string", "UUID of the organization in Forgecroft, from Settings, Organization.", w.defaultText(ParamOrgID))
		validation(org, `can(regex("`+uuidPattern.String()+`", var.org_id))`,
			"The org_id must be a UUID in lower case: AWS compares it with the token letter by letter.")
	}
	if w.values[ParamWorkspaceID] != "" {
		workspace := w.variable("workspace_id", "string", "UUID of the only workspace that may assume the apply role.", w.defaultText(ParamWorkspaceID))
		validation(workspace, `can(regex("`+uuidPattern.String()+`", var.workspace_id))`,
			"The workspace_id must be a UUID in lower case: AWS compares it with the token letter by letter.")
	}
	regions := w.variable("allowed_regions", "list(string)", "Regions in which apply may work.", w.defaultRegions())
	validation(regions, `length(var.allowed_regions) > 0 && alltrue([for r in var.allowed_regions : can(regex("^[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}$", r))])`,
		"The allowed_regions must be Region codes, such as us-east-1, and at least one.")
	w.variable("plan_role_name", "string", "Name of the role that plan runs assume.", w.defaultText(ParamPlanRoleName))
	w.variable("apply_role_name", "string", "Name of the role that apply runs assume.", w.defaultText(ParamApplyRoleName))
	w.variable("max_session_duration", "number", "Longest session that a run can ask for, in seconds, 3600 to 43200.",
		number(w.values[ParamMaxSessionDuration]))
	w.variable("permissions_boundary_arn", "string", "Managed policy that both roles can never exceed, or null.",
		w.defaultOrNull(ParamPermissionsBoundaryARN))
}

// namesOrganization reports whether a trust policy has the organization's UUID in it as it stands.
func (w *terraformWriter) namesOrganization() bool {
	return w.values[ParamTrustMode] != TrustModeSubject || w.values[ParamOrgID] != ""
}

// variable declares a variable; one without a default has cty.NilVal for it.
func (w *terraformWriter) variable(name, kind, description string, value cty.Value) *hclwrite.Body {
	body := w.block("variable", name)
	w.set(body, "description", description)
	body.SetAttributeRaw("type", expression(kind))
	if value != cty.NilVal {
		body.SetAttributeValue("default", value)
	}
	return body
}

func validation(variable *hclwrite.Body, condition, message string) {
	variable.AppendNewline()
	body := variable.AppendNewBlock("validation", nil).Body()
	body.SetAttributeRaw("condition", expression(condition))
	body.SetAttributeValue("error_message", cty.StringVal(message))
}

// expression takes an expression of this package's own, already in HCL.
func expression(hcl string) hclwrite.Tokens {
	return hclwrite.Tokens{{Type: hclsyntax.TokenIdent, Bytes: []byte(hcl)}}
}

func (w *terraformWriter) defaultText(parameter string) cty.Value {
	value, ok := w.values[parameter]
	if !ok {
		return cty.NilVal
	}
	return cty.StringVal(value)
}

func (w *terraformWriter) defaultOrNull(parameter string) cty.Value {
	if w.values[parameter] == "" {
		return cty.NullVal(cty.String)
	}
	return cty.StringVal(w.values[parameter])
}

func (w *terraformWriter) defaultRegions() cty.Value {
	value, ok := w.values[ParamAllowedRegions]
	if !ok {
		return cty.NilVal
	}
	var list []cty.Value
	for _, region := range SplitRegions(value) {
		list = append(list, cty.StringVal(region))
	}
	return cty.ListVal(list)
}
