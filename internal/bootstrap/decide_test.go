package bootstrap

import (
	"maps"
	"slices"
	"strings"
	"testing"

	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/forgecroft/fcoidc/internal/cfn"
	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/template"
)

const (
	testAccount  = "012345678901"
	testRegion   = "eu-west-1"
	testOrg      = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"
	otherOrg     = "99999999-aaaa-4bbb-8ccc-ddddeeeeffff"
	testStackID  = "arn:aws:cloudformation:eu-west-1:012345678901:stack/forgecroft-runner-oidc/11111111-2222-3333-4444-555555555555"
	testProvider = "arn:aws:iam::012345678901:oidc-provider/api.forgecroft.com"
)

var testTarget = fleet.Target{Account: testAccount, Region: testRegion, Partition: "aws"}

func testTemplate(t *testing.T, issuer string) template.Template {
	t.Helper()
	rendered, err := template.Render(issuer)
	if err != nil {
		t.Fatal(err)
	}
	return *rendered
}

func testRequest(t *testing.T) *Request {
	t.Helper()
	return &Request{
		StackName: template.DefaultStackName, Template: testTemplate(t, template.DefaultIssuer), RunID: "test",
		Given: map[string]string{template.ParamOrgID: testOrg, template.ParamAllowedRegions: "us-east-1,eu-west-1"},
	}
}

// liveStack is a healthy stack of ours that is as testRequest asks for, changed by edits.
func liveStack(r *Request, edits ...func(*Stack)) *Stack {
	s := &Stack{
		ID: testStackID, Name: r.StackName, Status: cfntypes.StackStatusCreateComplete,
		Parameters:     template.WithDefaults(r.Given),
		Tags:           map[string]string{template.TagManagedBy: template.ManagedBy, TagTemplate: r.Template.SHA256},
		Outputs:        map[string]string{template.OutputOIDCProviderARN: testProvider},
		TemplateSHA256: r.Template.SHA256,
	}
	for _, edit := range edits {
		edit(s)
	}
	return s
}

func status(s cfntypes.StackStatus) func(*Stack) { return func(stack *Stack) { stack.Status = s } }

func parameter(name, value string) func(*Stack) {
	return func(stack *Stack) { stack.Parameters[name] = value }
}

func foreignProvider(clientIDs ...string) *Provider {
	return &Provider{ARN: testProvider, Known: true, ClientIDs: clientIDs}
}

func ownProvider(clientIDs ...string) *Provider {
	p := foreignProvider(clientIDs...)
	p.Tags = map[string]string{template.TagManagedBy: template.ManagedBy}
	return p
}

func decideFor(t *testing.T, r *Request, o Observation) Plan {
	t.Helper()
	parsed, err := cfn.Parse(r.Template.Body)
	if err != nil {
		t.Fatal(err)
	}
	o.Target = testTarget
	return decide(r, parsed, &o)
}

func TestEveryStackStateHasItsMove(t *testing.T) {
	t.Parallel()
	tests := []struct {
		status   cfntypes.StackStatus
		action   Action
		code     string
		recreate Action // with Recreate asked for
	}{
		{cfntypes.StackStatusReviewInProgress, ActionCreate, "", ActionCreate},
		{cfntypes.StackStatusCreateComplete, ActionNone, "", ActionNone},
		{cfntypes.StackStatusUpdateComplete, ActionNone, "", ActionNone},
		{cfntypes.StackStatusUpdateRollbackComplete, ActionNone, "", ActionNone},
		{cfntypes.StackStatusImportComplete, ActionNone, "", ActionNone},
		{cfntypes.StackStatusImportRollbackComplete, ActionNone, "", ActionNone},
		{cfntypes.StackStatusUpdateFailed, ActionUpdate, "", ActionUpdate},
		{cfntypes.StackStatusRollbackComplete, ActionRecreate, "", ActionRecreate},
		{cfntypes.StackStatusDeleteComplete, ActionCreate, "", ActionCreate},
		{cfntypes.StackStatusCreateFailed, ActionBlocked, "stack_failed", ActionRecreate},
		{cfntypes.StackStatusDeleteFailed, ActionBlocked, "stack_failed", ActionRecreate},
		{cfntypes.StackStatusRollbackFailed, ActionBlocked, "stack_failed", ActionRecreate},
		{cfntypes.StackStatusUpdateRollbackFailed, ActionBlocked, "stack_stuck", ActionBlocked},
		{cfntypes.StackStatusImportRollbackFailed, ActionBlocked, "stack_stuck", ActionBlocked},
		{cfntypes.StackStatusCreateInProgress, ActionBlocked, "stack_busy", ActionBlocked},
		{cfntypes.StackStatusRollbackInProgress, ActionBlocked, "stack_busy", ActionBlocked},
		{cfntypes.StackStatusDeleteInProgress, ActionBlocked, "stack_busy", ActionBlocked},
		{cfntypes.StackStatusUpdateInProgress, ActionBlocked, "stack_busy", ActionBlocked},
		{cfntypes.StackStatusUpdateCompleteCleanupInProgress, ActionBlocked, "stack_busy", ActionBlocked},
		{cfntypes.StackStatusUpdateRollbackInProgress, ActionBlocked, "stack_busy", ActionBlocked},
		{cfntypes.StackStatusUpdateRollbackCompleteCleanupInProgress, ActionBlocked, "stack_busy", ActionBlocked},
		{cfntypes.StackStatusImportInProgress, ActionBlocked, "stack_busy", ActionBlocked},
		{cfntypes.StackStatusImportRollbackInProgress, ActionBlocked, "stack_busy", ActionBlocked},
		{"SOMETHING_NEW", ActionBlocked, "stack_state_unknown", ActionBlocked},
		{"SOMETHING_NEW_IN_PROGRESS", ActionBlocked, "stack_busy", ActionBlocked},
	}
	for _, s := range cfntypes.StackStatus("").Values() {
		if _, ok := moves[s]; !ok {
			t.Errorf("state %s of the SDK is not in the table", s)
		}
	}
	for _, tt := range tests {
		t.Run(string(tt.status), func(t *testing.T) {
			t.Parallel()
			r := testRequest(t)
			p := decideFor(t, r, Observation{Stack: liveStack(r, status(tt.status))})
			if p.Action != tt.action || p.Code != tt.code {
				t.Errorf("got %s %q, want %s %q (%s)", p.Action, p.Code, tt.action, tt.code, p.Reason)
			}
			if p.Action == ActionBlocked && (p.Reason == "" || p.Fix == "") {
				t.Errorf("blocked without a reason or a way out: %+v", p)
			}
			r.Recreate = true
			if p := decideFor(t, r, Observation{Stack: liveStack(r, status(tt.status))}); p.Action != tt.recreate {
				t.Errorf("with Recreate: got %s, want %s (%s)", p.Action, tt.recreate, p.Reason)
			}
		})
	}
}

func TestAStackIsOursByItsTagOrItsRoles(t *testing.T) {
	t.Parallel()
	untagged := func(s *Stack) { delete(s.Tags, template.TagManagedBy) }
	role := func(stackID string) map[string]*Role {
		return map[string]*Role{"forgecroft-runner-plan": {StackID: stackID, Managed: true}, "forgecroft-runner-apply": nil}
	}
	tests := []struct {
		name  string
		stack func(*Stack)
		roles map[string]*Role
		code  string
	}{
		{"tagged", func(*Stack) {}, nil, ""},
		{"made by hand from our template", untagged, role(testStackID), ""},
		{"somebody else's", untagged, nil, "stack_not_ours"},
		{"somebody else's, while the roles are of another stack of ours", untagged, role("arn:aws:cloudformation:eu-west-1:012345678901:stack/other/1"), "stack_not_ours"},
		{"a tag of another value", func(s *Stack) { s.Tags[template.TagManagedBy] = "somebody" }, nil, "stack_not_ours"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := testRequest(t)
			for _, s := range []cfntypes.StackStatus{cfntypes.StackStatusCreateComplete, cfntypes.StackStatusDeleteFailed, cfntypes.StackStatusUpdateRollbackFailed} {
				r.Recreate = true
				p := decideFor(t, r, Observation{Stack: liveStack(r, tt.stack, status(s)), Roles: tt.roles})
				if tt.code == "stack_not_ours" && p.Code != tt.code {
					t.Errorf("%s: got %s %q, want blocked %q", s, p.Action, p.Code, tt.code)
				}
				if tt.code == "" && p.Code == "stack_not_ours" {
					t.Errorf("%s: a stack of ours was taken for somebody else's", s)
				}
			}
		})
	}
}

func TestProviderIsNeverCreatedTwiceNorLost(t *testing.T) {
	t.Parallel()
	given := func(name, value string) func(*Request) {
		return func(r *Request) { r.Given[name] = value }
	}
	reuse := func(r *Request) { r.ExistingProvider = ExistingProviderReuse }
	fail := func(r *Request) { r.ExistingProvider = ExistingProviderFail }
	const aud = template.DefaultAudience
	tests := []struct {
		name     string
		request  []func(*Request)
		stack    []func(*Stack) // nil: no stack
		provider *Provider
		action   Action
		code     string
		create   string // CreateProvider
	}{
		{"none: the stack creates it", nil, nil, nil, ActionCreate, "", "true"},
		{"foreign, nobody asked", nil, nil, foreignProvider(aud), ActionBlocked, "provider_exists", ""},
		{"foreign, fail", []func(*Request){fail}, nil, foreignProvider(aud), ActionBlocked, "provider_exists", ""},
		{"foreign, reuse", []func(*Request){reuse}, nil, foreignProvider("x", aud), ActionCreate, "", "false"},
		{"foreign, reuse, audience missing", []func(*Request){reuse}, nil, foreignProvider("x"), ActionBlocked, "provider_audience", ""},
		{"foreign, CreateProvider=false says as much as reuse", []func(*Request){given(template.ParamCreateProvider, "false")}, nil, foreignProvider(aud), ActionCreate, "", "false"},
		{"foreign, CreateProvider=true would be a second one", []func(*Request){reuse, given(template.ParamCreateProvider, "true")}, nil, foreignProvider(aud), ActionBlocked, "provider_exists", ""},
		{"left over from a stack of ours", nil, nil, ownProvider(aud), ActionCreate, "", "false"},
		{"left over, audience missing", nil, nil, ownProvider("old"), ActionBlocked, "provider_audience", ""},
		{"none, but CreateProvider=false", []func(*Request){given(template.ParamCreateProvider, "false")}, nil, nil, ActionBlocked, "provider_missing", ""},
		{"owned by the stack", nil, []func(*Stack){}, &Provider{ARN: testProvider}, ActionNone, "", "true"},
		{"owned by the stack, CreateProvider=false would lose it", []func(*Request){given(template.ParamCreateProvider, "false")}, []func(*Stack){}, &Provider{ARN: testProvider}, ActionBlocked, "provider_owned", ""},
		{"reused by the stack", nil, []func(*Stack){parameter(template.ParamCreateProvider, "false")}, foreignProvider(aud), ActionNone, "", "false"},
		{"reused by the stack, audience removed since", nil, []func(*Stack){parameter(template.ParamCreateProvider, "false")}, foreignProvider("x"), ActionBlocked, "provider_audience", ""},
		{"reused by the stack, gone since: the stack makes one", nil, []func(*Stack){parameter(template.ParamCreateProvider, "false")}, nil, ActionUpdate, "", "true"},
		{"left over from a creation that was rolled back", nil, []func(*Stack){status(cfntypes.StackStatusRollbackComplete)}, ownProvider(aud), ActionRecreate, "", "false"},
		{"a rolled back creation left none", nil, []func(*Stack){status(cfntypes.StackStatusRollbackComplete)}, nil, ActionRecreate, "", "true"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := testRequest(t)
			o := Observation{Provider: tt.provider}
			if tt.stack != nil {
				o.Stack = liveStack(r, tt.stack...)
			}
			for _, edit := range tt.request {
				edit(r)
			}
			p := decideFor(t, r, o)
			if p.Action != tt.action || p.Code != tt.code {
				t.Fatalf("got %s %q, want %s %q (%s)", p.Action, p.Code, tt.action, tt.code, p.Reason)
			}
			if got := p.Parameters[template.ParamCreateProvider]; tt.create != "" && got != tt.create {
				t.Errorf("CreateProvider = %q, want %q", got, tt.create)
			}
			if tt.code == "provider_audience" && !strings.Contains(p.Fix, "aws iam add-client-id-to-open-id-connect-provider") {
				t.Errorf("the fix is no command that adds the audience: %s", p.Fix)
			}
			if tt.code == "provider_exists" && !strings.Contains(p.Fix, "--existing-provider reuse") {
				t.Errorf("the fix does not name the flag: %s", p.Fix)
			}
		})
	}
}

func TestRedirectedTrustNeedsToBeAllowed(t *testing.T) {
	t.Parallel()
	workspace := "22222222-aaaa-4bbb-8ccc-ddddeeeeffff"
	subjects := func(r *Request) {
		r.Given[template.ParamTrustMode] = template.TrustModeSubject
		r.Given[template.ParamPlanSubject] = "org:" + testOrg + ":phase:plan"
		r.Given[template.ParamApplySubject] = "org:" + testOrg + ":phase:apply"
	}
	tests := []struct {
		name    string
		request func(*Request)
		stack   []func(*Stack)
		trust   bool
	}{
		{"other organization", func(r *Request) { r.Given[template.ParamOrgID] = otherOrg }, nil, true},
		{"other audience", func(r *Request) { r.Given[template.ParamAudience] = "other" }, nil, true},
		{"trust mode and subjects", subjects, nil, true},
		{"session tags", func(r *Request) { r.Given[template.ParamTrustMode] = template.TrustModeSessionTags }, nil, true},
		{"only for one workspace", func(r *Request) { r.Given[template.ParamWorkspaceID] = workspace }, nil, true},
		{"for all workspaces again", func(r *Request) { r.Given[template.ParamWorkspaceID] = "" }, []func(*Stack){parameter(template.ParamWorkspaceID, workspace)}, true},
		{"the workspace is kept if not given", func(*Request) {}, []func(*Stack){parameter(template.ParamWorkspaceID, workspace)}, false},
		{"regions", func(r *Request) { r.Given[template.ParamAllowedRegions] = "us-west-2" }, nil, false},
		{"role name", func(r *Request) { r.Given[template.ParamPlanRoleName] = "plan" }, nil, false},
		{"failed half way, other organization", func(r *Request) { r.Recreate = true; r.Given[template.ParamOrgID] = otherOrg }, []func(*Stack){status(cfntypes.StackStatusRollbackFailed)}, true},
		{"rolled back creation, other organization", func(r *Request) { r.Given[template.ParamOrgID] = otherOrg }, []func(*Stack){status(cfntypes.StackStatusRollbackComplete)}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := testRequest(t)
			o := Observation{Stack: liveStack(r, tt.stack...)}
			tt.request(r)
			p := decideFor(t, r, o)
			if p.TrustChange != tt.trust {
				t.Errorf("TrustChange = %v, want %v: %+v", p.TrustChange, tt.trust, p.Changes)
			}
			if blocked := p.Code == "trust_change"; blocked != tt.trust {
				t.Errorf("got %s %q (%s)", p.Action, p.Code, p.Reason)
			}
			r.AllowTrustChange = true
			if p := decideFor(t, r, o); p.Action == ActionBlocked || p.TrustChange != tt.trust {
				t.Errorf("allowed: got %s %q, TrustChange %v (%s)", p.Action, p.Code, p.TrustChange, p.Reason)
			}
		})
	}
}

func TestAnotherIssuerIsARedirectOfTrust(t *testing.T) {
	t.Parallel()
	old := testRequest(t)
	stack := liveStack(old)
	stack.TemplateBody = old.Template.Body
	r := testRequest(t)
	r.Template = testTemplate(t, "https://forgecroft.example.com/tenant")
	p := decideFor(t, r, Observation{Stack: stack})
	if p.Code != "trust_change" || !strings.Contains(p.Reason, "the issuer") {
		t.Fatalf("got %s %q: %s", p.Action, p.Code, p.Reason)
	}
	r.AllowTrustChange = true
	p = decideFor(t, r, Observation{Stack: stack})
	if p.Action != ActionUpdate || !slices.Contains(named(&p), "Replace OidcProvider") {
		t.Errorf("got %s, named %v", p.Action, named(&p))
	}
	other := &Provider{ARN: "arn:aws:iam::012345678901:oidc-provider/forgecroft.example.com/tenant", Known: true, ClientIDs: []string{template.DefaultAudience}}
	if p := decideFor(t, r, Observation{Stack: stack, Provider: other}); p.Code != "provider_exists" {
		t.Errorf("a foreign provider of the new issuer: got %s %q", p.Action, p.Code)
	}
}

// named lists the resources a plan would remove or replace.
func named(p *Plan) []string { return slices.Sorted(maps.Keys(destructive(p.Changes))) }

func TestUpdateShowsParametersAndStatements(t *testing.T) {
	t.Parallel()
	r := testRequest(t)
	stack := liveStack(r)
	r.Given[template.ParamAllowedRegions] = "us-west-2, us-east-1"
	p := decideFor(t, r, Observation{Stack: stack})
	if p.Action != ActionUpdate || p.TrustChange {
		t.Fatalf("got %s, TrustChange %v: %s", p.Action, p.TrustChange, p.Reason)
	}
	var got []string
	for _, c := range p.Changes {
		got = append(got, string(c.Kind)+" "+c.Summary)
	}
	want := []string{
		"parameter AllowedRegions: adds us-west-2; removes eu-west-1",
		"resource ApplyRole (AWS::IAM::Role) forgecroft-runner-apply is modified in place",
		"statement ApplyRole may no longer do * on * where aws:RequestedRegion is eu-west-1 or us-east-1",
		"statement ApplyRole may do * on * where aws:RequestedRegion is us-east-1 or us-west-2",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Today's pattern for OrgId takes no capitals; a stack that has them is compared all the same.
func TestAStackWithWhatIsNoLongerTakenIsCompared(t *testing.T) {
	t.Parallel()
	r := testRequest(t)
	r.Given[template.ParamOrgID] = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"
	r.AllowTrustChange = true
	stack := liveStack(r)
	stack.Parameters[template.ParamOrgID] = strings.ToUpper(r.Given[template.ParamOrgID])
	p := decideFor(t, r, Observation{Stack: stack})
	if p.Action != ActionUpdate || !p.TrustChange {
		t.Fatalf("got %s, TrustChange %v: %s", p.Action, p.TrustChange, p.Reason)
	}
	for _, c := range p.Changes {
		if strings.Contains(c.Summary, "is created") {
			t.Errorf("of a stack that is there: %s", c.Summary)
		}
	}
	for _, note := range p.Notes {
		if strings.Contains(note, "cannot be compared") {
			t.Error(note)
		}
	}
}

func TestNothingChangesIfOnlyTheSpellingDoes(t *testing.T) {
	t.Parallel()
	r := testRequest(t)
	stack := liveStack(r)
	r.Given[template.ParamAllowedRegions] = "eu-west-1, us-east-1"
	if p := decideFor(t, r, Observation{Stack: stack}); p.Action != ActionNone {
		t.Errorf("another order of the Regions: got %s %+v", p.Action, p.Changes)
	}
	handMade := liveStack(r, func(s *Stack) { s.Tags = nil })
	roles := map[string]*Role{"forgecroft-runner-plan": {StackID: testStackID, Managed: true}}
	if p := decideFor(t, r, Observation{Stack: handMade, Roles: roles}); p.Action != ActionNone {
		t.Errorf("a stack made by hand that is as asked for: got %s %+v", p.Action, p.Changes)
	}
}

func TestCreateShowsWhoMayAssumeWhat(t *testing.T) {
	t.Parallel()
	p := decideFor(t, testRequest(t), Observation{})
	if p.Action != ActionCreate {
		t.Fatalf("got %s: %s", p.Action, p.Reason)
	}
	text := ""
	for _, c := range p.Changes {
		text += string(c.Kind) + " " + c.Summary + "\n"
	}
	for _, want := range []string{
		"resource OidcProvider (AWS::IAM::OIDCProvider) is created\n",
		"resource PlanRole (AWS::IAM::Role) forgecroft-runner-plan is created\n",
		"statement PlanRole can be assumed with tokens of api.forgecroft.com where api.forgecroft.com:aud is sts.amazonaws.com and " +
			"api.forgecroft.com:org_id is " + testOrg + " and api.forgecroft.com:phase is plan\n",
		"policy PlanRole gets the policy arn:aws:iam::aws:policy/ReadOnlyAccess\n",
		"statement ApplyRole may do * on * where aws:RequestedRegion is eu-west-1 or us-east-1\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("missing %q in\n%s", want, text)
		}
	}
}

func TestRolesOfOthersBlock(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		role *Role
		code string
		fix  string
	}{
		{"no tags", &Role{}, "role_exists", "aws iam get-role --role-name forgecroft-runner-apply"},
		{"a copy in another Region", &Role{Managed: true, StackID: "arn:aws:cloudformation:us-east-2:012345678901:stack/forgecroft-runner-oidc/1"}, "stack_elsewhere", "--region us-east-2 --stack-name forgecroft-runner-oidc"},
		{"a stack of another name", &Role{Managed: true, StackID: "arn:aws:cloudformation:eu-west-1:012345678901:stack/other/1"}, "stack_elsewhere", "--region eu-west-1 --stack-name other"},
		{"left over", &Role{Managed: true, StackID: testStackID}, "role_left_over", "delete the role"},
		{"a tag that names another account", &Role{Managed: true, StackID: "arn:aws:cloudformation:eu-west-1:999999999999:stack/other/1"}, "role_exists", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := decideFor(t, testRequest(t), Observation{Roles: map[string]*Role{"forgecroft-runner-apply": tt.role}})
			if p.Action != ActionBlocked || p.Code != tt.code || !strings.Contains(p.Fix, tt.fix) {
				t.Errorf("got %s %q, fix %q", p.Action, p.Code, p.Fix)
			}
		})
	}
}

func TestParametersThatCannotBeBlock(t *testing.T) {
	t.Parallel()
	r := testRequest(t)
	delete(r.Given, template.ParamOrgID)
	p := decideFor(t, r, Observation{})
	if p.Code != "parameter_invalid" || !strings.Contains(p.Reason, template.ParamOrgID) {
		t.Errorf("a new stack without OrgId: got %s %q: %s", p.Action, p.Code, p.Reason)
	}
	full := testRequest(t)
	if p := decideFor(t, r, Observation{Stack: liveStack(full)}); p.Action != ActionNone {
		t.Errorf("an existing stack keeps its OrgId: got %s %q: %s", p.Action, p.Code, p.Reason)
	}
	workspace := testRequest(t)
	workspace.Given[template.ParamTrustMode] = template.TrustModeSubject
	if p := decideFor(t, workspace, Observation{Stack: liveStack(full)}); p.Code != "parameter_invalid" {
		t.Errorf("Subject mode without subjects: got %s %q", p.Action, p.Code)
	}
}

func TestATemplateOfAnotherVersionIsAnUpdateOfEverything(t *testing.T) {
	t.Parallel()
	r := testRequest(t)
	old := strings.Replace(string(r.Template.Body), "Read-only.", "Reads.", 1)
	stack := liveStack(r, func(s *Stack) { s.TemplateSHA256 = "old"; s.Tags[TagTemplate] = "old"; s.TemplateBody = []byte(old) })
	p := decideFor(t, r, Observation{Stack: stack})
	if p.Action != ActionUpdate || p.TrustChange {
		t.Fatalf("got %s, TrustChange %v: %s", p.Action, p.TrustChange, p.Reason)
	}
	for _, id := range []string{"OidcProvider", "PlanRole", "ApplyRole"} {
		if !slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Kind == ChangeResource && c.Name == id && c.To == resourceModify }) {
			t.Errorf("%s gets new tags and is not named: %+v", id, p.Changes)
		}
	}
	opened := strings.ReplaceAll(string(r.Template.Body), "api.forgecroft.com:phase: plan", "api.forgecroft.com:phase: apply")
	stack.TemplateBody = []byte(opened)
	if p := decideFor(t, r, Observation{Stack: stack}); p.Code != "trust_change" {
		t.Errorf("a template with another trust policy: got %s %q", p.Action, p.Code)
	}
	stack.TemplateBody = []byte("not a template")
	if p := decideFor(t, r, Observation{Stack: stack}); p.Code != "trust_change" || len(p.Notes) == 0 {
		t.Errorf("a template that cannot be read: got %s %q", p.Action, p.Code)
	}
}
