package sandbox

import (
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

// trustAccount is a trust policy that admits an account.
func trustAccount(account string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`
}

func allow(action string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"` + action + `","Resource":"*"}]}`
}

// makeRole creates a role that the management account may assume.
func makeRole(t *testing.T, client *iam.Client, name string) *types.Role {
	t.Helper()
	out, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trustAccount(management))})
	if err != nil {
		t.Fatal(err)
	}
	return out.Role
}

func putPolicy(t *testing.T, client *iam.Client, role, document string) {
	t.Helper()
	_, err := client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: &role, PolicyName: aws.String("inline"), PolicyDocument: &document})
	if err != nil {
		t.Fatal(err)
	}
}

func TestARoleIsShownAsItWasMade(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	trust := "{\n \"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Principal\": {\"Service\": \"ec2.amazonaws.com\"}, \"Action\": \"sts:AssumeRole\"}}"
	_, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("forgecroft-plan"), Path: aws.String("/ci/"), AssumeRolePolicyDocument: &trust, Description: aws.String("plans + more"),
		MaxSessionDuration: aws.Int32(7200), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
		PermissionsBoundary: aws.String("arn:aws:iam::aws:policy/PowerUserAccess"),
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("Forgecroft-Plan")}) // names ignore case
	if err != nil {
		t.Fatal(err)
	}
	r := got.Role
	if aws.ToString(r.Arn) != "arn:aws:iam::010000000001:role/ci/forgecroft-plan" || aws.ToString(r.Description) != "plans + more" ||
		aws.ToInt32(r.MaxSessionDuration) != 7200 || len(r.Tags) != 1 || aws.ToString(r.PermissionsBoundary.PermissionsBoundaryArn) != "arn:aws:iam::aws:policy/PowerUserAccess" {
		t.Errorf("got %+v", r)
	}
	if !strings.HasPrefix(*r.RoleId, "AROA") || len(*r.RoleId) != 21 {
		t.Errorf("the id is %q", *r.RoleId)
	}
	document, err := url.PathUnescape(*r.AssumeRolePolicyDocument) // not QueryUnescape: IAM writes a blank as %20
	if err != nil || document != trust {
		t.Errorf("the trust policy came back as %q (%v)", document, err)
	}
	_, err = client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("FORGECROFT-PLAN"), AssumeRolePolicyDocument: &trust})
	wantCode(t, err, "EntityAlreadyExists", "Role with name FORGECROFT-PLAN already exists.")
	_, err = client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("nobody")})
	wantCode(t, err, "NoSuchEntity", "The role with name nobody cannot be found.")
}

func TestARoleWithPoliciesIsNotDeleted(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	name, arn := aws.String("worker"), aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")
	makeRole(t, client, *name)
	putPolicy(t, client, *name, allow("s3:*"))
	for range 2 { // attaching twice is no error
		if _, err := client.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: arn}); err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name})
	wantCode(t, err, "DeleteConflict", "must detach all policies first")
	if _, err := client.DetachRolePolicy(t.Context(), &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: arn}); err != nil {
		t.Fatal(err)
	}
	_, err = client.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name})
	wantCode(t, err, "DeleteConflict", "must delete policies first")
	if _, err := client.DeleteRolePolicy(t.Context(), &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("inline")}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name}); err != nil {
		t.Fatal(err)
	}
	_, err = client.DeleteRole(t.Context(), &iam.DeleteRoleInput{RoleName: name})
	wantCode(t, err, "NoSuchEntity")
}

func TestTrustPoliciesThatIAMWouldNotStoreAreRefused(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	statement := func(inner string) string { return `{"Version":"2012-10-17","Statement":[{` + inner + `}]}` }
	for _, test := range []struct{ name, trust, code, text string }{
		{"no JSON", `{"Version":`, "MalformedPolicyDocument", "This policy contains invalid Json"},
		{"a resource", statement(`"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Resource":"*"`), "MalformedPolicyDocument", "Has prohibited field Resource"},
		{"no principal", statement(`"Effect":"Allow","Action":"sts:AssumeRole"`), "MalformedPolicyDocument", "Missing required field Principal"},
		{"another action", statement(`"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:*"`), "MalformedPolicyDocument", "may only specify STS AssumeRole actions"},
		{"an unknown operator", statement(`"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringIs":{"a":"b"}}`), "MalformedPolicyDocument", "Invalid Condition type : StringIs."},
		{"a principal of no kind", statement(`"Effect":"Allow","Principal":{"AWS":"somebody"},"Action":"sts:AssumeRole"`), "MalformedPolicyDocument", "Invalid principal in policy"},
		{"an effect in lower case", statement(`"Effect":"allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"`), "MalformedPolicyDocument", "Syntax errors in policy."},
		{"too long", statement(`"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole","Condition":{"StringEquals":{"aws:PrincipalArn":"` + strings.Repeat("x", 2000) + `"}}`), "LimitExceeded", "ACLSizePerRole: 2048"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: &test.trust})
			wantCode(t, err, test.code, test.text)
		})
	}
}

func TestAManagedPolicyHasVersions(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	made, err := client.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("bound"), PolicyDocument: aws.String(allow("s3:*"))})
	if err != nil {
		t.Fatal(err)
	}
	arn := made.Policy.Arn
	if _, err := client.CreatePolicyVersion(t.Context(), &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: aws.String(allow("ec2:*")), SetAsDefault: true}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: arn})
	if err != nil {
		t.Fatal(err)
	}
	if id := aws.ToString(got.Policy.DefaultVersionId); id != "v2" {
		t.Errorf("version %s is in force, want v2", id)
	}
	version, err := client.GetPolicyVersion(t.Context(), &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v2")})
	if err != nil {
		t.Fatal(err)
	}
	if doc, _ := url.PathUnescape(aws.ToString(version.PolicyVersion.Document)); doc != allow("ec2:*") {
		t.Errorf("v2 is %s", doc)
	}
	_, err = client.DeletePolicy(t.Context(), &iam.DeletePolicyInput{PolicyArn: arn})
	wantCode(t, err, "DeleteConflict", "more than one version")
	_, err = client.DeletePolicyVersion(t.Context(), &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: aws.String("v2")})
	wantCode(t, err, "DeleteConflict", "default version")
	_, err = client.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/AWSLambda_FullAccess")})
	wantCode(t, err, "NoSuchEntity")
	for _, name := range []string{"ReadOnlyAccess", "AdministratorAccess", "PowerUserAccess", "SecurityAudit", "job-function/ViewOnlyAccess"} {
		if _, err := client.GetPolicy(t.Context(), &iam.GetPolicyInput{PolicyArn: aws.String("arn:aws:iam::aws:policy/" + name)}); err != nil {
			t.Error(err)
		}
	}
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	client := iam.NewFromConfig(newSandbox(t, Options{}).Config("us-east-1"))
	for _, name := range []string{"b", "a", "c", "e", "d"} {
		makeRole(t, client, name)
	}
	names, pages := "", 0
	for p := iam.NewListRolesPaginator(client, &iam.ListRolesInput{MaxItems: aws.Int32(2)}); p.HasMorePages(); pages++ {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range out.Roles {
			names += *r.RoleName
		}
	}
	if names != "abcde" || pages != 3 {
		t.Errorf("roles %s in %d pages, want abcde in 3", names, pages)
	}
}

func TestStandInsAreDocumentsThatIAMWouldStore(t *testing.T) {
	t.Parallel()
	for path, p := range awsPolicies {
		if path != p.Path+p.Name {
			t.Errorf("%s is filed under %s", p.Path+p.Name, path)
		}
		if err := checkManagedDocument(p.document()); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}
