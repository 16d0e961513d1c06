package permissions

// need is a row of the table below.
type need struct {
	sid       string
	reason    string
	commands  []Command
	actions   []string
	resources func(Scope) []string
	condition func(Scope) Condition // nil: none
	unless    func(Scope) bool      // nil: always needed
}

var (
	everyCommand  = []Command{Bootstrap, Doctor, Teardown}
	whatDeletes   = []Command{Bootstrap, Teardown}
	onlyBootstrap = []Command{Bootstrap}
	onlyDoctor    = []Command{Doctor}
)

var needs = []need{
	{
		sid:      "EnterMemberAccounts",
		reason:   "assumes a role in each account other than the caller's own; only the account that fcoidc is started in needs it",
		commands: everyCommand,
		actions:  []string{"sts:AssumeRole"}, resources: memberRoles,
		unless: func(s Scope) bool { return len(s.MemberRoles) == 0 },
	},
	{
		sid:      "ReadStack",
		reason:   "reads what is deployed, and what happened while it was",
		commands: everyCommand,
		actions: []string{
			"cloudformation:DescribeStacks", "cloudformation:GetTemplate",
			"cloudformation:DescribeStackEvents", "cloudformation:DescribeEvents",
		},
		resources: stack,
	},
	{
		sid:      "FindProviders",
		reason:   "looks for a provider of the issuer before anything is made; IAM lists all or none",
		commands: everyCommand,
		actions:  []string{"iam:ListOpenIDConnectProviders"}, resources: anything,
	},
	{
		sid:      "ReadProvider",
		reason:   "reads the provider's audiences and tags; CloudFormation does too",
		commands: everyCommand,
		actions:  []string{"iam:GetOpenIDConnectProvider", "iam:ListOpenIDConnectProviderTags"}, resources: provider,
	},
	{
		sid:      "ReadRoles",
		reason:   "reads whose the two roles are, their trust and their policies; CloudFormation does too",
		commands: everyCommand,
		actions: []string{
			"iam:GetRole", "iam:ListRoleTags", "iam:ListRolePolicies", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies",
		},
		resources: roles,
	},
	{
		sid:      "FindRolesThatTrustTheProvider",
		reason:   "makes sure that no other role trusts the provider before it is deleted; doctor finds roles by it that no stack names; IAM lists all or none",
		commands: everyCommand,
		actions:  []string{"iam:ListRoles"}, resources: anything,
	},
	{
		sid:      "FindStacks",
		reason:   "finds a stack of the template under another name; CloudFormation lists all or none",
		commands: onlyDoctor,
		actions:  []string{"cloudformation:DescribeStacks"}, resources: anything,
	},
	{
		sid:      "ReadManagedPolicies",
		reason:   "reads what the policies attached to the roles, and their boundary, allow",
		commands: onlyDoctor,
		actions:  []string{"iam:GetPolicy", "iam:GetPolicyVersion"}, resources: policies,
	},
	{
		sid:      "Simulate",
		reason:   "asks IAM what the roles may do where the organisation's policies cannot be read",
		commands: onlyDoctor,
		actions:  []string{"iam:SimulatePrincipalPolicy"}, resources: roles,
	},
	{
		sid:      "ReadOrganization",
		reason:   "reads the organisation's policies that bind the account; only the management account, or one that it delegated to, may",
		commands: onlyDoctor,
		actions: []string{
			"organizations:DescribeOrganization", "organizations:ListParents", "organizations:ListPoliciesForTarget", "organizations:DescribePolicy",
		},
		resources: anything,
	},
	{
		sid:      "ReadRegions",
		reason:   "reads which Regions are enabled in the account",
		commands: onlyDoctor,
		actions:  []string{"account:ListRegions"}, resources: account,
	},
	{
		sid:      "ReadRefusedCalls",
		reason:   "looks for refused calls of the roles; CloudTrail shows all events or none",
		commands: onlyDoctor,
		actions:  []string{"cloudtrail:LookupEvents"}, resources: anything,
	},
	{
		sid:      "ChangeStack",
		reason:   "creates and updates the stack by change sets, which are shown before they are executed, and tags it",
		commands: onlyBootstrap,
		actions: []string{
			"cloudformation:CreateChangeSet", "cloudformation:DescribeChangeSet", "cloudformation:ExecuteChangeSet",
			"cloudformation:DeleteChangeSet", "cloudformation:TagResource", "cloudformation:UntagResource",
		},
		resources: stackAndChangeSets,
	},
	{
		sid:      "DeleteStack",
		reason:   "deletes the stack: teardown; for bootstrap, a failed first attempt or --recreate",
		commands: whatDeletes,
		actions:  []string{"cloudformation:DeleteStack"}, resources: stack,
	},
	{
		sid:      "MakeProvider",
		reason:   "CloudFormation creates the provider, and updates its audience, thumbprint and tags",
		commands: onlyBootstrap,
		actions: []string{
			"iam:CreateOpenIDConnectProvider", "iam:TagOpenIDConnectProvider", "iam:UntagOpenIDConnectProvider",
			"iam:AddClientIDToOpenIDConnectProvider", "iam:RemoveClientIDFromOpenIDConnectProvider",
			"iam:UpdateOpenIDConnectProviderThumbprint",
		},
		resources: provider,
	},
	{
		sid:      "MakeRoles",
		reason:   "CloudFormation creates the two roles, and updates their trust, inline policy, settings and tags",
		commands: onlyBootstrap,
		actions: []string{
			"iam:CreateRole", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy",
			"iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole",
		},
		resources: roles,
	},
	{
		sid:      "AttachPlanPolicy",
		reason:   "CloudFormation attaches the plan role's policy, and may attach no other",
		commands: onlyBootstrap,
		actions:  []string{"iam:AttachRolePolicy"}, resources: planRole,
		condition: func(s Scope) Condition { return Condition{"ArnLike": {"iam:PolicyARN": s.PlanPolicyARN}} },
	},
	{
		sid:      "SetBoundary",
		reason:   "CloudFormation puts the permissions boundary on the roles; it may put no other and take none away",
		commands: onlyBootstrap,
		actions:  []string{"iam:PutRolePermissionsBoundary"}, resources: roles,
		condition: func(s Scope) Condition {
			return Condition{"ArnLike": {"iam:PermissionsBoundary": s.PermissionsBoundaryARN}}
		},
		unless: func(s Scope) bool { return s.PermissionsBoundaryARN == "" },
	},
	{
		sid:      "DeleteRoles",
		reason:   "CloudFormation deletes the two roles with their policies: with the stack, or rolling back a failed create",
		commands: whatDeletes,
		actions:  []string{"iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy"}, resources: roles,
	},
	{
		sid:      "DeleteProvider",
		reason:   "deletes our own provider, which outlives its stack: teardown; for bootstrap, --recreate",
		commands: whatDeletes,
		actions:  []string{"iam:DeleteOpenIDConnectProvider"}, resources: provider,
	},
}
