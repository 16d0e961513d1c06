package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	organizationtypes "github.com/aws/aws-sdk-go-v2/service/organizations/types"
)

// simulated asks what a role may do on everything in a Region.
func simulated(t *testing.T, client *iam.Client, arn, region string, actions ...string) []types.EvaluationResult {
	t.Helper()
	in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: &arn, ActionNames: actions}
	if region != "" {
		in.ContextEntries = []types.ContextEntry{{
			ContextKeyName: aws.String("aws:RequestedRegion"), ContextKeyType: types.ContextKeyTypeEnumString, ContextKeyValues: []string{region},
		}}
	}
	out, err := client.SimulatePrincipalPolicy(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out.EvaluationResults
}

func TestASimulationWeighsIdentityPoliciesBoundaryAndServiceControlPolicies(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	client := iam.NewFromConfig(s.ConfigFor(member, "us-east-1"))
	arn := *makeRole(t, client, "worker").Arn
	putPolicy(t, client, "worker", inRegions("eu-west-1"))

	got := simulated(t, client, arn, "eu-west-1", "ec2:RunInstances", "s3:GetObject")
	if len(got) != 2 || got[0].EvalDecision != types.PolicyEvaluationDecisionTypeAllowed || *got[1].EvalActionName != "s3:GetObject" || *got[0].EvalResourceName != "*" {
		t.Fatalf("in the Region: %+v", got)
	}
	if d := got[0].OrganizationsDecisionDetail; d == nil || !d.AllowedByOrganizations || got[0].PermissionsBoundaryDecisionDetail != nil {
		t.Errorf("details: %+v, %+v", d, got[0].PermissionsBoundaryDecisionDetail)
	}
	if got := simulated(t, client, arn, "eu-west-2", "ec2:RunInstances"); got[0].EvalDecision != types.PolicyEvaluationDecisionTypeImplicitDeny {
		t.Errorf("in another Region: %s", got[0].EvalDecision)
	}
	got = simulated(t, client, arn, "", "ec2:RunInstances")
	if len(got[0].MissingContextValues) != 1 || got[0].MissingContextValues[0] != "aws:RequestedRegion" {
		t.Errorf("missing: %v", got[0].MissingContextValues)
	}

	if _, err := client.PutRolePermissionsBoundary(t.Context(), &iam.PutRolePermissionsBoundaryInput{
		RoleName: aws.String("worker"), PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess"),
	}); err != nil {
		t.Fatal(err)
	}
	bind(t, s, organizationtypes.PolicyTypeServiceControlPolicy, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:*","Resource":"*"}]}`, member)
	got = simulated(t, client, arn, "eu-west-1", "ec2:RunInstances", "iam:CreateRole", "iam:GetRole")
	for i, want := range []struct {
		decision               types.PolicyEvaluationDecisionType
		organisation, boundary bool
	}{
		{types.PolicyEvaluationDecisionTypeExplicitDeny, false, false},
		{types.PolicyEvaluationDecisionTypeImplicitDeny, true, false},
		{types.PolicyEvaluationDecisionTypeAllowed, true, true},
	} {
		if got[i].EvalDecision != want.decision || got[i].OrganizationsDecisionDetail.AllowedByOrganizations != want.organisation ||
			got[i].PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary != want.boundary {
			t.Errorf("%s: %s, %+v, %+v", *got[i].EvalActionName, got[i].EvalDecision, got[i].OrganizationsDecisionDetail, got[i].PermissionsBoundaryDecisionDetail)
		}
	}
}

func TestASimulationThatCannotBeDoneIsRefused(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).ConfigFor(member, "us-east-1"))
	_, err := client.SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String("arn:aws:iam::" + member + ":role/none"), ActionNames: []string{"s3:GetObject"},
	})
	wantCode(t, err, "NoSuchEntity", "role/none")
	_, err = client.SimulatePrincipalPolicy(t.Context(), &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: aws.String("arn:aws:iam::" + member + ":role/none"), ActionNames: []string{"s3:GetObject"}, PolicyInputList: []string{allow("*")},
	})
	wantCode(t, err, "NotImplemented", "PolicyInputList")
}
