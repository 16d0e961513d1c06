package sandbox

import "time"

// awsPolicies are stand-ins for policies that AWS itself manages, by path and name. AWS's documents
// name thousands of actions and change every week; these give by patterns what the policy
// is known to give. They are enforced as they stand here.
var awsPolicies = map[string]*managedPolicy{
	"/AdministratorAccess": standIn("/", "AdministratorAccess", "AIPA2SANDBOXADMINISTR", `{
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
}`),
	"/PowerUserAccess": standIn("/", "PowerUserAccess", "AIPA2SANDBOXPOWERUSER", `{
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
        {"Effect": "Allow", "Action": [
            "account:GetAccountInformation", "account:GetPrimaryEmail", "account:ListRegions",
            "iam:CreateServiceLinkedRole", "iam:DeleteServiceLinkedRole", "iam:ListRoles",
            "organizations:DescribeOrganization"
        ], "Resource": "*"}
    ]
}`),
	"/ReadOnlyAccess": standIn("/", "ReadOnlyAccess", "AIPA2SANDBOXREADONLYA", `{
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": [
        "account:Get*", "account:List*",
        "cloudformation:BatchDescribe*", "cloudformation:Describe*", "cloudformation:Detect*", "cloudformation:EstimateTemplateCost",
        "cloudformation:Get*", "cloudformation:List*", "cloudformation:ValidateTemplate",
        "cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents",
        "ec2:Describe*", "ec2:Get*", "ec2:List*", "ec2:Search*",
        "iam:Generate*", "iam:Get*", "iam:List*", "iam:Simulate*",
        "organizations:Describe*", "organizations:List*",
        "s3:Describe*", "s3:Get*", "s3:List*",
        "sts:GetAccessKeyInfo", "sts:GetCallerIdentity", "sts:GetSessionToken",
        "tag:Get*"
    ], "Resource": "*"}]
}`),
	"/SecurityAudit": standIn("/", "SecurityAudit", "AIPA2SANDBOXSECURITYA", `{
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": [
        "cloudformation:DescribeStack*", "cloudformation:GetStackPolicy", "cloudformation:GetTemplate", "cloudformation:ListStack*",
        "cloudtrail:Describe*", "cloudtrail:Get*", "cloudtrail:List*", "cloudtrail:LookupEvents",
        "iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*",
        "iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy",
        "organizations:Describe*", "organizations:List*"
    ], "Resource": "*"}]
}`),
	"/job-function/ViewOnlyAccess": standIn("/job-function/", "ViewOnlyAccess", "AIPA2SANDBOXVIEWONLYA", `{
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": [
        "cloudformation:DescribeStacks", "cloudformation:List*",
        "cloudtrail:DescribeTrails", "cloudtrail:LookupEvents",
        "ec2:Describe*",
        "iam:GetAccountSummary", "iam:GetLoginProfile", "iam:List*",
        "organizations:List*",
        "s3:ListAllMyBuckets", "s3:ListBucket",
        "sts:GetCallerIdentity"
    ], "Resource": "*"}]
}`),
}

// standInDate is when every stand-in was made: a fixed day, since they do not change.
var standInDate = time.Date(2015, 2, 6, 18, 39, 46, 0, time.UTC)

func standIn(path, name, id, document string) *managedPolicy {
	return &managedPolicy{
		Name: name, Path: path, ID: id, Created: standInDate, Default: "v1", Serial: 1,
		Description: "The sandbox's stand-in for AWS's " + name + ".",
		Versions:    []policyVersion{{ID: "v1", Document: document, Created: standInDate}},
	}
}
