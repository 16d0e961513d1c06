package bootstrap

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/google/go-cmp/cmp"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// deployedAccount is a sandbox of one account in which r is deployed.
func deployedAccount(t *testing.T, r *Request) (*sandbox.Sandbox, []fleet.Target) {
	t.Helper()
	s := newSandbox(t, sandbox.Options{Accounts: 1})
	targets := targetsOf(s)
	wantAll(t, run(t, r, targets), "create succeeded")
	return s, targets
}

// revertRequest is testRequest with drift to be reverted.
func revertRequest(t *testing.T) *Request {
	t.Helper()
	r := testRequest(t)
	r.RevertDrift, r.RunID = true, "revert"
	return r
}

func breakAccount(t *testing.T, s *sandbox.Sandbox, name string) {
	t.Helper()
	if _, err := s.Break(name, s.Accounts()[0].ID); err != nil {
		t.Fatal(err)
	}
}

// planOne plans r for the one target.
func planOne(t *testing.T, r *Request, targets []fleet.Target) (*Engine, []Plan) {
	t.Helper()
	e := New(*r, &recorder{t: t})
	plans, err := e.Plan(t.Context(), targets)
	if err != nil {
		t.Fatal(err)
	}
	return e, plans
}

// identitiesOf are both roles and the provider as IAM shows them, without ids and times.
func identitiesOf(t *testing.T, target fleet.Target) string {
	t.Helper()
	client, all := iamOf(target), map[string]any{}
	for _, name := range []string{"forgecroft-runner-plan", "forgecroft-runner-apply"} {
		out, err := client.GetRole(t.Context(), &iam.GetRoleInput{RoleName: &name})
		if err != nil {
			all[name] = err.Error()
			continue
		}
		r := out.Role
		role := map[string]any{
			"trust": decoded(t, r.AssumeRolePolicyDocument), "description": r.Description, "session": r.MaxSessionDuration,
			"boundary": r.PermissionsBoundary, "tags": sortedTags(r.Tags),
		}
		attached, err := client.ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: &name})
		if err != nil {
			t.Fatal(err)
		}
		role["attached"] = attached.AttachedPolicies
		names, err := client.ListRolePolicies(t.Context(), &iam.ListRolePoliciesInput{RoleName: &name})
		if err != nil {
			t.Fatal(err)
		}
		for _, policy := range names.PolicyNames {
			p, err := client.GetRolePolicy(t.Context(), &iam.GetRolePolicyInput{RoleName: &name, PolicyName: &policy})
			if err != nil {
				t.Fatal(err)
			}
			role["inline "+policy] = decoded(t, p.PolicyDocument)
		}
		all[name] = role
	}
	arn := template.ProviderARN("aws", target.Account, template.DefaultIssuer)
	p, err := client.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: &arn})
	if err != nil {
		all["provider"] = err.Error()
	} else {
		all["provider"] = []any{p.ClientIDList, p.ThumbprintList, p.Url, sortedTags(p.Tags)}
	}
	text, err := json.MarshalIndent(all, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decoded(t *testing.T, document *string) any {
	t.Helper()
	text, err := url.PathUnescape(aws.ToString(document))
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func sortedTags(tags []iamtypes.Tag) []string {
	var lines []string
	for _, tag := range tags {
		lines = append(lines, *tag.Key+"="+*tag.Value)
	}
	slices.Sort(lines)
	return lines
}

// notDrift are the faults that are no hand edit of what the template sets of the stack's
// resources, with what a run that reverts drift makes of them instead.
var notDrift = map[string]string{
	"stack-missing": "create", "stack-failed": "update", "stack-stuck": "blocked", // states of the stack
	"org-id-case": "blocked", "org-id-other": "blocked", // deployments for somebody else
	"regions-missing": "update", "global-region-missing": "update", "region-not-enabled": "update", // deployments for other Regions
	"sts-region-disabled": "none",                               // a setting of the account
	"boundary-blocks":     "none", "apply-unrestricted": "none", // nothing that the template sets
}

func TestEveryFaultMadeByHandIsReverted(t *testing.T) {
	t.Parallel()
	reverted := 0
	for _, f := range sandbox.Breakages() {
		if _, other := notDrift[f.Name]; other || ofIssuerOrOrganization(f.Name) {
			continue
		}
		reverted++
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, targets := deployedAccount(t, testRequest(t))
				before := identitiesOf(t, targets[0])
				breakAccount(t, s, f.Name)
				if f.Name == "max-session-short" { // the stack says four hours
					before = strings.ReplaceAll(before, `"session": 3600`, `"session": 14400`)
				}
				if identitiesOf(t, targets[0]) == before {
					t.Fatal("the fault is not to be seen")
				}
				wantAll(t, run(t, testRequest(t), targets), "none succeeded")
				e, plans := planOne(t, revertRequest(t), targets)
				if p := &plans[0]; p.Action != ActionUpdate || p.TrustChange || !slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Kind == ChangeDrift && c.Summary != "" }) {
					t.Errorf("plan %s (%s), trust change %v, changes %+v", p.Action, p.Reason, p.TrustChange, p.Changes)
				}
				wantAll(t, deployed(t, e, plans), "update succeeded")
				if d := cmp.Diff(before, identitiesOf(t, targets[0])); d != "" {
					t.Error(d)
				}
				wantAll(t, run(t, revertRequest(t), targets), "none succeeded")
			})
		})
	}
	if reverted < 25 {
		t.Errorf("only %d faults were tried", reverted)
	}
}

// ofIssuerOrOrganization reports whether a fault is outside of the account.
func ofIssuerOrOrganization(name string) bool {
	return slices.Contains([]string{
		"discovery-down", "discovery-404", "issuer-mismatch", "keys-rotated", "tag-session-missing", "rcp-deny", "scp-deny-region", "scp-deny-iam",
	}, name)
}

func TestOtherFaultsAreNotTakenForDrift(t *testing.T) {
	t.Parallel()
	for name, action := range notDrift {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, targets := deployedAccount(t, testRequest(t))
				breakAccount(t, s, name)
				_, plans := planOne(t, revertRequest(t), targets)
				if p := &plans[0]; string(p.Action) != action {
					t.Errorf("plan %s (%s %s), want %s", p.Action, p.Code, p.Reason, action)
				}
				for _, c := range plans[0].Changes {
					if c.Kind == ChangeDrift {
						t.Errorf("drift %+v", c)
					}
				}
			})
		})
	}
}

func TestWhatTheTemplateDoesNotSetIsToldWithItsRemedy(t *testing.T) {
	t.Parallel()
	for name, wanted := range map[string]string{
		"boundary-blocks":    "aws iam delete-role-permissions-boundary --role-name forgecroft-runner-apply",
		"apply-unrestricted": "aws iam detach-role-policy --policy-arn arn:aws:iam::aws:policy/AdministratorAccess --role-name forgecroft-runner-apply",
	} {
		synctest.Test(t, func(t *testing.T) {
			s, targets := deployedAccount(t, testRequest(t))
			breakAccount(t, s, name)
			results := run(t, revertRequest(t), targets)
			if notes := strings.Join(results[0].Notes, "\n"); !strings.Contains(notes, wanted) {
				t.Errorf("%s: notes %s", name, notes)
			}
		})
	}
}

func TestARevertShowsWhoMayAssumeTheRolesAndNeedsNoLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, targets := deployedAccount(t, testRequest(t))
		breakAccount(t, s, "trust-redirected")
		_, plans := planOne(t, revertRequest(t), targets)
		p := &plans[0]
		var words []string
		for _, c := range p.Changes {
			words = append(words, c.Summary)
		}
		shown := strings.Join(append(words, p.Notes...), "\n")
		for _, part := range []string{
			"PlanRole's trust policy was edited by hand",
			"PlanRole can no longer be assumed with tokens of api.forgecroft.com where api.forgecroft.com:aud is sts.amazonaws.com and api.forgecroft.com:org_id is 99999999-8888-4777-8666-555555555555",
			"PlanRole can be assumed with tokens of api.forgecroft.com where api.forgecroft.com:aud is sts.amazonaws.com and api.forgecroft.com:org_id is " + testOrg,
			"Who may assume PlanRole and ApplyRole changes",
		} {
			if !strings.Contains(shown, part) {
				t.Errorf("the review lacks %q:\n%s", part, shown)
			}
		}
		other := revertRequest(t)
		other.Given[template.ParamOrgID] = otherOrg
		if _, plans := planOne(t, other, targets); plans[0].Code != "trust_change" {
			t.Errorf("another organization on the way: %s %s", plans[0].Action, plans[0].Code)
		}
	})
}

func TestDriftIsLookedForOnlyIfAskedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, targets := deployedAccount(t, testRequest(t))
		breakAccount(t, s, "provider-missing")
		results := run(t, testRequest(t), targets)
		if notes := strings.Join(results[0].Notes, "\n"); !strings.Contains(notes, "fcoidc bootstrap --revert-drift does") {
			t.Errorf("notes %s", notes)
		}
		if n := callsOf(s, "iam:ListRolePolicies"); n != 0 {
			t.Errorf("%d looks at the roles' policies", n)
		}
		before := callsOf(s, "cloudformation:CreateChangeSet")
		if _, plans := planOne(t, revertRequest(t), targets); plans[0].Action != ActionUpdate || callsOf(s, "cloudformation:CreateChangeSet") != before {
			t.Errorf("plan %s, which must not make a change set", plans[0].Action)
		}
	})
}

func TestDriftOfAHalfUpdatedStackWaitsForTheUpdate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, targets := deployedAccount(t, testRequest(t))
		breakAccount(t, s, "stack-failed")
		results := run(t, revertRequest(t), targets)
		wantAll(t, results, "update succeeded")
		if notes := strings.Join(results[0].Notes, "\n"); !strings.Contains(notes, "run again with --revert-drift") {
			t.Errorf("notes %s", notes)
		}
	})
}

// deaf is a CloudFormation that does not know drift-aware change sets, and ignores the wish for one.
type deaf struct{ StackAPI }

func (d deaf) CreateChangeSet(ctx context.Context, in *cloudformation.CreateChangeSetInput, o ...func(*cloudformation.Options)) (*cloudformation.CreateChangeSetOutput, error) {
	plain := *in
	plain.DeploymentMode = ""
	return d.StackAPI.CreateChangeSet(ctx, &plain, o...)
}

func TestAnEndpointThatRevertsNothingIsNoSuccess(t *testing.T) {
	t.Parallel()
	for _, further := range []string{"", "us-east-1,eu-west-1,us-west-2"} {
		synctest.Test(t, func(t *testing.T) {
			s, targets := deployedAccount(t, testRequest(t))
			breakAccount(t, s, "trust-no-org")
			r := revertRequest(t)
			if further != "" {
				r.Given[template.ParamAllowedRegions] = further
			}
			e := New(*r, &recorder{t: t})
			stacks := e.CloudFormation
			e.CloudFormation = func(target fleet.Target) StackAPI { return deaf{stacks(target)} }
			plans, err := e.Plan(t.Context(), targets)
			if err != nil {
				t.Fatal(err)
			}
			results := deployed(t, e, plans)
			wantAll(t, results, "update failed drift_not_reverted")
			if f := results[0].Failure; f != nil && !strings.Contains(f.Message, "PlanRole's AssumeRolePolicyDocument") {
				t.Errorf("failure %+v", f)
			}
		})
	}
}

func TestATemplateThatCannotBeEvaluatedBlocksARevert(t *testing.T) {
	t.Parallel()
	r := revertRequest(t)
	stack := liveStack(r, func(s *Stack) { s.TemplateSHA256, s.TemplateBody = "other", []byte("Resources: [") })
	p := decideFor(t, r, Observation{Stack: stack, live: &presentStack{unresolved: fmt.Errorf("line 1")}})
	if p.Action != ActionBlocked || p.Code != "drift_unknown" || p.Fix == "" {
		t.Errorf("plan %s %s", p.Action, p.Code)
	}
}

func TestSpellingIsNoDrift(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		name string
		a, b any
		same bool
	}{
		"a document as text":        {"AssumeRolePolicyDocument", map[string]any{"Statement": []any{map[string]any{"Action": "a"}}}, `{"Statement":{"Action":["a"]}}`, true},
		"another action":            {"AssumeRolePolicyDocument", map[string]any{"Statement": []any{map[string]any{"Action": "a"}}}, `{"Statement":{"Action":["b"]}}`, false},
		"no document":               {"AssumeRolePolicyDocument", map[string]any{"Statement": []any{map[string]any{"Action": "a"}}}, "", false},
		"lists in another order":    {"ClientIdList", []any{"a", "b"}, []any{"b", "a"}, true},
		"a thumbprint in capitals":  {"ThumbprintList", []any{"AB"}, []any{"ab"}, true},
		"a number as text":          {"MaxSessionDuration", "3600", int64(3600), true},
		"no boundary":               {"PermissionsBoundary", "arn:aws:iam::aws:policy/X", nil, false},
		"a policy of another name":  {"Policies", []any{map[string]any{"PolicyName": "a", "PolicyDocument": "{}"}}, []any{map[string]any{"PolicyName": "b", "PolicyDocument": "{}"}}, false},
		"a policy in another order": {"ManagedPolicyArns", []any{"a", "b"}, []any{"b", "a"}, true},
	}
	for what, tt := range tests {
		if got := formOf(tt.name, tt.a) == formOf(tt.name, tt.b); got != tt.same {
			t.Errorf("%s: same %v, want %v", what, got, tt.same)
		}
	}
}

func TestWhatHasCaughtUpWithDriftIsNotListed(t *testing.T) {
	t.Parallel()
	deployedAs := func(seconds any) resolved {
		return resolved{order: []string{"Role"}, resources: map[string]resolvedResource{
			"Role": {Type: typeRole, Properties: map[string]any{"MaxSessionDuration": seconds, "Tags": []any{map[string]any{"Key": "ours", "Value": "1"}}}},
		}}
	}
	live := liveResources{"Role": {"MaxSessionDuration": int64(7200), "Description": "mine", "Tags": []any{
		map[string]any{"Key": "theirs", "Value": "2"}, map[string]any{"Key": "ours", "Value": "1"},
	}}}
	d := findDrift(deployedAs(int64(3600)), live)
	if diff := cmp.Diff(map[string][]string{"Role": {"MaxSessionDuration"}}, d.changed); diff != "" {
		t.Error(diff)
	}
	if changes := d.changes(deployedAs(int64(7200))); len(changes) != 0 {
		t.Errorf("changes %+v", changes)
	}
	if changes := d.changes(deployedAs(int64(3600))); len(changes) != 1 || changes[0].From != "7200" || changes[0].To != "3600" {
		t.Errorf("changes %+v", changes)
	}
	if len(live["Role"]["Tags"].([]any)) != 2 {
		t.Error("what was read was changed")
	}
}
