package bootstrap

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// setUp brings the stack of r in target into a state, as an earlier run of fcoidc would
// have left it.
func setUp(t *testing.T, s *sandbox.Sandbox, r *Request, target fleet.Target, status string, lasting time.Duration) {
	t.Helper()
	if err := s.SetUpStack(sandbox.StackSetup{
		Account: target.Account, Region: target.Region, Name: r.StackName, Template: string(r.Template.Body),
		Parameters: r.Given, Tags: stackTags(r, nil), Status: status, Lasting: lasting,
	}); err != nil {
		t.Fatal(err)
	}
}

// What a run makes of a stack in each state that the sandbox can bring about, with and
// without Recreate. Each ends in a stack that is as asked for, or says how to get there.
func TestARunResolvesOrExplainsEveryState(t *testing.T) {
	t.Parallel()
	type outcome struct{ plain, recreate string }
	both := func(s string) outcome { return outcome{s, s} }
	tests := map[string]outcome{
		"REVIEW_IN_PROGRESS":                           both("create succeeded"),
		"CREATE_COMPLETE":                              both("none succeeded"),
		"CREATE_FAILED":                                {"blocked blocked stack_failed", "recreate succeeded"},
		"CREATE_IN_PROGRESS":                           both("none succeeded"),
		"ROLLBACK_COMPLETE":                            both("recreate succeeded"),
		"ROLLBACK_FAILED":                              {"blocked blocked stack_failed", "recreate succeeded"},
		"ROLLBACK_IN_PROGRESS":                         both("recreate succeeded"),
		"UPDATE_COMPLETE":                              both("none succeeded"),
		"UPDATE_FAILED":                                both("update succeeded"),
		"UPDATE_IN_PROGRESS":                           both("none succeeded"),
		"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":          both("none succeeded"),
		"UPDATE_ROLLBACK_COMPLETE":                     both("none succeeded"),
		"UPDATE_ROLLBACK_FAILED":                       both("blocked blocked stack_stuck"),
		"UPDATE_ROLLBACK_IN_PROGRESS":                  both("none succeeded"),
		"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": both("none succeeded"),
		"DELETE_IN_PROGRESS":                           both("create succeeded"),
		"DELETE_FAILED":                                {"blocked blocked stack_failed", "recreate succeeded"},
	}
	for _, state := range sandbox.StackStates() {
		want, ok := tests[state]
		if !ok {
			t.Errorf("the sandbox can make %s, and the table does not know it", state)
		}
		for _, recreate := range []bool{false, true} {
			name, want := state, want.plain
			if recreate {
				name, want = state+" with Recreate", tests[state].recreate
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := newSandbox(t, slow(accounts(1)))
					targets := targetsOf(s)
					r := testRequest(t)
					r.Recreate = recreate
					setUp(t, s, r, targets[0], state, 5*time.Minute)
					results := run(t, r, targets)
					wantAll(t, results, want)
					if results[0].Status == StatusBlocked && results[0].Failure.Fix == "" {
						t.Error("blocked without a way out")
					}
					if results[0].Status != StatusSucceeded {
						return
					}
					if results[0].Action == ActionRecreate && len(results[0].Attempts) == 0 {
						t.Error("the events of the failed stack are not kept")
					}
					if n := len(providers(t, targets[0])); n != 1 {
						t.Errorf("%d providers", n)
					}
					r.RunID = "second"
					again := run(t, r, targets)
					wantAll(t, again, "none succeeded")
					if !strings.Contains(again[0].Outputs[template.OutputPlanRoleARN], "forgecroft-runner-plan") {
						t.Errorf("outputs %v", again[0].Outputs)
					}
				})
			})
		}
	}
}

func TestTeardownDeletesAStackInAnyState(t *testing.T) {
	t.Parallel()
	for _, state := range sandbox.StackStates() {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSandbox(t, slow(accounts(1)))
				targets := targetsOf(s)
				r := testRequest(t)
				setUp(t, s, r, targets[0], state, time.Minute)
				for range 2 { // a deletion that fails once is tried again by the next teardown
					results := tornDown(t, r, targets)
					if results[0].Status == StatusFailed && results[0].Failure.Message == "" {
						t.Errorf("failed without a reason: %+v", results[0].Failure)
					}
				}
				views, err := New(*r, nil).View(t.Context(), targets)
				if err != nil || views[0].StackID != "" && views[0].Status != string(cfntypes.StackStatusReviewInProgress) {
					t.Errorf("still there: %+v, %v", views[0], err)
				}
				if left := providers(t, targets[0]); len(left) != 0 {
					t.Errorf("left behind: %v", left)
				}
			})
		})
	}
}

func TestAForeignStackIsNeverTouched(t *testing.T) {
	t.Parallel()
	foreign := `{"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement":
		[{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}}}}}`
	for _, state := range []string{"CREATE_COMPLETE", "ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_ROLLBACK_FAILED"} {
		t.Run(state, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSandbox(t, slow(accounts(1)))
				targets := targetsOf(s)
				r := testRequest(t)
				r.Recreate, r.AllowTrustChange = true, true
				if err := s.SetUpStack(sandbox.StackSetup{
					Account: targets[0].Account, Region: testRegion, Name: r.StackName, Template: foreign, Status: state,
				}); err != nil {
					t.Fatal(err)
				}
				wantAll(t, run(t, r, targets), "blocked blocked stack_not_ours")
				wantAll(t, tornDown(t, r, targets), "blocked blocked stack_not_ours")
				if got := mutations(s); len(got) > 0 {
					t.Errorf("called %v", got)
				}
			})
		})
	}
}

func TestAStackMadeByHandIsTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		targets := targetsOf(s)
		r := testRequest(t)
		if err := s.SetUpStack(sandbox.StackSetup{
			Account: targets[0].Account, Region: testRegion, Name: r.StackName, Template: string(r.Template.Body),
			Parameters: r.Given, Status: "CREATE_COMPLETE",
		}); err != nil {
			t.Fatal(err)
		}
		wantAll(t, run(t, r, targets), "none succeeded")
		wantAll(t, tornDown(t, r, targets), "blocked blocked stack_not_ours")
		r.Given[template.ParamAllowedRegions] = "us-west-2"
		results := run(t, r, targets)
		wantAll(t, results, "update succeeded")
		for _, id := range []string{"OidcProvider", "PlanRole", "ApplyRole"} {
			if !slices.ContainsFunc(results[0].Changes, func(c Change) bool { return c.Kind == ChangeResource && c.Name == id }) {
				t.Errorf("the stack gets its tags, and the review does not name %s", id)
			}
		}
		wantAll(t, tornDown(t, r, targets), "delete succeeded")
	})
}

func TestTerminationProtectionIsRespected(t *testing.T) {
	t.Parallel()
	r := testRequest(t)
	protected := func(s *Stack) { s.Protected = true }
	p := decideFor(t, r, Observation{Stack: liveStack(r, protected, status(cfntypes.StackStatusRollbackComplete))})
	if p.Code != "stack_protected" || !strings.Contains(p.Fix, "--no-enable-termination-protection") {
		t.Errorf("got %s %q: %s", p.Action, p.Code, p.Fix)
	}
	if p := decideFor(t, r, Observation{Stack: liveStack(r, protected)}); p.Action != ActionNone {
		t.Errorf("a healthy stack: %s %q", p.Action, p.Code)
	}
}
