package doctor

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/forgecroft/fcoidc/internal/fleet"
	needs "github.com/forgecroft/fcoidc/internal/permissions"
	"github.com/forgecroft/fcoidc/internal/sandbox"
)

// withPermissions is the target reached with a role that has a policy and nothing else.
func withPermissions(t *testing.T, target fleet.Target, document []byte) fleet.Target {
	t.Helper()
	client := iam.NewFromConfig(target.Config)
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + target.Account + `"},"Action":"sts:AssumeRole"}]}`
	role, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("looker"), AssumeRolePolicyDocument: &trust})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("looker"), PolicyName: aws.String("doctor"), PolicyDocument: aws.String(string(document))}); err != nil {
		t.Fatal(err)
	}
	out, err := sts.NewFromConfig(target.Config).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("test")})
	if err != nil {
		t.Fatal(err)
	}
	target.Config = target.Config.Copy()
	target.Config.Credentials = credentials.NewStaticCredentialsProvider(*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken)
	return target
}

func TestWhatPrintPolicyPrintsForDoctorIsEnoughForEveryLook(t *testing.T) {
	t.Parallel()
	_, targets := deployed(t, sandbox.Options{Accounts: 2}, nil)
	document, err := needs.Policy(needs.Doctor, needs.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	target := withPermissions(t, targets[0], document)
	for name, o := range map[string]Options{
		"as deployed":         {Since: 1, SecondOpinion: true},
		"under another name":  {StackName: "none-of-that-name"},
		"in another Region":   {},
		"with a given policy": {PlanRole: "arn:aws:iam::" + target.Account + ":role/forgecroft-runner-plan"},
	} {
		at := target
		if name == "in another Region" {
			at.Region = "us-west-2"
		}
		s := collected(t, at, o)
		if missing := slices.DeleteFunc(s.Missing, func(l Looked) bool { return l.Fact == FactOrganization }); len(missing) > 0 {
			t.Errorf("%s: %+v", name, missing)
		}
		if s.Role(Plan) == nil || !s.Role(Plan).PoliciesRead || s.Stack() == nil {
			t.Errorf("%s: %+v", name, s)
		}
		if o.SecondOpinion && (len(s.Simulated) == 0 || s.History == nil) {
			t.Errorf("%s: simulated %v, history %v", name, s.Simulated, s.History)
		}
	}
}
