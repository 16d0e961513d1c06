package sandbox

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/assets"
)

func TestEveryStateThatCanBeAskedForIsReached(t *testing.T) {
	t.Parallel()
	// What must be there afterwards: provider, plan role, apply role.
	want := map[string][3]bool{
		"CREATE_COMPLETE":                              {true, true, true},
		"CREATE_FAILED":                                {true, true, false},
		"CREATE_IN_PROGRESS":                           {false, false, false},
		"DELETE_FAILED":                                {true, true, false},
		"DELETE_IN_PROGRESS":                           {true, true, true},
		"REVIEW_IN_PROGRESS":                           {false, false, false},
		"ROLLBACK_COMPLETE":                            {true, false, false},
		"ROLLBACK_FAILED":                              {true, true, false},
		"ROLLBACK_IN_PROGRESS":                         {true, true, false},
		"UPDATE_COMPLETE":                              {true, true, true},
		"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":          {true, true, true},
		"UPDATE_FAILED":                                {true, true, true},
		"UPDATE_IN_PROGRESS":                           {true, true, true},
		"UPDATE_ROLLBACK_COMPLETE":                     {true, true, true},
		"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": {true, true, true},
		"UPDATE_ROLLBACK_FAILED":                       {true, true, true},
		"UPDATE_ROLLBACK_IN_PROGRESS":                  {true, true, true},
	}
	for _, status := range StackStates() {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, Options{StackDuration: time.Minute})
				w.setUp(status)
				w.wantStatus(testStack, types.StackStatus(status))
				got := [3]bool{w.providers() == 1, w.hasRole("forgecroft-runner-plan"), w.hasRole("forgecroft-runner-apply")}
				if got != want[status] {
					t.Errorf("provider, plan, apply: %v, want %v", got, want[status])
				}
				if !strings.HasSuffix(status, "_IN_PROGRESS") || status == reviewInProgress {
					return
				}
				time.Sleep(2*time.Hour + time.Minute)
				if s := w.find(); s != nil && strings.HasSuffix(string(s.StackStatus), "_IN_PROGRESS") {
					t.Errorf("still %s after two hours", s.StackStatus)
				}
			})
		})
	}
	if len(want) != len(StackStates()) {
		t.Error("a state is missing here")
	}
}

func (w *world) setUp(status string) {
	w.t.Helper()
	if err := w.s.SetUpStack(StackSetup{
		Account: w.s.Accounts()[0].ID, Region: testRegion, Name: testStack, Status: status,
		Template: string(assets.Template), Parameters: map[string]string{"OrgId": testOrg, "AllowedRegions": "us-east-1"},
	}); err != nil {
		w.t.Fatal(err)
	}
}

// find returns the stack, or nil if it is gone.
func (w *world) find() *types.Stack {
	out, err := w.cfn.DescribeStacks(w.t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String(testStack)})
	if err != nil {
		return nil
	}
	return &out.Stacks[0]
}

func TestStuckStacksAreHelpedByWhatAWSOffers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from string
		help func(context.Context, *world) error
		want string // the state afterwards; empty: gone
	}{
		"rollback of a failed creation deletes": {"CREATE_FAILED", rollBack, ""},
		"rollback of a failed update":           {"UPDATE_FAILED", rollBack, "UPDATE_ROLLBACK_COMPLETE"},
		"continue a rollback":                   {"UPDATE_ROLLBACK_FAILED", goOn(), "UPDATE_ROLLBACK_COMPLETE"},
		"continue a rollback and skip":          {"UPDATE_ROLLBACK_FAILED", goOn("ApplyRole"), "UPDATE_ROLLBACK_COMPLETE"},
		"delete again":                          {"DELETE_FAILED", remove, ""},
		"delete what failed to roll back":       {"ROLLBACK_FAILED", remove, ""},
		"delete what failed to be created":      {"CREATE_FAILED", remove, ""},
		"delete during creation":                {"CREATE_IN_PROGRESS", remove, ""},
		"cancel an update": {"UPDATE_IN_PROGRESS", func(ctx context.Context, w *world) error {
			_, err := w.cfn.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: aws.String(testStack)})
			return err
		}, "UPDATE_ROLLBACK_COMPLETE"},
		"update what failed to update": {"UPDATE_FAILED", func(ctx context.Context, w *world) error {
			_, err := w.cfn.UpdateStack(ctx, &cloudformation.UpdateStackInput{
				StackName: aws.String(testStack), UsePreviousTemplate: aws.Bool(true), Parameters: required(), Capabilities: named, DisableRollback: aws.Bool(true),
			})
			return err
		}, "UPDATE_COMPLETE"},
		"execute the change set of a shell": {"REVIEW_IN_PROGRESS", func(ctx context.Context, w *world) error {
			_, err := w.cfn.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{StackName: aws.String(testStack), ChangeSetName: aws.String(testStack)})
			return err
		}, "CREATE_COMPLETE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			newWorld(t, Options{Dir: dir}).setUp(c.from)
			w := newWorld(t, Options{Dir: dir}) // another process has to understand what the first one left
			if err := c.help(t.Context(), w); err != nil {
				t.Fatal(err)
			}
			s := w.find()
			switch {
			case s == nil && c.want != "":
				t.Errorf("gone, want %s", c.want)
			case s != nil && string(s.StackStatus) != c.want:
				t.Errorf("%s (%s), want %q", s.StackStatus, aws.ToString(s.StackStatusReason), c.want)
			case s == nil && (w.hasRole("forgecroft-runner-plan") || w.hasRole("forgecroft-runner-apply")):
				t.Error("roles are left")
			}
		})
	}
}

func rollBack(ctx context.Context, w *world) error {
	_, err := w.cfn.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: aws.String(testStack)})
	return err
}

func goOn(skip ...string) func(context.Context, *world) error {
	return func(ctx context.Context, w *world) error {
		_, err := w.cfn.ContinueUpdateRollback(ctx, &cloudformation.ContinueUpdateRollbackInput{StackName: aws.String(testStack), ResourcesToSkip: skip})
		return err
	}
}

func remove(ctx context.Context, w *world) error {
	_, err := w.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(testStack)})
	return err
}

func TestOperationsThatDoNotFitTheStateAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	ctx := t.Context()
	_, err := w.cfn.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: aws.String(testStack)})
	wantError(t, err, "ValidationError", "is in CREATE_COMPLETE state and can not be rolled back.")
	wantError(t, goOn()(ctx, w), "ValidationError", "is in CREATE_COMPLETE state and can not continue rollback.")
	_, err = w.cfn.CancelUpdateStack(ctx, &cloudformation.CancelUpdateStackInput{StackName: aws.String(testStack)})
	wantError(t, err, "ValidationError", "CancelUpdateStack cannot be called from current stack status")
	_, err = w.cfn.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String(testStack), TemplateBody: aws.String("x")})
	wantError(t, err, "AlreadyExistsException", "Stack [forgecroft-runner-oidc] already exists")
	_, err = w.cfn.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String("1st"), TemplateBody: aws.String("x")})
	wantError(t, err, "ValidationError", "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*")
	_, err = w.cfn.CreateStackSet(ctx, &cloudformation.CreateStackSetInput{StackSetName: aws.String("x")})
	wantError(t, err, "NotImplemented", "the sandbox does not imitate cloudformation:CreateStackSet")
}

func TestAnOperationGoesOnAfterTheProcessThatStartedItIsGone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := newWorld(t, Options{Dir: dir, StackDuration: 300 * time.Millisecond})
	id := first.create()
	deadline := time.Now().Add(10 * time.Second)
	for {
		second := newWorld(t, Options{Dir: dir}) // another process: other memory, same folder
		s := second.stack(id)
		if s.StackStatus == types.StackStatusCreateComplete {
			if !second.hasRole("forgecroft-runner-apply") {
				t.Error("complete without its role")
			}
			return
		}
		if s.StackStatus != types.StackStatusCreateInProgress || time.Now().After(deadline) {
			t.Fatalf("stack is %s", s.StackStatus)
		}
		time.Sleep(20 * time.Millisecond) // the real clock: two sandboxes share a folder
	}
}

func TestDescribeEventsTellsTheFailuresOfAnOperation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Accounts: 1, Faults: []Fault{{Kind: FaultStackFailure, Accounts: 1, Reason: "quota"}}})
	ctx := t.Context()
	set := w.propose(changeSetInput(types.ChangeSetTypeCreate, required()))
	w.execute(set, "")
	out, err := w.cfn.DescribeEvents(ctx, &cloudformation.DescribeEventsInput{
		ChangeSetName: set.ChangeSetId, Filters: &types.EventFilter{FailedEvents: aws.Bool(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range out.OperationEvents {
		got = append(got, *e.LogicalResourceId+" "+string(e.EventType)+" "+string(e.OperationType))
		if !strings.HasPrefix(aws.ToString(e.ResourceStatusReason), "Resource ") {
			t.Errorf("reason %s", aws.ToString(e.ResourceStatusReason))
		}
	}
	if diff := cmp.Diff([]string{"ApplyRole PROVISIONING_ERROR CREATE_STACK", "PlanRole PROVISIONING_ERROR CREATE_STACK"}, got); diff != "" {
		t.Error(diff)
	}
	all, err := w.cfn.DescribeEvents(ctx, &cloudformation.DescribeEventsInput{StackName: aws.String(testStack)})
	if err != nil || all.OperationEvents[0].OperationStatus != types.BeaconStackOperationStatusFailed || all.OperationEvents[0].EndTime == nil {
		t.Errorf("events %+v, %v", all.OperationEvents[0], err)
	}
	_, err = w.cfn.DescribeEvents(ctx, &cloudformation.DescribeEventsInput{OperationId: aws.String("none")})
	wantError(t, err, "ValidationError", "Operation with id none does not exist")
}

func TestEventsComeInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	for i := range 20 { // each update is seven events
		if _, err := w.cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
			StackName: aws.String(testStack), UsePreviousTemplate: aws.Bool(true), Capabilities: named,
			Parameters: required("MaxSessionDuration", fmt.Sprint(3600+i%2+1)),
		}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := w.cfn.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String(testStack)})
	if err != nil || len(out.StackEvents) != eventsShown || out.NextToken == nil {
		t.Fatalf("%d events, next %v, %v", len(out.StackEvents), out.NextToken, err)
	}
	if got, want := len(w.events(testStack)), 11+20*7; got != want {
		t.Errorf("%d events, want %d", got, want)
	}
}

func TestTheTemplateIsSummarised(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	ctx := t.Context()
	out, err := w.cfn.GetTemplateSummary(ctx, &cloudformation.GetTemplateSummaryInput{TemplateBody: aws.String(string(assets.Template))})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"AWS::IAM::OIDCProvider", "AWS::IAM::Role", "AWS::IAM::Role"}, out.ResourceTypes); diff != "" {
		t.Error(diff)
	}
	if len(out.Parameters) == 0 || *out.Parameters[0].ParameterKey != "OrgId" || out.Parameters[0].DefaultValue != nil ||
		out.Capabilities[0] != "CAPABILITY_NAMED_IAM" || *out.CapabilitiesReason != "The following resource(s) require capabilities: [AWS::IAM::Role]" ||
		!strings.Contains(*out.Metadata, `"AWS::CloudFormation::Interface"`) || len(out.ResourceIdentifierSummaries) != 2 {
		t.Errorf("summary %+v", out)
	}
	valid, err := w.cfn.ValidateTemplate(ctx, &cloudformation.ValidateTemplateInput{TemplateBody: aws.String(string(assets.Template))})
	if err != nil || len(valid.Parameters) != len(out.Parameters) {
		t.Errorf("validated %+v, %v", valid, err)
	}
	w.create()
	template, err := w.cfn.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: aws.String(testStack)})
	if err != nil || *template.TemplateBody != string(assets.Template) {
		t.Errorf("the template came back changed, %v", err)
	}
}

func TestDriftIsFoundAndNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	ctx := t.Context()
	detect := func() (string, map[string]string) {
		t.Helper()
		started, err := w.cfn.DetectStackDrift(ctx, &cloudformation.DetectStackDriftInput{StackName: aws.String(testStack)})
		if err != nil {
			t.Fatal(err)
		}
		status, err := w.cfn.DescribeStackDriftDetectionStatus(ctx, &cloudformation.DescribeStackDriftDetectionStatusInput{StackDriftDetectionId: started.StackDriftDetectionId})
		if err != nil {
			t.Fatal(err)
		}
		drifts, err := w.cfn.DescribeStackResourceDrifts(ctx, &cloudformation.DescribeStackResourceDriftsInput{StackName: aws.String(testStack)})
		if err != nil {
			t.Fatal(err)
		}
		found := map[string]string{}
		for _, d := range drifts.StackResourceDrifts {
			line := string(d.StackResourceDriftStatus)
			for _, p := range d.PropertyDifferences {
				line += " " + *p.PropertyPath
			}
			found[*d.LogicalResourceId] = line
		}
		return string(status.StackDriftStatus), found
	}
	status, found := detect()
	if diff := cmp.Diff(map[string]string{"OidcProvider": "IN_SYNC", "PlanRole": "IN_SYNC", "ApplyRole": "IN_SYNC"}, found); diff != "" || status != "IN_SYNC" {
		t.Fatalf("status %s, %s", status, diff)
	}
	if _, err := w.iam.UpdateAssumeRolePolicy(ctx, &iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("forgecroft-runner-plan"), PolicyDocument: aws.String(trustAdmin)}); err != nil {
		t.Fatal(err)
	}
	for name, policy := range map[string]string{"forgecroft-runner-apply": "everything-in-allowed-regions"} {
		if _, err := w.iam.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: aws.String(name), PolicyName: aws.String(policy)}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.iam.DeleteRole(ctx, &iam.DeleteRoleInput{RoleName: aws.String(name)}); err != nil {
			t.Fatal(err)
		}
	}
	status, found = detect()
	if diff := cmp.Diff(map[string]string{"OidcProvider": "IN_SYNC", "PlanRole": "MODIFIED /AssumeRolePolicyDocument", "ApplyRole": "DELETED"}, found); diff != "" || status != "DRIFTED" {
		t.Errorf("status %s, %s", status, diff)
	}
}

func TestPoliciesOfTheirOwnAreMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	ctx := t.Context()
	template := `Parameters: {Action: {Type: String}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: ` + trustAdmin + `
      ManagedPolicyArns: [!Ref Managed]
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: !Ref Action, Resource: "*"}}
  Inline:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: inline
      Roles: [!Ref Role]
      PolicyDocument: {Version: 2012-10-17, Statement: {Effect: Allow, Action: !Ref Action, Resource: "*"}}
Outputs:
  Role: {Value: !Ref Role}
  Managed: {Value: !GetAtt Managed.PolicyArn}
`
	if _, err := w.cfn.CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: aws.String("policies"), TemplateBody: aws.String(template), Parameters: params("Action", "iam:Get*"),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	}); err != nil {
		t.Fatal(err)
	}
	w.wantStatus("policies", types.StackStatusCreateComplete)
	role := *w.stack("policies").Outputs[0].OutputValue
	if !strings.HasPrefix(role, "policies-Role-") {
		t.Errorf("role %s", role)
	}
	if _, err := w.cfn.UpdateStack(ctx, &cloudformation.UpdateStackInput{
		StackName: aws.String("policies"), UsePreviousTemplate: aws.Bool(true), Parameters: params("Action", "iam:List*"),
		Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	}); err != nil {
		t.Fatal(err)
	}
	w.wantStatus("policies", types.StackStatusUpdateComplete)
	got, err := w.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: aws.String(role), PolicyName: aws.String("inline")})
	if err != nil || !strings.Contains(*got.PolicyDocument, "iam%3AList") {
		t.Errorf("inline policy %+v, %v", got, err)
	}
	if _, err := w.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String("policies")}); err != nil {
		t.Fatal(err)
	}
	if s := w.hasRole(role); s {
		t.Error("the role is left")
	}
}

func TestAStackMayNoMoreThanWhoeverStartedIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	ctx := t.Context()
	if _, err := w.iam.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("weak"), AssumeRolePolicyDocument: aws.String(trustAdmin)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("weak"), PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:CreateOpenIDConnectProvider","iam:TagOpenIDConnectProvider"],"Resource":"*"}}`)}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.cfn.CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: aws.String(testStack), TemplateBody: aws.String(string(assets.Template)), Parameters: required(), Capabilities: named,
		RoleARN: aws.String("arn:aws:iam::010000000001:role/weak"), OnFailure: types.OnFailureDoNothing,
	}); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(testStack, types.StackStatusCreateFailed)
	events := strings.Join(w.events(testStack), "\n")
	if !strings.Contains(events, "assumed-role/weak/AWSCloudFormation is not authorized to perform: iam:CreateRole") || !strings.Contains(events, "HandlerErrorCode: AccessDenied") {
		t.Errorf("events:\n%s", events)
	}
}

func TestManyAccountsDeployAtOnce(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, Options{Accounts: 200})
	var wg sync.WaitGroup
	failures := make([]error, len(s.Accounts()))
	for i, a := range s.Accounts() {
		wg.Go(func() { failures[i] = deployAs(t.Context(), s, a.ID) })
	}
	wg.Wait()
	for i, err := range failures {
		if err != nil {
			t.Fatalf("account %d: %v", i, err)
		}
	}
}

// deployAs deploys Forgecroft's template in an account, in the calls that a deployment takes.
func deployAs(ctx context.Context, s *Sandbox, account string) error {
	client := cloudformation.NewFromConfig(s.ConfigFor(account, testRegion))
	made, err := client.CreateChangeSet(ctx, changeSetInput(types.ChangeSetTypeCreate, required()))
	if err != nil {
		return err
	}
	if _, err := client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: made.Id, IncludePropertyValues: aws.Bool(true)}); err != nil {
		return err
	}
	if _, err := client.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{ChangeSetName: made.Id}); err != nil {
		return err
	}
	out, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: made.StackId})
	if err != nil {
		return err
	}
	if got := out.Stacks[0].StackStatus; got != types.StackStatusCreateComplete {
		return fmt.Errorf("stack is %s", got)
	}
	return nil
}

// BenchmarkDeploy measures four calls of one account, the SDK's part included.
func BenchmarkDeploy(b *testing.B) {
	s, err := New(Options{Accounts: MaxAccounts})
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		if err := deployAs(b.Context(), s, s.accounts[i].ID); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
