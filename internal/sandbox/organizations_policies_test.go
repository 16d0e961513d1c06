package sandbox

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/organizations"
	"github.com/aws/aws-sdk-go-v2/service/organizations/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/forgecroft/fcoidc/internal/policy"
)

const denyIAM = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}`

// bind makes a policy and attaches it.
func bind(t *testing.T, s *Sandbox, kind types.PolicyType, content, target string) string {
	t.Helper()
	client := organizations.NewFromConfig(s.Config("us-east-1"))
	out, err := client.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{
		Name: aws.String("test-" + target), Type: kind, Content: &content, Description: aws.String(""),
	})
	if err != nil {
		t.Fatal(err)
	}
	id := *out.Policy.PolicySummary.Id
	if _, err := client.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: &id, TargetId: &target}); err != nil {
		t.Fatal(err)
	}
	return id
}

// insider is a session of the role by which the management account gets into the member.
func insider(t *testing.T, s *Sandbox) *iam.Client {
	t.Helper()
	return iam.NewFromConfig(assume(t, s.Config("us-east-1"), "arn:aws:iam::"+member+":role/OrganizationAccountAccessRole"))
}

func TestAServiceControlPolicyBindsTheRolesBelowItsTarget(t *testing.T) {
	t.Parallel()
	for _, target := range []string{member, "ou-fcsb-workprod", "ou-fcsb-workload", rootID} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			s := newSandbox(t, Options{Dir: t.TempDir()})
			client := insider(t, s)
			if _, err := client.ListRoles(t.Context(), nil); err != nil {
				t.Fatal(err)
			}
			id := bind(t, s, types.PolicyTypeServiceControlPolicy, denyIAM, target)
			_, err := client.ListRoles(t.Context(), nil)
			wantCode(t, err, "AccessDenied", "with an explicit deny in a service control policy")
			org := organizations.NewFromConfig(s.Config("us-east-1"))
			if _, err := org.DetachPolicy(t.Context(), &organizations.DetachPolicyInput{PolicyId: &id, TargetId: &target}); err != nil {
				t.Fatal(err)
			}
			if _, err := client.ListRoles(t.Context(), nil); err != nil {
				t.Errorf("after the policy was detached: %v", err)
			}
		})
	}
}

func TestAnotherProcessSeesTheOrganisationsPolicies(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one, other := newSandbox(t, Options{Dir: dir}), newSandbox(t, Options{Dir: dir})
	client := insider(t, other)
	bind(t, one, types.PolicyTypeServiceControlPolicy, denyIAM, member)
	_, err := client.ListRoles(t.Context(), nil)
	wantCode(t, err, "AccessDenied", "service control policy")
	if err := Reset(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := newSandbox(t, Options{Dir: dir}).organisation(); err != nil {
		t.Fatal(err)
	}
	o, err := other.organisation()
	if err != nil || len(o.Policies) != 0 {
		t.Errorf("after a reset: %v, %v", o, err)
	}
}

func TestServiceControlPoliciesLeaveOthersAlone(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	bind(t, s, types.PolicyTypeServiceControlPolicy, denyIAM, rootID)
	if _, err := iam.NewFromConfig(worker(t, s, "us-east-1", allow("*"), "")).ListRoles(t.Context(), nil); err != nil {
		t.Errorf("a role of the management account: %v", err)
	}
	elsewhere := newSandbox(t, Options{})
	bind(t, elsewhere, types.PolicyTypeServiceControlPolicy, denyIAM, "ou-fcsb-workdevl")
	if _, err := insider(t, elsewhere).ListRoles(t.Context(), nil); err != nil {
		t.Errorf("a role of an account in another unit: %v", err)
	}
}

func TestWithoutFullAWSAccessOnlyWhatIsAllowedIsAllowed(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	client := insider(t, s)
	bind(t, s, types.PolicyTypeServiceControlPolicy, allow("iam:List*"), member)
	org := organizations.NewFromConfig(s.Config("us-east-1"))
	_, err := org.DetachPolicy(t.Context(), &organizations.DetachPolicyInput{PolicyId: aws.String("p-FullAWSAccess"), TargetId: aws.String(member)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.ListRoles(t.Context(), nil); err != nil {
		t.Error(err)
	}
	_, err = client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("OrganizationAccountAccessRole")})
	wantCode(t, err, "AccessDenied", "because no service control policy allows the iam:GetRole action")
	_, err = org.DetachPolicy(t.Context(), &organizations.DetachPolicyInput{PolicyId: aws.String("p-FullAWSAccess"), TargetId: aws.String(rootID)})
	wantCode(t, err, "ConstraintViolationException", "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED")
}

const denyOutsiders = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity","Resource":"*",
"Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-fcoidcsandbox"}}}]}`

func TestAResourceControlPolicyDeniesExchangesOnceItsTypeIsEnabled(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	org := organizations.NewFromConfig(s.Config("us-east-1"))
	_, err := org.AttachPolicy(t.Context(), &organizations.AttachPolicyInput{PolicyId: aws.String("p-RCPFullAWSAccess"), TargetId: aws.String(member)})
	wantCode(t, err, "PolicyTypeNotEnabledException", "RESOURCE_CONTROL_POLICY")
	enabled, err := org.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: aws.String(rootID), PolicyType: types.PolicyTypeResourceControlPolicy})
	if err != nil || len(enabled.Root.PolicyTypes) != 2 {
		t.Fatalf("got %v, %v", enabled, err)
	}
	made := bind(t, s, types.PolicyTypeResourceControlPolicy, denyOutsiders, "ou-fcsb-workload")
	exchange := policy.Request{
		Action: "sts:AssumeRoleWithWebIdentity", Resource: memberRole,
		Principal: &policy.Principal{Kind: "Federated", ID: memberProvider, Account: member}, Context: policy.Context{},
	}
	for id, want := range map[string]string{member: made, management: "", "010000000002": ""} {
		err := s.open(id, "us-east-1", func(a *account) error {
			p, err := a.deniedByResourceControl(exchange)
			got := ""
			if p != nil {
				got = p.ID
			}
			if got != want {
				t.Errorf("%s: denied by %q, want %q", id, got, want)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestAResourceControlPolicyBindsAssumeRoleToo(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	org := organizations.NewFromConfig(s.Config("us-east-1"))
	if _, err := org.EnablePolicyType(t.Context(), &organizations.EnablePolicyTypeInput{RootId: aws.String(rootID), PolicyType: types.PolicyTypeResourceControlPolicy}); err != nil {
		t.Fatal(err)
	}
	bind(t, s, types.PolicyTypeResourceControlPolicy, `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*"}]}`, member)
	_, err := sts.NewFromConfig(s.Config("us-east-1")).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::" + member + ":role/OrganizationAccountAccessRole"), RoleSessionName: aws.String("test"),
	})
	wantCode(t, err, "AccessDenied", "sts:AssumeRole")
}

func TestPoliciesAreListedByTypeByTargetAndByPolicy(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	org := organizations.NewFromConfig(s.Config("us-east-1"))
	id := bind(t, s, types.PolicyTypeServiceControlPolicy, denyIAM, "ou-fcsb-workprod")
	all, err := org.ListPolicies(t.Context(), &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy})
	if err != nil || len(all.Policies) != 2 || !all.Policies[0].AwsManaged || *all.Policies[0].Arn != "arn:aws:organizations::aws:policy/service_control_policy/p-FullAWSAccess" {
		t.Errorf("policies: %+v, %v", all, err)
	}
	for target, want := range map[string]int{"ou-fcsb-workprod": 2, member: 1, rootID: 1} {
		out, err := org.ListPoliciesForTarget(t.Context(), &organizations.ListPoliciesForTargetInput{TargetId: &target, Filter: types.PolicyTypeServiceControlPolicy})
		if err != nil || len(out.Policies) != want {
			t.Errorf("policies of %s: %v, %v; want %d", target, out, err, want)
		}
	}
	targets, err := org.ListTargetsForPolicy(t.Context(), &organizations.ListTargetsForPolicyInput{PolicyId: &id})
	if err != nil || len(targets.Targets) != 1 || *targets.Targets[0].Name != "Production" {
		t.Errorf("targets: %v, %v", targets, err)
	}
	described, err := org.DescribePolicy(t.Context(), &organizations.DescribePolicyInput{PolicyId: &id})
	if err != nil || *described.Policy.Content != denyIAM {
		t.Errorf("described: %v, %v", described, err)
	}
	updated, err := org.UpdatePolicy(t.Context(), &organizations.UpdatePolicyInput{PolicyId: &id, Name: aws.String("renamed")})
	if err != nil || *updated.Policy.PolicySummary.Name != "renamed" || *updated.Policy.Content != denyIAM {
		t.Errorf("updated: %v, %v", updated, err)
	}
	_, err = org.DeletePolicy(t.Context(), &organizations.DeletePolicyInput{PolicyId: &id})
	wantCode(t, err, "PolicyInUseException")
	roots, err := org.ListRoots(t.Context(), nil)
	if err != nil || len(roots.Roots[0].PolicyTypes) != 1 {
		t.Errorf("roots: %v, %v", roots, err)
	}
}

func TestPoliciesThatOrganizationsWouldNotTakeAreRefused(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{})
	org := organizations.NewFromConfig(s.Config("us-east-1"))
	for content, kind := range map[string]types.PolicyType{
		`{`: types.PolicyTypeServiceControlPolicy,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}`:         types.PolicyTypeServiceControlPolicy,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:*","Resource":"*"}]}`:    types.PolicyTypeResourceControlPolicy,
		`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"*","Resource":"*"}]}`: types.PolicyTypeResourceControlPolicy,
		denyIAM: types.PolicyTypeResourceControlPolicy,
	} {
		_, err := org.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{Name: aws.String("x"), Description: aws.String(""), Type: kind, Content: &content})
		wantCode(t, err, "MalformedPolicyDocumentException")
	}
	_, err := org.CreatePolicy(t.Context(), &organizations.CreatePolicyInput{Name: aws.String("FullAWSAccess"), Description: aws.String(""), Type: types.PolicyTypeServiceControlPolicy, Content: aws.String(denyIAM)})
	wantCode(t, err, "DuplicatePolicyException")
	_, err = org.DescribePolicy(t.Context(), &organizations.DescribePolicyInput{PolicyId: aws.String("p-none")})
	wantCode(t, err, "PolicyNotFoundException")
	_, err = org.ListPoliciesForTarget(t.Context(), &organizations.ListPoliciesForTargetInput{TargetId: aws.String("999999999999"), Filter: types.PolicyTypeServiceControlPolicy})
	wantCode(t, err, "TargetNotFoundException")
	_, err = org.ListPolicies(t.Context(), &organizations.ListPoliciesInput{Filter: types.PolicyTypeTagPolicy})
	wantCode(t, err, "InvalidInputException", "TAG_POLICY")
	outside := organizations.NewFromConfig(s.ConfigFor(member, "us-east-1"))
	_, err = outside.ListPolicies(t.Context(), &organizations.ListPoliciesInput{Filter: types.PolicyTypeServiceControlPolicy})
	wantCode(t, err, "AccessDeniedException")
}
