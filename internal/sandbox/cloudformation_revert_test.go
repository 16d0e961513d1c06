package sandbox

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"
)

const allowAll = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// revertInput asks for a drift-aware change set of what is deployed.
func revertInput(p []types.Parameter) *cloudformation.CreateChangeSetInput {
	in := changeSetInput(types.ChangeSetTypeUpdate, p)
	in.DeploymentMode = types.DeploymentModeRevertDrift
	return in
}

// must fails the test if a change made by hand did not succeed.
func must[Out any](t *testing.T) func(Out, error) Out {
	return func(out Out, err error) Out {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// setTrust edits the trust policy of a role by hand.
func (w *world) setTrust(role, trust string) {
	w.t.Helper()
	must[*iam.UpdateAssumeRolePolicyOutput](w.t)(w.iam.UpdateAssumeRolePolicy(w.t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &role, PolicyDocument: &trust}))
}

// deleteApplyRole deletes the apply role by hand.
func (w *world) deleteApplyRole() {
	w.t.Helper()
	name := aws.String(applyRoleName)
	must[*iam.DeleteRolePolicyOutput](w.t)(w.iam.DeleteRolePolicy(w.t.Context(), &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("everything-in-allowed-regions")}))
	must[*iam.DeleteRoleOutput](w.t)(w.iam.DeleteRole(w.t.Context(), &iam.DeleteRoleInput{RoleName: name}))
}

// entities are what the management account's IAM holds, without ids and times that a
// resource made again has anew.
func (w *world) entities() string {
	w.t.Helper()
	text := ""
	err := w.s.open(management, testRegion, func(a *account) error {
		var roles []role
		for _, r := range sorted(a.state.Roles) {
			copied := *r
			copied.ID, copied.Created = "", time.Time{}
			slices.SortFunc(copied.Tags, func(x, y tag) int { return strings.Compare(x.Key, y.Key) })
			slices.Sort(copied.Attached)
			roles = append(roles, copied)
		}
		var providers []provider
		for _, p := range sorted(a.state.Providers) {
			copied := *p
			copied.Created = time.Time{}
			slices.SortFunc(copied.Tags, func(x, y tag) int { return strings.Compare(x.Key, y.Key) })
			providers = append(providers, copied)
		}
		raw, err := json.MarshalIndent([]any{roles, providers}, "", " ")
		text = string(raw)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

func TestADriftAwareChangeSetRestoresWhatTheTemplateSets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	before, ctx := w.entities(), t.Context()
	provider := "arn:aws:iam::" + management + ":oidc-provider/api.forgecroft.com"
	w.setTrust(planRoleName, trustAdmin)
	must[*iam.DetachRolePolicyOutput](t)(w.iam.DetachRolePolicy(ctx, &iam.DetachRolePolicyInput{RoleName: aws.String(planRoleName), PolicyArn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}))
	must[*iam.AttachRolePolicyOutput](t)(w.iam.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{RoleName: aws.String(planRoleName), PolicyArn: aws.String("arn:aws:iam::aws:policy/AdministratorAccess")}))
	must[*iam.UpdateRoleOutput](t)(w.iam.UpdateRole(ctx, &iam.UpdateRoleInput{RoleName: aws.String(applyRoleName), MaxSessionDuration: aws.Int32(7200), Description: aws.String("mine")}))
	must[*iam.PutRolePolicyOutput](t)(w.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String(applyRoleName), PolicyName: aws.String("more"), PolicyDocument: aws.String(allowAll)}))
	must[*iam.UntagRoleOutput](t)(w.iam.UntagRole(ctx, &iam.UntagRoleInput{RoleName: aws.String(applyRoleName), TagKeys: []string{"forgecroft:managed-by"}}))
	must[*iam.AddClientIDToOpenIDConnectProviderOutput](t)(w.iam.AddClientIDToOpenIDConnectProvider(ctx, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: &provider, ClientID: aws.String("another")}))
	must[*iam.UpdateOpenIDConnectProviderThumbprintOutput](t)(w.iam.UpdateOpenIDConnectProviderThumbprint(ctx, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: &provider, ThumbprintList: []string{strings.Repeat("a", 40)}}))

	if set := w.propose(changeSetInput(types.ChangeSetTypeUpdate, required())); set.Status != types.ChangeSetStatusFailed || set.DeploymentMode != "" {
		t.Errorf("an ordinary change set is %s: it looks at templates only", set.Status)
	}
	in := revertInput(required())
	in.ChangeSetName = aws.String("revert")
	set := w.propose(in)
	want := []string{
		"Modify OidcProvider False Properties/ClientIdList<-NoModification: Properties/ThumbprintList<-NoModification:",
		"Modify PlanRole False Properties/AssumeRolePolicyDocument<-NoModification: Properties/ManagedPolicyArns<-NoModification:",
		"Modify ApplyRole False Properties/Description<-NoModification: Properties/MaxSessionDuration<-NoModification: " +
			"Properties/Policies<-NoModification: Properties/Tags<-NoModification:",
	}
	if diff := cmp.Diff(want, summary(set.Changes)); diff != "" {
		t.Error(diff)
	}
	if set.DeploymentMode != types.DeploymentModeRevertDrift || set.StackDriftStatus != types.StackDriftStatusDrifted {
		t.Errorf("mode %q, drift %q", set.DeploymentMode, set.StackDriftStatus)
	}
	plan := set.Changes[1].ResourceChange
	trust := plan.Details[0].Target
	if plan.ResourceDriftStatus != types.StackResourceDriftStatusModified || trust.BeforeValueFrom != types.BeforeValueFromActualState ||
		trust.AfterValueFrom != types.AfterValueFromTemplate || aws.ToString(trust.Drift.ActualValue) != trustAdmin || !strings.Contains(aws.ToString(trust.AfterValue), testOrg) {
		t.Errorf("change %+v %+v %+v", plan, trust, trust.Drift)
	}

	w.execute(set, "token-2")
	w.wantStatus(testStack, types.StackStatusUpdateComplete)
	if diff := cmp.Diff(before, w.entities()); diff != "" {
		t.Error(diff)
	}
	events := strings.Join(w.events(testStack), "\n")
	for _, line := range []string{"OidcProvider UPDATE_COMPLETE", "PlanRole UPDATE_IN_PROGRESS", "PlanRole UPDATE_COMPLETE", "ApplyRole UPDATE_COMPLETE"} {
		if !strings.Contains(events, line) {
			t.Errorf("no event %q in\n%s", line, events)
		}
	}
	if again := w.propose(revertInput(required())); again.Status != types.ChangeSetStatusFailed ||
		!strings.Contains(aws.ToString(again.StatusReason), "didn't contain changes") || again.StackDriftStatus != types.StackDriftStatusInSync {
		t.Errorf("after that a change set is %s (%s), drift %s", again.Status, aws.ToString(again.StatusReason), again.StackDriftStatus)
	}
}

func TestResourcesDeletedByHandAreMadeAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{Dir: t.TempDir()})
	w.create()
	before := w.entities()
	w.deleteApplyRole()
	provider := "arn:aws:iam::" + management + ":oidc-provider/api.forgecroft.com"
	must[*iam.DeleteOpenIDConnectProviderOutput](t)(w.iam.DeleteOpenIDConnectProvider(t.Context(), &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: &provider}))
	set := w.propose(revertInput(required()))
	want := []string{
		"Add OidcProvider",
		"Modify PlanRole False Properties/AssumeRolePolicyDocument<-ResourceReference:OidcProvider",
		"Add ApplyRole",
	}
	if diff := cmp.Diff(want, summary(set.Changes)); diff != "" {
		t.Error(diff)
	}
	if got := set.Changes[0].ResourceChange.ResourceDriftStatus; got != types.StackResourceDriftStatusDeleted {
		t.Errorf("drift of the provider %s", got)
	}
	// Another process executes it: all that matters is in the folder.
	w.s = newSandbox(t, Options{Dir: w.s.options.Dir})
	w.cfn = cloudformation.NewFromConfig(w.s.Config(testRegion))
	w.execute(set, "")
	w.wantStatus(testStack, types.StackStatusUpdateComplete)
	if diff := cmp.Diff(before, w.entities()); diff != "" {
		t.Error(diff)
	}
	events := strings.Join(w.events(testStack), "\n")
	if !strings.Contains(events, "ApplyRole CREATE_COMPLETE") || strings.Contains(events, "PlanRole UPDATE") {
		t.Error(events)
	}
}

func TestATemplateThatCaughtUpWithTheAccountChangesNothingThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	must[*iam.UpdateRoleOutput](t)(w.iam.UpdateRole(t.Context(), &iam.UpdateRoleInput{RoleName: aws.String(applyRoleName), MaxSessionDuration: aws.Int32(7200)}))
	set := w.propose(revertInput(required("MaxSessionDuration", "7200")))
	want := []string{
		"Modify PlanRole False Properties/MaxSessionDuration<-ParameterReference:MaxSessionDuration",
		"SyncWithActual ApplyRole Properties/MaxSessionDuration<-NoModification:",
	}
	if diff := cmp.Diff(want, summary(set.Changes)); diff != "" {
		t.Error(diff)
	}
	if got := set.Changes[1].ResourceChange.Details[0].Target.AttributeChangeType; got != types.AttributeChangeTypeSyncWithActual {
		t.Errorf("type of the change %s", got)
	}
	w.execute(set, "")
	w.wantStatus(testStack, types.StackStatusUpdateComplete)
	if again := w.propose(revertInput(required("MaxSessionDuration", "7200"))); again.Status != types.ChangeSetStatusFailed {
		t.Errorf("after that there are changes: %v", summary(again.Changes))
	}
}

func TestTagsOfOthersAndWhatTheTemplateDoesNotSetStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	ctx := t.Context()
	must[*iam.TagRoleOutput](t)(w.iam.TagRole(ctx, &iam.TagRoleInput{RoleName: aws.String(planRoleName), Tags: []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("security")}}}))
	must[*iam.PutRolePolicyOutput](t)(w.iam.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String(planRoleName), PolicyName: aws.String("more"), PolicyDocument: aws.String(allowAll)}))
	if set := w.propose(revertInput(required())); set.Status != types.ChangeSetStatusFailed {
		t.Errorf("changes %v", summary(set.Changes))
	}
	w.setTrust(planRoleName, trustAdmin)
	in := revertInput(required())
	in.ChangeSetName = aws.String("again")
	w.execute(w.propose(in), "")
	w.wantStatus(testStack, types.StackStatusUpdateComplete)
	tags := must[*iam.ListRoleTagsOutput](t)(w.iam.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: aws.String(planRoleName)}))
	if !slices.ContainsFunc(tags.Tags, func(x iamtypes.Tag) bool { return *x.Key == "team" }) {
		t.Errorf("tags %+v", tags.Tags)
	}
	must[*iam.GetRolePolicyOutput](t)(w.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: aws.String(planRoleName), PolicyName: aws.String("more")}))
}

func TestAFailedRevertLeavesTheAccountAsItWasFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	w.create()
	w.setTrust(planRoleName, trustAdmin)
	w.deleteApplyRole()
	set := w.propose(revertInput(required()))
	must[*iam.CreateRoleOutput](t)(w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String(applyRoleName), AssumeRolePolicyDocument: aws.String(trustAdmin)}))
	found := w.entities()
	w.execute(set, "")
	w.wantStatus(testStack, types.StackStatusUpdateRollbackComplete)
	if diff := cmp.Diff(found, w.entities()); diff != "" {
		t.Error(diff)
	}
}

func TestADriftAwareChangeSetIsAnUpdateThatRollsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, Options{})
	try := func(change func(*cloudformation.CreateChangeSetInput)) error {
		in := revertInput(required())
		change(in)
		_, err := w.cfn.CreateChangeSet(t.Context(), in)
		return err
	}
	wantError(t, try(func(in *cloudformation.CreateChangeSetInput) { in.ChangeSetType = types.ChangeSetTypeCreate }), "ValidationError", "type UPDATE")
	wantError(t, try(func(*cloudformation.CreateChangeSetInput) {}), "ValidationError", "does not exist")
	w.create()
	wantError(t, try(func(in *cloudformation.CreateChangeSetInput) { in.ChangeSetType = types.ChangeSetTypeImport }), "ValidationError", "type UPDATE")
	wantError(t, try(func(in *cloudformation.CreateChangeSetInput) { in.OnStackFailure = types.OnStackFailureDoNothing }), "ValidationError", "DO_NOTHING")
	wantError(t, try(func(in *cloudformation.CreateChangeSetInput) { in.DeploymentMode = "KEEP_DRIFT" }), "ValidationError", "enum value set: [REVERT_DRIFT]")
}

// unrevertable are the faults of an account that no change set reverts: they are a deployment's
// doing, or about something else than what the template sets of the stack's resources.
var unrevertable = []string{
	"stack-missing", "stack-failed", "stack-stuck", "org-id-case", "org-id-other", "regions-missing", "global-region-missing",
	"region-not-enabled", "sts-region-disabled", "boundary-blocks", "apply-unrestricted",
}

func TestEveryFaultMadeByHandCanBeReverted(t *testing.T) {
	t.Parallel()
	for _, f := range catalogue() {
		if f.account == nil || slices.Contains(unrevertable, f.Name) {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, Options{Accounts: 1})
			w.create()
			before := w.entities()
			if _, err := w.s.Break(f.Name, management); err != nil {
				t.Fatal(err)
			}
			if f.Name != "max-session-short" && w.entities() == before { // that one changes what the stack says
				t.Fatal("the fault changes nothing")
			}
			set := w.propose(revertInput(required("MaxSessionDuration", w.parameter("MaxSessionDuration"))))
			if set.Status != types.ChangeSetStatusCreateComplete {
				t.Fatalf("the change set is %s: %s", set.Status, aws.ToString(set.StatusReason))
			}
			w.execute(set, "")
			w.wantStatus(testStack, types.StackStatusUpdateComplete)
			after := strings.ReplaceAll(w.entities(), `"max_session": 14400`, `"max_session": 3600`) // as the fault says the stack asks for
			if f.Name == "provider-slash" {                                                          // the provider made by hand stays beside the stack's own
				w.forget("api.forgecroft.com/")
				after = w.entities()
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// parameter is a parameter of the deployed stack.
func (w *world) parameter(name string) string {
	w.t.Helper()
	for _, p := range w.stack(testStack).Parameters {
		if *p.ParameterKey == name {
			return *p.ParameterValue
		}
	}
	w.t.Fatalf("the stack has no parameter %s", name)
	return ""
}

// forget removes a provider past every check.
func (w *world) forget(provider string) {
	w.t.Helper()
	if err := w.s.open(management, testRegion, func(a *account) error {
		delete(a.state.Providers, provider)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}
