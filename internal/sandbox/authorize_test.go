package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// worker makes a role with an inline policy, and maybe an attached one, and returns a session of it.
func worker(t *testing.T, s *Sandbox, region, document, attached string) aws.Config {
	t.Helper()
	home := iam.NewFromConfig(s.Config(region))
	arn := *makeRole(t, home, "worker").Arn
	if document != "" {
		putPolicy(t, home, "worker", document)
	}
	if attached != "" {
		if _, err := home.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("worker"), PolicyArn: &attached}); err != nil {
			t.Fatal(err)
		}
	}
	return assume(t, s.Config(region), arn)
}

func inRegions(region string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:RequestedRegion":"` + region + `"}}}]}`
}

func TestARoleWithoutPermissionIsDeniedInAWSsWords(t *testing.T) {
	t.Parallel()
	session := worker(t, newSandbox(t, Options{}), "eu-west-1", "", "")
	whoAmI(t.Context(), t, session) // needs none
	_, err := iam.NewFromConfig(session).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("worker")})
	wantCode(t, err, "AccessDenied", "User: arn:aws:sts::010000000001:assumed-role/worker/test is not authorized to perform: iam:GetRole"+
		" on resource: arn:aws:iam::010000000001:role/worker because no identity-based policy allows the iam:GetRole action")
	_, err = organizations.NewFromConfig(session).ListRoots(t.Context(), nil)
	wantCode(t, err, "AccessDeniedException", "organizations:ListRoots")
}

func TestReadOnlyAccessReads(t *testing.T) {
	t.Parallel()
	session := worker(t, newSandbox(t, Options{}), "eu-west-1", "", "arn:aws:iam::aws:policy/ReadOnlyAccess")
	if _, err := iam.NewFromConfig(session).ListRoles(t.Context(), nil); err != nil {
		t.Error(err)
	}
	_, err := iam.NewFromConfig(session).DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: aws.String("worker")})
	wantCode(t, err, "AccessDenied", "iam:DeleteRole")
}

func TestTheRegionOfACallToIAMIsThePartitionsGlobalOne(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		region, allowed string
		iam, sts        bool
	}{
		{"eu-west-1", "eu-west-1", false, true},
		{"eu-west-1", "us-east-1", true, false},
		{"us-gov-east-1", "us-gov-west-1", true, false},
		{"cn-northwest-1", "cn-north-1", true, false},
	} {
		t.Run(test.region+" with "+test.allowed, func(t *testing.T) {
			t.Parallel()
			session := worker(t, newSandbox(t, Options{}), test.region, inRegions(test.allowed), "")
			_, err := iam.NewFromConfig(session).ListRoles(t.Context(), nil)
			if (err == nil) != test.iam {
				t.Errorf("IAM: %v, want allowed %v", err, test.iam)
			}
			key := AdminCredentials(member).AccessKeyID
			_, err = sts.NewFromConfig(session).GetAccessKeyInfo(t.Context(), &sts.GetAccessKeyInfoInput{AccessKeyId: &key})
			if (err == nil) != test.sts {
				t.Errorf("STS: %v, want allowed %v", err, test.sts)
			}
		})
	}
}

func TestABoundaryAndASessionPolicyNarrowWhatARoleMayDo(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	session := worker(t, s, "eu-west-1", allow("*"), "")
	home := iam.NewFromConfig(s.Config("us-east-1"))
	if _, err := iam.NewFromConfig(session).ListRoles(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	_, err := home.PutRolePermissionsBoundary(t.Context(), &iam.PutRolePermissionsBoundaryInput{
		RoleName: aws.String("worker"), PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = iam.NewFromConfig(session).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("worker")})
	wantCode(t, err, "AccessDenied", "because no permissions boundary allows the iam:GetRole action")

	deny := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"iam:ListRoles","Resource":"*"}]}`
	out, err := sts.NewFromConfig(s.Config("eu-west-1")).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + management + ":role/worker"), RoleSessionName: aws.String("test"), Policy: &deny,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = iam.NewFromConfig(as(session, out.Credentials)).ListRoles(t.Context(), nil)
	wantCode(t, err, "AccessDenied", "with an explicit deny in a session policy")

	putPolicy(t, home, "worker", deny)
	_, err = iam.NewFromConfig(session).ListRoles(t.Context(), nil)
	wantCode(t, err, "AccessDenied", "with an explicit deny in an identity-based policy")
}
