package sandbox

import (
	"slices"
	"strings"
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

// changeSetInput asks for a change set of Forgecroft's template.
func changeSetInput(kind types.ChangeSetType, p []types.Parameter) *cloudformation.CreateChangeSetInput {
	return &cloudformation.CreateChangeSetInput{
		StackName: aws.String(testStack), ChangeSetName: aws.String("cs"), ChangeSetType: kind,
		TemplateBody: aws.String(string(assets.Template)), Parameters: p, Capabilities: named,
	}
}

// propose makes a change set and describes it with property values.
func (w *world) propose(in *cloudformation.CreateChangeSetInput) *cloudformation.DescribeChangeSetOutput {
	w.t.Helper()
	made, err := w.cfn.CreateChangeSet(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := w.cfn.DescribeChangeSet(w.t.Context(), &cloudformation.DescribeChangeSetInput{
		ChangeSetName: made.Id, IncludePropertyValues: aws.Bool(true),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func (w *world) execute(set *cloudformation.DescribeChangeSetOutput, token string) {
	w.t.Helper()
	in := &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId}
	if token != "" {
		in.ClientRequestToken = aws.String(token)
	}
	if _, err := w.cfn.ExecuteChangeSet(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

// summary is "Action Id Replacement: property<-cause ..." for every change.
func summary(changes []types.Change) []string {
	var lines []string
	for _, c := range changes {
		r := c.ResourceChange
		line := string(r.Action) + " " + *r.LogicalResourceId
		if r.Replacement != "" {
			line += " " + string(r.Replacement)
		}
		for _, d := range r.Details {
			line += " " + string(d.Target.Attribute) + "/" + aws.ToString(d.Target.Name) + "<-" + string(d.ChangeSource) + ":" + aws.ToString(d.CausingEntity)
		}
		if r.PolicyAction != "" {
			line += " " + string(r.PolicyAction)
		}
		lines = append(lines, line)
	}
	return lines
}

func TestACreateChangeSetMakesAShellAndThenTheStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	set := w.propose(changeSetInput(types.ChangeSetTypeCreate, required()))
	if set.Status != types.ChangeSetStatusCreateComplete || set.ExecutionStatus != types.ExecutionStatusAvailable {
		t.Fatalf("change set %s, %s", set.Status, set.ExecutionStatus)
	}
	w.wantStatus(testStack, types.StackStatusReviewInProgress)
	if diff := cmp.Diff([]string{"Add OidcProvider", "Add PlanRole", "Add ApplyRole"}, summary(set.Changes)); diff != "" {
		t.Error(diff)
	}
	after := aws.ToString(set.Changes[1].ResourceChange.AfterContext)
	if !strings.Contains(after, `"Federated":"{{changeSet:KNOWN_AFTER_APPLY}}"`) || !strings.Contains(after, testOrg) {
		t.Errorf("after %s", after)
	}
	if w.providers() != 0 {
		t.Error("a change set made something")
	}
	w.execute(set, "token-1")
	w.wantStatus(testStack, types.StackStatusCreateComplete)
	events, err := w.cfn.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String(testStack)})
	if err != nil {
		t.Fatal(err)
	}
	last := events.StackEvents[len(events.StackEvents)-1]
	if last.ResourceStatus != "REVIEW_IN_PROGRESS" || last.ClientRequestToken != nil {
		t.Errorf("first event %+v", last)
	}
	for _, e := range events.StackEvents[:len(events.StackEvents)-1] {
		if aws.ToString(e.ClientRequestToken) != "token-1" || aws.ToString(e.OperationId) == "" {
			t.Errorf("event %s %s without its token", *e.LogicalResourceId, e.ResourceStatus)
		}
	}
}

func TestAChangeSetTakesAMomentAndCannotBeExecutedBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{StackDuration: 20 * time.Second})
		set := w.propose(changeSetInput(types.ChangeSetTypeCreate, required()))
		if set.Status != types.ChangeSetStatusCreateInProgress || len(set.Changes) > 0 {
			t.Errorf("change set %s with %d changes", set.Status, len(set.Changes))
		}
		_, err := w.cfn.ExecuteChangeSet(t.Context(), &cloudformation.ExecuteChangeSetInput{ChangeSetName: set.ChangeSetId})
		wantError(t, err, "InvalidChangeSetStatus", "cannot be executed in its current status of [CREATE_IN_PROGRESS]")
		time.Sleep(time.Second)
		w.execute(set, "")
		time.Sleep(20 * time.Second)
		w.wantStatus(testStack, types.StackStatusCreateComplete)
	})
}

func TestAnUpdateChangesWhatTheParametersChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	other := "99999999-aaaa-4bbb-8ccc-ddddeeeeffff"
	set := w.propose(changeSetInput(types.ChangeSetTypeUpdate, []types.Parameter{
		{ParameterKey: aws.String("OrgId"), ParameterValue: aws.String(other)},
		{ParameterKey: aws.String("AllowedRegions"), UsePreviousValue: aws.Bool(true)},
		{ParameterKey: aws.String("MaxSessionDuration"), ParameterValue: aws.String("7200")},
	}))
	if diff := cmp.Diff([]string{
		"Modify PlanRole False Properties/AssumeRolePolicyDocument<-ParameterReference:OrgId Properties/MaxSessionDuration<-ParameterReference:MaxSessionDuration",
		"Modify ApplyRole False Properties/AssumeRolePolicyDocument<-ParameterReference:OrgId Properties/MaxSessionDuration<-ParameterReference:MaxSessionDuration",
	}, summary(set.Changes)); diff != "" {
		t.Fatal(diff)
	}
	target := set.Changes[0].ResourceChange.Details[0].Target
	if !strings.Contains(aws.ToString(target.BeforeValue), testOrg) || !strings.Contains(aws.ToString(target.AfterValue), other) ||
		aws.ToString(target.Path) != "/Properties/AssumeRolePolicyDocument" || target.AttributeChangeType != types.AttributeChangeTypeModify {
		t.Errorf("target %+v", target)
	}
	w.execute(set, "")
	w.wantStatus(testStack, types.StackStatusUpdateComplete)
	role, err := w.iam.GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("forgecroft-runner-plan")})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(*role.Role.AssumeRolePolicyDocument, other) || *role.Role.MaxSessionDuration != 7200 {
		t.Errorf("role %+v", role.Role)
	}
	if diff := cmp.Diff([]string{
		"forgecroft-runner-oidc UPDATE_IN_PROGRESS User Initiated",
		"PlanRole UPDATE_IN_PROGRESS",
		"ApplyRole UPDATE_IN_PROGRESS",
		"PlanRole UPDATE_COMPLETE",
		"ApplyRole UPDATE_COMPLETE",
		"forgecroft-runner-oidc UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
		"forgecroft-runner-oidc UPDATE_COMPLETE",
	}, w.events(testStack)[11:]); diff != "" {
		t.Error(diff)
	}
}

func TestNothingToChangeIsAFailedChangeSet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	for name, c := range map[string]struct {
		in   *cloudformation.CreateChangeSetInput
		want string
	}{
		"the same": {changeSetInput(types.ChangeSetTypeUpdate, required()), sameSubmission},
		"a comment": {func() *cloudformation.CreateChangeSetInput {
			in := changeSetInput(types.ChangeSetTypeUpdate, required())
			in.TemplateBody = aws.String(string(assets.Template) + "\n# a comment\n")
			return in
		}(), noUpdates},
	} {
		c.in.ChangeSetName = aws.String("cs-" + strings.Fields(name)[1])
		set := w.propose(c.in)
		if set.Status != types.ChangeSetStatusFailed || set.ExecutionStatus != types.ExecutionStatusUnavailable || aws.ToString(set.StatusReason) != c.want {
			t.Errorf("%s: %s, %s, %s", name, set.Status, set.ExecutionStatus, aws.ToString(set.StatusReason))
		}
	}
	_, err := w.cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String(testStack), UsePreviousTemplate: aws.Bool(true), Parameters: required(), Capabilities: named,
	})
	wantError(t, err, "ValidationError", "No updates are to be performed.")
}

func TestARenamedRoleIsReplacedAndTheOldOneGoesAtTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	set := w.propose(changeSetInput(types.ChangeSetTypeUpdate, required("PlanRoleName", "other-plan")))
	if diff := cmp.Diff([]string{"Modify PlanRole True Properties/RoleName<-ParameterReference:PlanRoleName ReplaceAndDelete"}, summary(set.Changes)); diff != "" {
		t.Fatal(diff)
	}
	w.execute(set, "")
	w.wantStatus(testStack, types.StackStatusUpdateComplete)
	if w.hasRole("forgecroft-runner-plan") || !w.hasRole("other-plan") {
		t.Error("the wrong role is there")
	}
	if diff := cmp.Diff([]string{
		"forgecroft-runner-oidc UPDATE_IN_PROGRESS User Initiated",
		"PlanRole UPDATE_IN_PROGRESS",
		"PlanRole UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
		"PlanRole UPDATE_COMPLETE",
		"forgecroft-runner-oidc UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
		"PlanRole DELETE_IN_PROGRESS",
		"PlanRole DELETE_COMPLETE",
		"forgecroft-runner-oidc UPDATE_COMPLETE",
	}, w.events(testStack)[11:]); diff != "" {
		t.Error(diff)
	}
}

func TestAResourceWhoseConditionTurnedFalseIsGivenUpAndRetained(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	set := w.propose(changeSetInput(types.ChangeSetTypeUpdate, required("CreateProvider", "false")))
	if diff := cmp.Diff([]string{"Remove OidcProvider Retain"}, summary(set.Changes)); diff != "" {
		t.Fatal(diff)
	}
	w.execute(set, "")
	w.wantStatus(testStack, types.StackStatusUpdateComplete)
	events := w.events(testStack)
	if got := events[len(events)-2]; got != "OidcProvider DELETE_SKIPPED" || w.providers() != 1 {
		t.Errorf("event %s, %d providers", got, w.providers())
	}
	resources, err := w.cfn.ListStackResources(t.Context(), &cloudformation.ListStackResourcesInput{StackName: aws.String(testStack)})
	if err != nil || len(resources.StackResourceSummaries) != 2 {
		t.Errorf("resources %+v, %v", resources, err)
	}
}

func TestAFailedUpdateIsTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	// The new plan role's name is taken: the apply role, changed beside it, must become as it was.
	if _, err := w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("taken"), AssumeRolePolicyDocument: aws.String(trustAdmin)}); err != nil {
		t.Fatal(err)
	}
	set := w.propose(changeSetInput(types.ChangeSetTypeUpdate, required("PlanRoleName", "taken", "WorkspaceId", testOrg, "ApplyRoleName", "renamed-apply")))
	w.execute(set, "")
	w.wantStatus(testStack, types.StackStatusUpdateRollbackComplete)
	s := w.stack(testStack)
	if events := w.events(testStack); !slices.Contains(events, testStack+" UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [PlanRole, ApplyRole]. ") {
		t.Errorf("events:\n%s", strings.Join(events, "\n"))
	}
	if !w.hasRole("forgecroft-runner-plan") || !w.hasRole("forgecroft-runner-apply") || w.hasRole("renamed-apply") || !w.hasRole("taken") {
		t.Error("the wrong roles are there")
	}
	for _, p := range s.Parameters {
		if *p.ParameterKey == "PlanRoleName" && *p.ParameterValue != "forgecroft-runner-plan" {
			t.Errorf("the stack says %s", *p.ParameterValue)
		}
	}
	again := changeSetInput(types.ChangeSetTypeUpdate, required())
	again.ChangeSetName = aws.String("again")
	if set := w.propose(again); aws.ToString(set.StatusReason) != sameSubmission {
		t.Errorf("changes after the rollback: %v", summary(set.Changes))
	}
}

func TestCreateChangeSetRefusesWhatCloudFormationRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	for name, c := range map[string]struct {
		change     func(*cloudformation.CreateChangeSetInput)
		code, text string
	}{
		"no capability":       {func(in *cloudformation.CreateChangeSetInput) { in.Capabilities = nil }, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]"},
		"the weak capability": {func(in *cloudformation.CreateChangeSetInput) { in.Capabilities = []types.Capability{"CAPABILITY_IAM"} }, "InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]"},
		"no org":              {func(in *cloudformation.CreateChangeSetInput) { in.Parameters = nil }, "ValidationError", "Parameters: [OrgId, AllowedRegions] must have values"},
		"unknown parameter":   {func(in *cloudformation.CreateChangeSetInput) { in.Parameters = required("Foo", "x") }, "ValidationError", "Parameters: [Foo] do not exist in the template"},
		"upper case": {func(in *cloudformation.CreateChangeSetInput) {
			in.Parameters = params("OrgId", "ABC", "AllowedRegions", "us-east-1")
		}, "ValidationError", "Parameter OrgId failed to satisfy constraint: must be the organization's UUID in lower case"},
		"a rule": {func(in *cloudformation.CreateChangeSetInput) { in.Parameters = required("TrustMode", "Subject") }, "ValidationError", "TrustMode Subject needs PlanSubject"},
		"previous of none": {func(in *cloudformation.CreateChangeSetInput) {
			in.Parameters = []types.Parameter{{ParameterKey: aws.String("Nope"), UsePreviousValue: aws.Bool(true)}}
		}, "ValidationError", "Cannot specify usePreviousValue as true for a parameter key not in the previous template"},
		"too long": {func(in *cloudformation.CreateChangeSetInput) {
			in.TemplateBody = aws.String(strings.Repeat("#", 51201))
		}, "ValidationError", "Member must have length less than or equal to 51200"},
		"broken": {func(in *cloudformation.CreateChangeSetInput) { in.TemplateBody = aws.String("Resources: [") }, "ValidationError", "Template format error: YAML not well-formed."},
		"unknown type": {func(in *cloudformation.CreateChangeSetInput) {
			in.TemplateBody = aws.String("Resources: {B: {Type: AWS::S3::Bucket}}")
		}, "ValidationError", "Unrecognized resource types: [AWS::S3::Bucket]"},
		"unknown attribute": {func(in *cloudformation.CreateChangeSetInput) {
			in.TemplateBody = aws.String("Resources: {R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}}\nOutputs: {O: {Value: !GetAtt R.Name}}")
			in.Parameters = nil
		}, "ValidationError", "Template error: resource R does not support attribute type Name in Fn::GetAtt"},
		"a URL": {func(in *cloudformation.CreateChangeSetInput) {
			in.TemplateURL = aws.String("https://s3.amazonaws.com/x")
		}, "ValidationError", "the sandbox has no S3"},
		"no template":        {func(in *cloudformation.CreateChangeSetInput) { in.TemplateBody = nil }, "ValidationError", "Either Template URL or Template Body must be specified."},
		"no such stack":      {func(in *cloudformation.CreateChangeSetInput) { in.StackName = aws.String("nope") }, "ValidationError", "Stack [nope] does not exist"},
		"create of existing": {func(in *cloudformation.CreateChangeSetInput) { in.ChangeSetType = types.ChangeSetTypeCreate }, "ValidationError", "already exists and cannot be created again with the changeSet [cs]."},
		"not imitated":       {func(in *cloudformation.CreateChangeSetInput) { in.ImportExistingResources = aws.Bool(true) }, "ValidationError", "the sandbox does not imitate the parameter ImportExistingResources of CreateChangeSet"},
		"a role of nobody": {func(in *cloudformation.CreateChangeSetInput) {
			in.RoleARN = aws.String("arn:aws:iam::010000000001:role/none")
		}, "ValidationError", "is invalid or cannot be assumed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := changeSetInput(types.ChangeSetTypeUpdate, required())
			c.change(in)
			_, err := w.cfn.CreateChangeSet(t.Context(), in)
			wantError(t, err, c.code, c.text)
		})
	}
}

func TestChangeSetsAreFoundListedAndDeleted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	ctx := t.Context()
	set := w.propose(changeSetInput(types.ChangeSetTypeCreate, required()))
	_, err := w.cfn.CreateChangeSet(ctx, changeSetInput(types.ChangeSetTypeCreate, required()))
	wantError(t, err, "AlreadyExistsException", "ChangeSet cs already exists")
	list, err := w.cfn.ListChangeSets(ctx, &cloudformation.ListChangeSetsInput{StackName: aws.String(testStack)})
	if err != nil || len(list.Summaries) != 1 || *list.Summaries[0].ChangeSetId != *set.ChangeSetId {
		t.Fatalf("list %+v, %v", list, err)
	}
	_, err = w.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: aws.String("cs")})
	wantError(t, err, "ValidationError", "StackName must be specified if ChangeSetName is not specified as an ARN.")
	for range 2 { // deleting twice is no error
		if _, err := w.cfn.DeleteChangeSet(ctx, &cloudformation.DeleteChangeSetInput{StackName: aws.String(testStack), ChangeSetName: aws.String("cs")}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = w.cfn.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: set.ChangeSetId})
	wantError(t, err, "ChangeSetNotFound", "does not exist")
	w.wantStatus(testStack, types.StackStatusReviewInProgress)
	if _, err := w.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(testStack)}); err != nil {
		t.Fatal(err)
	}
	w.wantStatus(*set.StackId, types.StackStatusDeleteComplete)
}

func TestARequestTokenMakesARetrySafe(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	ctx := t.Context()
	in := changeSetInput(types.ChangeSetTypeCreate, required())
	in.ClientToken = aws.String("prepare")
	first, err := w.cfn.CreateChangeSet(ctx, in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := w.cfn.CreateChangeSet(ctx, in)
	if err != nil || *again.Id != *first.Id {
		t.Fatalf("again %+v, %v", again, err)
	}
	execute := &cloudformation.ExecuteChangeSetInput{ChangeSetName: first.Id, ClientRequestToken: aws.String("run")}
	for range 2 {
		if _, err := w.cfn.ExecuteChangeSet(ctx, execute); err != nil {
			t.Fatal(err)
		}
	}
	execute.ClientRequestToken = aws.String("other")
	_, err = w.cfn.ExecuteChangeSet(ctx, execute)
	wantError(t, err, "InvalidChangeSetStatus", "cannot be executed in its current status of [EXECUTE_COMPLETE]")
	_, err = w.cfn.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(testStack), ClientRequestToken: aws.String("run")})
	wantError(t, err, "TokenAlreadyExistsException", "run")
	if got := len(w.events(testStack)); got != 12 {
		t.Errorf("%d events: the stack was made twice", got)
	}
}

func TestAnExistingProviderIsImported(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	ctx := t.Context()
	made, err := w.iam.CreateOpenIDConnectProvider(ctx, &iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://api.forgecroft.com"), ClientIDList: []string{"sts.amazonaws.com"}})
	if err != nil {
		t.Fatal(err)
	}
	in := &cloudformation.CreateChangeSetInput{
		StackName: aws.String("adopted"), ChangeSetName: aws.String("cs"), ChangeSetType: types.ChangeSetTypeImport,
		TemplateBody: aws.String("Resources: {P: {Type: AWS::IAM::OIDCProvider, DeletionPolicy: Retain, Properties: {Url: 'https://api.forgecroft.com', ClientIdList: [sts.amazonaws.com]}}}\nOutputs: {Arn: {Value: !GetAtt P.Arn}}"),
		ResourcesToImport: []types.ResourceToImport{{
			LogicalResourceId: aws.String("P"), ResourceType: aws.String("AWS::IAM::OIDCProvider"), ResourceIdentifier: map[string]string{"Arn": *made.OpenIDConnectProviderArn + "x"},
		}},
	}
	_, err = w.cfn.CreateChangeSet(ctx, in)
	wantError(t, err, "ValidationError", "does not exist")
	in.ResourcesToImport[0].ResourceIdentifier["Arn"] = *made.OpenIDConnectProviderArn
	set := w.propose(in)
	if diff := cmp.Diff([]string{"Import P"}, summary(set.Changes)); diff != "" {
		t.Fatal(diff)
	}
	w.execute(set, "")
	w.wantStatus("adopted", types.StackStatusImportComplete)
	if got := w.stack("adopted").Outputs; len(got) != 1 || *got[0].OutputValue != *made.OpenIDConnectProviderArn {
		t.Errorf("outputs %+v", got)
	}
	in.StackName = aws.String("second")
	_, err = w.cfn.CreateChangeSet(ctx, in)
	wantError(t, err, "ValidationError", "is already managed by stack")
}
