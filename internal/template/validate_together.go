package template

import (
	"fmt"
	"iter"
	"strings"
)

// together yields what is wrong with parameters only in combination, each under the parameter
// that one would change. Values that are wrong by themselves are passed over.
func together(values map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		rules := []func(map[string]string) (parameter, problem string){
			planSubjectRule, applySubjectRule, workspaceRule, roleNamesRule,
			policyPartitionRule(ParamPlanPolicyARN), policyPartitionRule(ParamPermissionsBoundaryARN),
		}
		for _, rule := range rules {
			if !yield(rule(values)) {
				return
			}
		}
	}
}

func planSubjectRule(values map[string]string) (string, string) {
	return ParamPlanSubject, subjectProblem(values, values[ParamPlanSubject], "plan")
}

func applySubjectRule(values map[string]string) (string, string) {
	subject := values[ParamApplySubject]
	if subject != "" && subject == values[ParamPlanSubject] && values[ParamTrustMode] == TrustModeSubject {
		return ParamApplySubject, "is the same as PlanSubject, so that a plan token could assume the apply role; give the sub of an apply token"
	}
	return ParamApplySubject, subjectProblem(values, subject, "apply")
}

// subjectProblem wants the OrgId inside a subject: the issuer signs for every organization, and a
// subject without it may be another's.
func subjectProblem(values map[string]string, subject, phase string) string {
	org := values[ParamOrgID]
	switch {
	case values[ParamTrustMode] != TrustModeSubject && subject != "":
		return "has an effect only with TrustMode Subject; leave it out or choose that mode"
	case values[ParamTrustMode] != TrustModeSubject:
		return ""
	case subject == "":
		return "is missing; TrustMode Subject needs the sub claim of a token of the " + phase + " phase"
	case org != "" && !strings.Contains(subject, org):
		return fmt.Sprintf("%q does not contain the OrgId, so it may be another organization's; "+
			"take the sub of one of your tokens, or TrustMode Claims if it has no OrgId", subject)
	}
	return ""
}

func workspaceRule(values map[string]string) (string, string) {
	if values[ParamTrustMode] == TrustModeSubject && values[ParamWorkspaceID] != "" {
		return ParamWorkspaceID, "has no effect with TrustMode Subject; leave it out and name the workspace in ApplySubject"
	}
	return ParamWorkspaceID, ""
}

// roleNamesRule compares without case, as IAM does for the uniqueness of role names (IAM
// CreateRole, parameter RoleName).
func roleNamesRule(values map[string]string) (string, string) {
	plan, apply := RoleNames(values)
	if plan != "" && strings.EqualFold(plan, apply) {
		return ParamApplyRoleName, fmt.Sprintf("%q is also PlanRoleName, and IAM tells role names apart without case; give the two roles different names", apply)
	}
	return ParamApplyRoleName, ""
}

func policyPartitionRule(parameter string) func(map[string]string) (string, string) {
	return func(values map[string]string) (string, string) {
		match := policyARNPattern.FindStringSubmatch(values[parameter])
		wanted := partitionOf(SplitRegions(values[ParamAllowedRegions])[0])
		if match == nil || wanted == "" || match[1] == wanted {
			return parameter, ""
		}
		return parameter, fmt.Sprintf("is a policy of partition %s, but AllowedRegions are Regions of %s; write arn:%s:iam::...", match[1], wanted, wanted)
	}
}
