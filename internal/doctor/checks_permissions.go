package doctor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/forgecroft/fcoidc/internal/escape"
	"github.com/forgecroft/fcoidc/internal/regions"
	"github.com/forgecroft/fcoidc/internal/template"
)

func permissionChecks() []Check {
	return []Check{
		{Name: "plan_reads", Title: "the plan role can read", Category: CategoryPermissions, Needs: []Fact{FactPermissions}, run: planReads},
		{Name: "plan_writes_nothing", Title: "the plan role cannot write", Category: CategoryPermissions, run: planWritesNothing},
		{Name: "apply_bounded", Title: "the apply role is bound to its Regions", Category: CategoryPermissions, run: applyBounded},
		{Name: "sessions", Title: "sessions are as long as the stack allows", Category: CategoryPermissions, run: sessionsLong},
	}
}

// readingActions stand for what a plan reads, writingActions for what it must not do: each alone
// changes something, or makes the caller somebody else.
var (
	readingActions = []string{"ec2:DescribeInstances", "iam:GetRole", "s3:ListAllMyBuckets"}
	writingActions = []string{
		"iam:CreateRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey",
		"ec2:RunInstances", "ec2:TerminateInstances", "s3:PutObject", "s3:DeleteObject", "s3:DeleteBucket",
		"lambda:UpdateFunctionCode", "lambda:InvokeFunction", "rds:DeleteDBInstance", "dynamodb:PutItem", "dynamodb:DeleteTable",
		"kms:ScheduleKeyDeletion", "cloudformation:CreateStack", "ssm:SendCommand", "secretsmanager:PutSecretValue",
		"route53:ChangeResourceRecordSets", "sqs:SendMessage", "sts:AssumeRole",
	}
	dataActions = []string{"s3:GetObject", "dynamodb:GetItem", "logs:GetLogEvents"}
)

const policiesUnread = "its policies could not be read"

// planPermissions are those of the plan role; skip says why there are none.
func (t *target) planPermissions() (r *Role, p *permissions, skip string) {
	switch r = t.s.Role(Plan); {
	case r == nil:
		return nil, nil, "no plan role is known"
	case r.Gone:
		return r, nil, "the plan role is not in the account"
	case !r.PoliciesRead:
		return r, nil, policiesUnread
	}
	return r, permissionsOf(t.s, r, t.o.Examiner.judge), ""
}

func planReads(t *target) answerOf {
	r, p, skip := t.planPermissions()
	if skip != "" {
		return answerOf{skip: skip}
	}
	var list []Finding
	var refusedBy ruling
	var cannot []string
	for _, action := range readingActions {
		if ruled := p.may(action, t.s.Region); ruled.allowance == refused {
			cannot, refusedBy = append(cannot, action), ruled
		}
	}
	if len(cannot) > 0 {
		list = append(list, t.cannotRead(r, cannot, refusedBy))
	}
	if reads := p.anyOf(dataActions, t.s.Region); len(cannot) == 0 && reads != "" {
		list = append(list, Finding{
			Code: "read_only_reads_data", Severity: Info, Subject: r.ARN, Summary: "the plan role reads data too, not only settings: " + reads,
			Expected: "a plan that needs settings alone", Found: names(r.Attached),
			Fix: t.readLess(r, p),
		})
	}
	return found("as "+names(r.Attached)+" says", list...)
}

func (t *target) cannotRead(r *Role, actions []string, by ruling) Finding {
	f := Finding{
		Code: "plan_role_cannot_read", Severity: Failure, Subject: r.ARN, Summary: "the plan role may not read: " + strings.Join(actions, ", "),
		Expected: "a policy such as ReadOnlyAccess", Found: orElse(by.by, orElse(names(slices.Concat(r.Attached, r.Inline)), "no policy")),
		Fix: "aws iam attach-role-policy --role-name " + escape.Shell(r.Name) + " --policy-arn " + t.planPolicy(),
	}
	switch by.source {
	case "boundary":
		f.Code, f.Found, f.Fix = "boundary_denies", "boundary "+r.Boundary.ARN, t.boundaryFix(r)
	case "scp":
		f.Code, f.Fix = "scp_denies", scpFix
	}
	return f
}

// readLess leaves the plan role what reads settings alone. No single policy of AWS's does:
// ViewOnlyAccess lacks iam:GetRole, without which plans of roles fail.
func (t *target) readLess(r *Role, p *permissions) string {
	awsPolicies := "arn:" + t.s.Partition + ":iam::aws:policy/"
	if t.madeByStack(r) {
		return t.bootstrap(nil, "--parameter "+template.ParamPlanPolicyARN+"=ARN-OF-YOUR-POLICY")
	}
	for _, action := range dataActions {
		if ruled := p.may(action, t.s.Region); ruled.allowance == granted {
			return t.replacePolicy(r, ruled.by, awsPolicies+"job-function/ViewOnlyAccess", awsPolicies+"SecurityAudit")
		}
	}
	return ""
}

// planPolicy is the policy that the stack gives the plan role.
func (t *target) planPolicy() string {
	if s := t.s.Stack(); s != nil && s.Parameters[template.ParamPlanPolicyARN] != "" {
		return s.Parameters[template.ParamPlanPolicyARN]
	}
	return "arn:" + t.s.Partition + ":iam::aws:policy/ReadOnlyAccess"
}

// What to do about a service control policy, where the Region is at fault and where it is not.
const (
	scpFix    = "ask the organisation's administrators to exempt the role, or to take the Region in: a service control policy binds every role of the account"
	scpExempt = "ask the organisation's administrators to exempt the role: a service control policy binds every role of the account"
)

// boundaryFix puts back the boundary that the stack has, or says whose matter it is.
func (t *target) boundaryFix(r *Role) string {
	s := t.s.Stack()
	if s != nil && r.Boundary != nil {
		switch want := s.Parameters[template.ParamPermissionsBoundaryARN]; {
		case want == "" && s.Ours:
			return deleteBoundary(r.Name)
		case want != "" && want != r.Boundary.ARN:
			return "aws iam put-role-permissions-boundary --role-name " + escape.Shell(r.Name) + " --permissions-boundary " + escape.Shell(want)
		}
	}
	return "allow in the boundary what the role is to do, or take the Region out of AllowedRegions"
}

func planWritesNothing(t *target) answerOf {
	r, p, skip := t.planPermissions()
	if skip != "" {
		return answerOf{skip: skip}
	}
	var can []string
	var by string
	for _, action := range writingActions {
		if ruled := p.may(action, t.s.Region); ruled.allowance == granted {
			can, by = append(can, action), orElse(by, ruled.by)
		}
	}
	if len(can) == 0 {
		return found(fmt.Sprintf("%d actions that change something were tried on its policies", len(writingActions)))
	}
	const shown = 4
	what := strings.Join(can[:min(len(can), shown)], ", ")
	if len(can) > shown {
		what += " and more"
	}
	return found("", Finding{
		Code: "plan_role_can_write", Severity: Critical, Subject: r.ARN, Summary: "the plan role can do more than read: " + what,
		Expected: "permissions to read alone: a plan runs before anybody reviewed it", Found: by, Fix: t.writeNothing(r, by),
	})
}

// withdraw is the command that takes the policy of a ruling from a role, "" if it is none of the role's.
func (t *target) withdraw(r *Role, by string) string {
	for _, p := range r.Attached {
		if strings.HasPrefix(by, p.Name+",") {
			return "aws iam detach-role-policy --role-name " + escape.Shell(r.Name) + " --policy-arn " + escape.Shell(p.ARN)
		}
	}
	for _, p := range r.Inline {
		if strings.HasPrefix(by, p.Name+",") {
			return "aws iam delete-role-policy --role-name " + escape.Shell(r.Name) + " --policy-name " + escape.Shell(p.Name)
		}
	}
	return ""
}

// writeNothing takes the policy that lets the plan role write from it. A role that no stack of ours
// made is given one to read with before, if it has no other.
func (t *target) writeNothing(r *Role, by string) string {
	if !t.madeByStack(r) && len(r.Attached)+len(r.Inline) == 1 {
		return t.replacePolicy(r, by, t.planPolicy())
	}
	return cmp.Or(t.withdraw(r, by), t.fixByDoctor())
}

// bindToRegions takes the policy that no Region binds from the apply role of a stack, whose own policy
// remains. Another role may have nothing else.
func (t *target) bindToRegions(r *Role, by string) string {
	if !t.madeByStack(r) {
		return t.bindRegions(r)
	}
	return cmp.Or(t.withdraw(r, by), t.fixByDoctor())
}

// boundIAM puts a boundary on the apply role.
func (t *target) boundIAM(r *Role) string {
	if t.madeByStack(r) {
		return t.bootstrap(nil, "--parameter "+template.ParamPermissionsBoundaryARN+"=ARN-OF-YOUR-BOUNDARY")
	}
	return "aws iam put-role-permissions-boundary --role-name " + escape.Shell(r.Name) + " --permissions-boundary ARN-OF-YOUR-BOUNDARY"
}

func applyBounded(t *target) answerOf {
	m := t.matrix
	r := t.s.Role(Apply)
	switch {
	case m == nil:
		return answerOf{skip: "no apply role is known"}
	case !r.PoliciesRead:
		return answerOf{skip: policiesUnread}
	}
	var list []Finding
	p := permissionsOf(t.s, r, t.o.Examiner.judge)
	if m.Anywhere {
		outside := t.elsewhere()
		by := p.may(probeRegional, outside)
		if by.allowance == granted {
			list = append(list, Finding{
				Code: "apply_role_unrestricted", Severity: Failure, Subject: r.ARN, Summary: "no Region binds the apply role: it may act in " + outside + ", for one",
				Expected: "permissions that test aws:RequestedRegion", Found: by.by, Fix: t.bindToRegions(r, by.by),
			})
		}
	}
	if partition, ok := regions.PartitionByID(t.s.Partition); ok && p.administersIAM(partition.GlobalRegion) {
		list = append(list, Finding{
			Code: "apply_can_administer_iam", Severity: Info, Subject: r.ARN,
			Summary:  "the apply role can administer IAM, that is, make itself a role without limits: " + partition.GlobalRegion + ", as which IAM counts, is allowed",
			Expected: "a permissions boundary that restricts IAM, where that matters", Found: orElse(boundaryName(r), "no boundary"),
			Fix: t.boundIAM(r),
		})
	}
	return found(strings.Join(AllowedRegions(t.s), ", "), list...)
}

// elsewhere is a Region that no policy of the apply role names.
func (t *target) elsewhere() string {
	named := AllowedRegions(t.s)
	for _, r := range regions.All() {
		if r.Partition == t.s.Partition && !r.OptIn && !slices.Contains(named, r.ID) {
			return r.ID
		}
	}
	return t.s.Region
}

// administersIAM reports whether the permissions let their holder widen them: a new role with any
// policy, or any policy for a role that is there.
func (p *permissions) administersIAM(global string) bool {
	for _, action := range []string{"iam:CreateRole", "iam:AttachRolePolicy"} {
		if p.may(action, global).allowance != granted {
			return false
		}
	}
	return true
}

// anyOf returns those of the actions that are allowed, as a list in words.
func (p *permissions) anyOf(actions []string, region string) string {
	var can []string
	for _, action := range actions {
		if p.may(action, region).allowance == granted {
			can = append(can, action)
		}
	}
	return strings.Join(can, ", ")
}

func sessionsLong(t *target) answerOf {
	s := t.s.Stack()
	if s == nil || s.Parameters[template.ParamMaxSessionDuration] == "" {
		return answerOf{skip: "no stack says how long they are to be"}
	}
	var list []Finding
	for i := range t.s.Roles {
		r := &t.s.Roles[i]
		if want := seconds(s.Parameters[template.ParamMaxSessionDuration]); r.Read && !r.Gone && r.MaxSession < want {
			list = append(list, Finding{
				Code: "max_session_short", Severity: Warning, Subject: r.ARN, Summary: "the role's longest session is shorter than the stack's: long runs end in the middle",
				Expected: fmt.Sprintf("%d seconds", want), Found: fmt.Sprintf("%d seconds", r.MaxSession),
				Fix: fmt.Sprintf("aws iam update-role --role-name %s --max-session-duration %d", escape.Shell(r.Name), want),
			})
		}
	}
	return found(s.Parameters[template.ParamMaxSessionDuration]+" seconds", list...)
}

func seconds(text string) (n int) {
	_, _ = fmt.Sscan(text, &n) // what is no number is no bound
	return n
}

func names(list []Policy) string {
	all := make([]string, len(list))
	for i, p := range list {
		all[i] = p.Name
	}
	return strings.Join(all, ", ")
}

func boundaryName(r *Role) string {
	if r.Boundary == nil {
		return ""
	}
	return "boundary " + r.Boundary.Name
}
