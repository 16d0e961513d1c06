package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	smithy "github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/assets"
)

const (
	testRegion = "eu-west-1"
	testStack  = "forgecroft-runner-oidc"
	testOrg    = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"
)

// world is a sandbox and the clients of its management account.
type world struct {
	t   *testing.T
	s   *Sandbox
	cfn *cloudformation.Client
	iam *iam.Client
}

func newWorld(t *testing.T, o Options) *world {
	t.Helper()
	s := newSandbox(t, o)
	cfg := s.Config(testRegion)
	cfg.RetryMaxAttempts = 1
	return &world{t, s, cloudformation.NewFromConfig(cfg), iam.NewFromConfig(cfg)}
}

func params(kv ...string) []types.Parameter {
	var out []types.Parameter
	for i := 0; i < len(kv); i += 2 {
		out = append(out, types.Parameter{ParameterKey: aws.String(kv[i]), ParameterValue: aws.String(kv[i+1])})
	}
	return out
}

// required are the parameters that Forgecroft's template cannot do without, and more.
func required(more ...string) []types.Parameter {
	return params(append([]string{"OrgId", testOrg, "AllowedRegions", "us-east-1,eu-west-1"}, more...)...)
}

var named = []types.Capability{types.CapabilityCapabilityNamedIam}

// create creates the stack of Forgecroft's template with CreateStack.
func (w *world) create() string {
	w.t.Helper()
	out, err := w.cfn.CreateStack(w.t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String(testStack), TemplateBody: aws.String(string(assets.Template)), Parameters: required(), Capabilities: named,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return aws.ToString(out.StackId)
}

// stack describes a stack by name or id.
func (w *world) stack(name string) types.Stack {
	w.t.Helper()
	out, err := w.cfn.DescribeStacks(w.t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
	if err != nil {
		w.t.Fatal(err)
	}
	return out.Stacks[0]
}

func (w *world) wantStatus(name string, want types.StackStatus) {
	w.t.Helper()
	if got := w.stack(name); got.StackStatus != want {
		w.t.Fatalf("stack is %s (%s), want %s\n%s", got.StackStatus, aws.ToString(got.StackStatusReason), want, strings.Join(w.events(name), "\n"))
	}
}

// events returns "resource status reason" lines, oldest first, without request ids.
func (w *world) events(name string) []string {
	w.t.Helper()
	var lines []string
	p := cloudformation.NewDescribeStackEventsPaginator(w.cfn, &cloudformation.DescribeStackEventsInput{StackName: aws.String(name)})
	for p.HasMorePages() {
		page, err := p.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		for _, e := range page.StackEvents {
			line := aws.ToString(e.LogicalResourceId) + " " + string(e.ResourceStatus)
			if e.ResourceStatusReason != nil {
				line += " " + *e.ResourceStatusReason
			}
			lines = append(lines, line)
		}
	}
	slices.Reverse(lines)
	return lines
}

// has reports whether the role or provider exists.
func (w *world) hasRole(name string) bool {
	w.t.Helper()
	_, err := w.iam.GetRole(w.t.Context(), &iam.GetRoleInput{RoleName: aws.String(name)})
	return err == nil
}

func (w *world) providers() int {
	w.t.Helper()
	out, err := w.iam.ListOpenIDConnectProviders(w.t.Context(), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return len(out.OpenIDConnectProviderList)
}

// wantError fails the test unless err is AWS's error with that code and a message holding text.
func wantError(t *testing.T, err error, code, text string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		t.Errorf("error %v\n want %s: %s", err, code, text)
	}
}

func TestCreateStackExecutesTheTemplate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	id := w.create()
	s := w.stack(testStack)
	if s.StackStatus != types.StackStatusCreateComplete || aws.ToString(s.StackId) != id {
		t.Fatalf("stack %+v", s)
	}
	outputs := map[string]string{}
	for _, o := range s.Outputs {
		outputs[*o.OutputKey] = *o.OutputValue
	}
	want := map[string]string{
		"PlanRoleArn":     "arn:aws:iam::010000000001:role/forgecroft-runner-plan",
		"ApplyRoleArn":    "arn:aws:iam::010000000001:role/forgecroft-runner-apply",
		"OidcProviderArn": "arn:aws:iam::010000000001:oidc-provider/api.forgecroft.com",
		"TemplateVersion": "1",
	}
	if diff := cmp.Diff(want, outputs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"forgecroft-runner-oidc CREATE_IN_PROGRESS User Initiated",
		"OidcProvider CREATE_IN_PROGRESS",
		"OidcProvider CREATE_IN_PROGRESS Resource creation Initiated",
		"OidcProvider CREATE_COMPLETE",
		"PlanRole CREATE_IN_PROGRESS",
		"ApplyRole CREATE_IN_PROGRESS",
		"PlanRole CREATE_IN_PROGRESS Resource creation Initiated",
		"ApplyRole CREATE_IN_PROGRESS Resource creation Initiated",
		"PlanRole CREATE_COMPLETE",
		"ApplyRole CREATE_COMPLETE",
		"forgecroft-runner-oidc CREATE_COMPLETE",
	}, w.events(testStack)); diff != "" {
		t.Error(diff)
	}
	role, err := w.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("forgecroft-runner-apply")})
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]string{}
	for _, tag := range role.Role.Tags {
		tags[*tag.Key] = *tag.Value
	}
	if diff := cmp.Diff(map[string]string{"forgecroft:managed-by": "fcoidc", "forgecroft:stack-id": id}, tags); diff != "" {
		t.Error(diff)
	}
	inline, err := w.iam.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: aws.String("forgecroft-runner-apply")})
	if err != nil || !slices.Equal(inline.PolicyNames, []string{"everything-in-allowed-regions"}) {
		t.Errorf("inline policies %v, %v", inline, err)
	}
}

func TestAnOperationFollowsTheClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{StackDuration: 20 * time.Second})
		start := time.Now()
		w.create()
		for _, c := range []struct {
			after     time.Duration
			status    types.StackStatus
			providers int
			roles     bool
		}{
			{0, types.StackStatusCreateInProgress, 0, false},
			{3 * time.Second, types.StackStatusCreateInProgress, 1, false},
			{13 * time.Second, types.StackStatusCreateInProgress, 1, true},
			{20 * time.Second, types.StackStatusCreateComplete, 1, true},
		} {
			time.Sleep(c.after - time.Since(start))
			w.wantStatus(testStack, c.status)
			if w.providers() != c.providers || w.hasRole("forgecroft-runner-plan") != c.roles {
				t.Errorf("after %s: %d providers, role %v", c.after, w.providers(), w.hasRole("forgecroft-runner-plan"))
			}
		}
	})
}

func TestEventsCarryTheTimesAtWhichThingsHappenedNotWhenSomebodyLooked(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{StackDuration: 20 * time.Second})
		start := time.Now()
		w.create()
		time.Sleep(time.Hour)
		out, err := w.cfn.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String(testStack)})
		if err != nil {
			t.Fatal(err)
		}
		if got := out.StackEvents[0].Timestamp.Sub(start); got != 20*time.Second {
			t.Errorf("the stack was complete after %s", got)
		}
		role, err := w.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("forgecroft-runner-plan")})
		if err != nil {
			t.Fatal(err)
		}
		if got := role.Role.CreateDate.Sub(start); got < 10*time.Second || got > 20*time.Second {
			t.Errorf("the role was made after %s", got)
		}
	})
}

func TestASecondProviderFailsTheStackAndTheFirstSurvives(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	if _, err := w.iam.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://api.forgecroft.com"), ClientIDList: []string{"theirs"},
	}); err != nil {
		t.Fatal(err)
	}
	w.create()
	w.wantStatus(testStack, types.StackStatusRollbackComplete)
	if w.providers() != 1 || w.hasRole("forgecroft-runner-plan") {
		t.Error("rollback left or took the wrong things")
	}
	events := w.events(testStack)
	if !strings.HasPrefix(events[2], `OidcProvider CREATE_FAILED Resource handler returned message: "Provider with url https://api.forgecroft.com already exists. (Service: Iam, Status Code: 409, Request ID: `) ||
		!strings.HasSuffix(events[2], `, HandlerErrorCode: AlreadyExists)`) {
		t.Errorf("event %s", events[2])
	}
	if diff := cmp.Diff([]string{
		"forgecroft-runner-oidc ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [OidcProvider]. Rollback requested by user.",
		"OidcProvider DELETE_COMPLETE",
		"forgecroft-runner-oidc ROLLBACK_COMPLETE",
	}, events[3:]); diff != "" {
		t.Error(diff)
	}
	_, err := w.cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String(testStack), UsePreviousTemplate: aws.Bool(true), Parameters: required(), Capabilities: named,
	})
	wantError(t, err, "ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated.")
}

func TestATakenRoleNameCancelsItsSiblingAndKeepsTheRetainedProvider(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	if _, err := w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("forgecroft-runner-apply"), AssumeRolePolicyDocument: aws.String(trustAdmin),
	}); err != nil {
		t.Fatal(err)
	}
	w.create()
	w.wantStatus(testStack, types.StackStatusRollbackComplete)
	events := w.events(testStack)
	for _, want := range []string{
		"PlanRole CREATE_FAILED Resource creation cancelled",
		"forgecroft-runner-oidc ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [ApplyRole, PlanRole]. Rollback requested by user.",
		"PlanRole DELETE_COMPLETE",
		"OidcProvider DELETE_SKIPPED",
	} {
		if !slices.Contains(events, want) {
			t.Errorf("no event %s in\n%s", want, strings.Join(events, "\n"))
		}
	}
	if !slices.ContainsFunc(events, func(e string) bool {
		return strings.HasPrefix(e, `ApplyRole CREATE_FAILED Resource handler returned message: "Resource of type 'AWS::IAM::Role' with identifier 'forgecroft-runner-apply' already exists." (RequestToken: `)
	}) {
		t.Errorf("no cause in\n%s", strings.Join(events, "\n"))
	}
	if w.providers() != 1 || w.hasRole("forgecroft-runner-plan") || !w.hasRole("forgecroft-runner-apply") {
		t.Error("rollback left or took the wrong things")
	}
}

const trustAdmin = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::010000000001:root"},"Action":"sts:AssumeRole"}]}`

func TestRetainExceptOnCreateTakesTheProviderBackToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Faults: []Fault{{Kind: FaultStackFailure, Accounts: 5, Reason: "quota"}}})
	if _, err := w.cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String(testStack), TemplateBody: aws.String(string(assets.Template)), Parameters: required(), Capabilities: named,
		RetainExceptOnCreate: aws.Bool(true),
	}); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(testStack, types.StackStatusRollbackComplete)
	if w.providers() != 0 {
		t.Error("the provider is still there")
	}
}

func TestInjectedFailuresNameTheirReason(t *testing.T) {
	t.Parallel()
	for reason, want := range map[string]string{
		"provider-unreachable": `OidcProvider CREATE_FAILED Resource handler returned message: "Could not connect to openid configuration of provider: https://api.forgecroft.com (Service: Iam, Status Code: 400`,
		"provider-exists":      `OidcProvider CREATE_FAILED Resource handler returned message: "Provider with url https://api.forgecroft.com already exists.`,
		"role-exists":          `PlanRole CREATE_FAILED Resource handler returned message: "Resource of type 'AWS::IAM::Role' with identifier 'forgecroft-runner-plan' already exists."`,
		"quota":                `PlanRole CREATE_FAILED Resource handler returned message: "Cannot exceed quota for RolesPerAccount: 1000 (Service: Iam, Status Code: 409`,
		"scp-denied":           `PlanRole CREATE_FAILED Resource handler returned message: "User: arn:aws:iam::010000000001:user/sandbox-admin is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::010000000001:role/forgecroft-runner-plan with an explicit deny in a service control policy`,
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, Options{Accounts: 1, Faults: []Fault{{Kind: FaultStackFailure, Accounts: 1, Reason: reason}}})
			w.create()
			w.wantStatus(testStack, types.StackStatusRollbackComplete)
			if !slices.ContainsFunc(w.events(testStack), func(e string) bool { return strings.HasPrefix(e, want) }) {
				t.Errorf("no event %s in\n%s", want, strings.Join(w.events(testStack), "\n"))
			}
		})
	}
}

func TestAFailureOnRequestKeepsWhatWasMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Accounts: 1, Faults: []Fault{{Kind: FaultStackFailure, Accounts: 1, Reason: "quota"}}})
	in := &cloudformation.CreateStackInput{
		StackName: aws.String(testStack), TemplateBody: aws.String(string(assets.Template)), Parameters: required(), Capabilities: named,
		OnFailure: types.OnFailureDoNothing,
	}
	if _, err := w.cfn.CreateStack(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(testStack, types.StackStatusCreateFailed)
	if w.providers() != 1 {
		t.Error("the provider is gone")
	}
	update := &cloudformation.UpdateStackInput{StackName: aws.String(testStack), UsePreviousTemplate: aws.Bool(true), Parameters: required(), Capabilities: named}
	_, err := w.cfn.UpdateStack(t.Context(), update)
	wantError(t, err, "ValidationError", "This stack is currently in a non-terminal [CREATE_FAILED] state.")
	update.DisableRollback = aws.Bool(true)
	if _, err := w.cfn.UpdateStack(t.Context(), update); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(testStack, types.StackStatusUpdateComplete)
	if !w.hasRole("forgecroft-runner-plan") || !w.hasRole("forgecroft-runner-apply") || w.providers() != 1 {
		t.Error("the update did not make what was missing")
	}
}

func TestDeleteStackLeavesRetainedAndForeignThings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	id := w.create()
	ctx := t.Context()
	if _, err := w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
		RoleName: aws.String("forgecroft-runner-apply"), PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess"),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(testStack), RetainResources: []string{"ApplyRole"}}); err == nil {
		t.Error("resources to retain are for DELETE_FAILED only")
	}
	remove := &cloudformation.DeleteStackInput{StackName: aws.String(testStack)}
	if _, err := w.cfn.DeleteStack(ctx, remove); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(testStack, types.StackStatusDeleteFailed)
	if reason := aws.ToString(w.stack(testStack).StackStatusReason); reason != "The following resource(s) failed to delete: [ApplyRole]. " {
		t.Errorf("reason %q", reason)
	}
	remove.DeletionMode = types.DeletionModeForceDeleteStack
	if _, err := w.cfn.DeleteStack(ctx, remove); err != nil {
		t.Fatal(err)
	}
	_, err := w.cfn.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(testStack)})
	wantError(t, err, "ValidationError", "Stack with id forgecroft-runner-oidc does not exist")
	w.wantStatus(id, types.StackStatusDeleteComplete)
	if !w.hasRole("forgecroft-runner-apply") || w.hasRole("forgecroft-runner-plan") || w.providers() != 1 {
		t.Error("deletion left or took the wrong things")
	}
	if _, err := w.cfn.DeleteStack(ctx, remove); err != nil {
		t.Errorf("deleting what is gone: %v", err)
	}
}

func TestTerminationProtectionKeepsTheStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	id := w.create()
	ctx := t.Context()
	protect := func(on bool) {
		t.Helper()
		if _, err := w.cfn.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
			StackName: aws.String(testStack), EnableTerminationProtection: aws.Bool(on),
		}); err != nil {
			t.Fatal(err)
		}
	}
	protect(true)
	_, err := w.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(testStack)})
	wantError(t, err, "ValidationError", fmt.Sprintf("Stack [%s] cannot be deleted while TerminationProtection is enabled", id))
	protect(false)
	if _, err := w.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(id)}); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(id, types.StackStatusDeleteComplete)
}
