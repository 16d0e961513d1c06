package doctor

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/forgecroft/fcoidc/internal/bootstrap"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

const testRegion = "eu-west-1"

func newSandbox(t *testing.T, o sandbox.Options) *sandbox.Sandbox {
	t.Helper()
	s, err := sandbox.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// targetsOf are the member accounts of the sandbox.
func targetsOf(s *sandbox.Sandbox) (list []fleet.Target) {
	for _, a := range s.Accounts()[1:] {
		list = append(list, fleet.Target{
			Account: a.ID, Name: a.Name, Region: testRegion, Partition: "aws", Caller: "arn:aws:iam::" + a.ID + ":user/admin",
			Config: s.ConfigFor(a.ID, testRegion),
		})
	}
	return list
}

// deployed is a sandbox whose accounts bootstrap has deployed to.
func deployed(t *testing.T, o sandbox.Options, given map[string]string) (*sandbox.Sandbox, []fleet.Target) {
	t.Helper()
	s := newSandbox(t, o)
	targets := targetsOf(s)
	tpl, err := template.Render(template.DefaultIssuer)
	if err != nil {
		t.Fatal(err)
	}
	params := map[string]string{template.ParamOrgID: testOrg, template.ParamAllowedRegions: "eu-west-1,us-east-1"}
	maps.Copy(params, given)
	e := bootstrap.New(bootstrap.Request{StackName: template.DefaultStackName, Template: *tpl, Given: params, RunID: "test"}, bootstrap.SinkFunc(func(bootstrap.Event) {}))
	plans, err := e.Plan(t.Context(), targets)
	if err != nil {
		t.Fatal(err)
	}
	results, err := e.Deploy(t.Context(), nil, plans)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Status != bootstrap.StatusSucceeded {
			t.Fatalf("%s: %s %+v", r.Target, r.Status, r.Failure)
		}
	}
	return s, targets
}

func collected(t *testing.T, target fleet.Target, o Options) *Snapshot {
	t.Helper()
	s, err := Collect(t.Context(), target, NewClients(target), o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestALookAtADeployedAccountSeesEverything(t *testing.T) {
	t.Parallel()
	box, targets := deployed(t, sandbox.Options{Accounts: 3}, nil)
	o := Options{Shared: NewShared(NewOrganizationClient(box.Config(testRegion)))}
	for _, target := range targets {
		s := collected(t, target, o)
		if len(s.Missing) != 0 {
			t.Errorf("missing: %+v", s.Missing)
		}
		stack := s.Stack()
		if stack == nil || !stack.Ours || !stack.Compared || len(stack.Drift) != 0 || stack.Parameters[template.ParamOrgID] != testOrg {
			t.Fatalf("stack: %+v", stack)
		}
		if p := s.Provider; p == nil || !p.Read || p.URL != "api.forgecroft.com" || p.ManagedBy != "fcoidc" || !slices.Equal(p.ClientIDs, []string{"sts.amazonaws.com"}) {
			t.Errorf("provider: %+v", p)
		}
		plan, apply := s.Role(Plan), s.Role(Apply)
		if plan == nil || apply == nil || !plan.PoliciesRead || !apply.PoliciesRead || plan.Attached[0].Document == "" ||
			!strings.Contains(apply.Inline[0].Document, "aws:RequestedRegion") || !strings.Contains(apply.Trust, testOrg) || apply.MaxSession != 3600 {
			t.Errorf("roles: %+v", s.Roles)
		}
		if got := AllowedRegions(s); !slices.Equal(got, []string{"eu-west-1", "us-east-1"}) {
			t.Errorf("allowed Regions: %v", got)
		}
		if !slices.Contains(s.Regions, RegionIn{"eu-west-1", "ENABLED_BY_DEFAULT"}) {
			t.Errorf("Regions: %v", s.Regions)
		}
		if s.Organization == nil || len(s.Organization.ServiceControl) == 0 || s.Organization.ServiceControl[0].Policies[0].Document == "" {
			t.Errorf("organisation: %+v", s.Organization)
		}
		if again := collected(t, target, o); again.Calls != 13 {
			t.Errorf("%d calls where what a run shares is known", again.Calls)
		}
	}
}

func TestAStackThatSomebodyMadeByHandIsFoundWhateverItsName(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Options{})
	target := targetsOf(box)[0]
	tpl, err := template.Render(template.DefaultIssuer)
	if err != nil {
		t.Fatal(err)
	}
	if err := box.SetUpStack(sandbox.StackSetup{
		Account: target.Account, Region: testRegion, Name: "console-made", Template: string(tpl.Body), Status: "CREATE_COMPLETE",
		Parameters: map[string]string{template.ParamOrgID: testOrg, template.ParamAllowedRegions: "eu-west-1", template.ParamPlanRoleName: "p-plan", template.ParamApplyRoleName: "p-apply"},
	}); err != nil {
		t.Fatal(err)
	}
	s := collected(t, target, Options{})
	stack := s.Stack()
	if stack == nil || stack.Name != "console-made" || !stack.Ours || !stack.Compared || len(stack.Drift) != 0 {
		t.Fatalf("stack: %+v, missing %+v", stack, s.Missing)
	}
	if s.Role(Plan).Name != "p-plan" || s.Role(Apply).Name != "p-apply" || !s.Role(Apply).Read {
		t.Errorf("roles: %+v", s.Roles)
	}
}

func TestRolesWithoutAStackAreFoundByTheirTrust(t *testing.T) {
	t.Parallel()
	box := newSandbox(t, sandbox.Options{})
	target := targetsOf(box)[0]
	client := iam.NewFromConfig(target.Config)
	if _, err := client.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(testIssuer), ClientIDList: []string{"sts.amazonaws.com"}, ThumbprintList: []string{strings.Repeat("f", 40)},
	}); err != nil {
		t.Fatal(err)
	}
	arn := "arn:aws:iam::" + target.Account + ":oidc-provider/api.forgecroft.com"
	for name, trust := range map[string]string{
		"tf-writer": strings.ReplaceAll(trustOf(Apply, testOrg), testProviderARN(), arn),
		"tf-reader": strings.ReplaceAll(trustOf(Plan, testOrg), testProviderARN(), arn),
		"other":     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}`,
	} {
		if _, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &trust}); err != nil {
			t.Fatal(err)
		}
	}
	s := collected(t, target, Options{})
	if len(s.Roles) != 2 || s.Role(Plan).Name != "tf-reader" || s.Role(Apply).Name != "tf-writer" {
		t.Errorf("roles: %+v", s.Roles)
	}
	if s.Stack() != nil || s.Provider == nil || s.Provider.ManagedBy != "" {
		t.Errorf("stack %+v, provider %+v", s.Stack(), s.Provider)
	}
}

func TestRolesThatTheUserNamesAreTaken(t *testing.T) {
	t.Parallel()
	_, targets := deployed(t, sandbox.Options{Accounts: 2}, nil)
	role := "arn:aws:iam::" + targets[0].Account + ":role/"
	s := collected(t, targets[0], Options{PlanRole: role + "forgecroft-runner-plan", ApplyRole: "arn:aws:iam::999988887777:role/elsewhere"})
	if len(s.Roles) != 1 || s.Roles[0].Phase != Plan || !s.Roles[0].Read {
		t.Errorf("roles: %+v", s.Roles)
	}
	unseen := s.Unseen(FactRoles)
	if len(unseen) != 1 || !strings.Contains(unseen[0].Reason, "999988887777") || unseen[0].Fix != "--account 999988887777" {
		t.Errorf("missing: %+v", s.Missing)
	}
	s = collected(t, targets[0], Options{ApplyRole: role + "gone"})
	if len(s.Roles) != 1 || !s.Roles[0].Gone || len(s.Unseen(FactRoles)) != 0 {
		t.Errorf("roles: %+v", s.Roles)
	}
}

func TestWhatMayNotBeReadIsToldWithTheActionThatItNeeds(t *testing.T) {
	t.Parallel()
	const message = "User is not authorized"
	deny := map[string]bool{}
	_, targets := deployed(t, sandbox.Options{Accounts: 2, Intercept: func(c sandbox.Call) error {
		if deny[c.Service+":"+c.Action] {
			return sandbox.APIError(403, "AccessDenied", message)
		}
		return nil
	}}, nil)
	for action, fact := range map[string]Fact{
		"cloudformation:DescribeStacks": FactStack,
		"iam:GetOpenIDConnectProvider":  FactProvider,
		"iam:GetRole":                   FactRoles,
		"iam:ListAttachedRolePolicies":  FactPermissions,
		"iam:ListRolePolicies":          FactPermissions,
		"iam:GetRolePolicy":             FactPermissions,
		"iam:GetPolicy":                 FactPermissions,
		"iam:GetPolicyVersion":          FactPermissions,
		"account:ListRegions":           FactRegions,
	} {
		clear(deny)
		deny[action] = true
		s := collected(t, targets[0], Options{})
		if !slices.ContainsFunc(s.Unseen(fact), func(l Looked) bool { return l.Action == action && strings.Contains(l.Reason, message) }) {
			t.Errorf("%s: missing %+v", action, s.Missing)
		}
	}
}

func TestATemplateThatIsNotOursIsReadForItsDrift(t *testing.T) {
	t.Parallel()
	_, targets := deployed(t, sandbox.Options{Accounts: 2}, nil)
	client := iam.NewFromConfig(targets[0].Config)
	trust := strings.ReplaceAll(trustOf(Plan, testOrg), testAccount, targets[0].Account)
	trust = strings.Replace(trust, "StringEquals", "StringLike", 1)
	if _, err := client.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("forgecroft-runner-plan"), PolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("forgecroft-runner-plan"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteOpenIDConnectProvider(t.Context(), &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String("arn:aws:iam::" + targets[0].Account + ":oidc-provider/api.forgecroft.com")}); err != nil {
		t.Fatal(err)
	}
	s := collected(t, targets[0], Options{})
	var seen []string
	for _, d := range s.Stack().Drift {
		seen = append(seen, d.Resource+" "+d.Property)
	}
	if want := []string{"OidcProvider ", "PlanRole AssumeRolePolicyDocument", "PlanRole ManagedPolicyArns"}; !slices.Equal(seen, want) {
		t.Errorf("drift: %v, want %v", seen, want)
	}
}

func TestALookThatIsInterruptedReturnsWhatItSaw(t *testing.T) {
	t.Parallel()
	_, targets := deployed(t, sandbox.Options{Accounts: 2}, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, err := Collect(ctx, targets[0], NewClients(targets[0]), Options{})
	if !errors.Is(err, context.Canceled) || s == nil || len(s.Missing) == 0 {
		t.Errorf("%v, %+v", err, s)
	}
}

func TestATargetThatCannotBeEnteredIsASnapshotThatSaysSo(t *testing.T) {
	t.Parallel()
	s := Unreached(fleet.Target{Account: testAccount, Err: errors.New("no role lets the caller in")}, Options{})
	if u := s.Unseen(FactIdentity); len(u) != 1 || u[0].Reason != "no role lets the caller in" {
		t.Errorf("%+v", s.Missing)
	}
}

func TestThePhaseOfARoleFollowsFromItsNameOrItsTrust(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		trust, name string
		want        Phase
	}{
		{trustOf(Apply, testOrg), "forgecroft-runner-plan", Plan},
		{trustOf(Apply, testOrg), "runner", Apply},
		{trustOf(Plan, testOrg), "planner", Plan},
		{trustOf(Plan, testOrg), "plan-and-apply", Plan},
		{strings.Replace(trustOf(Plan, testOrg), `"plan"`, `["plan","apply"]`, 1), "runner", ""},
		{`{`, "runner", ""},
	} {
		if got := phaseOf(c.trust, c.name); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
