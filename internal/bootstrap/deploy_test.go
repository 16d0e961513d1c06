package bootstrap

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/sandbox"
	"github.com/forgecroft/fcoidc/internal/template"
)

// slow is a sandbox that takes as long as AWS does.
func slow(edits ...func(*sandbox.Options)) sandbox.Options {
	o := sandbox.Options{StackDuration: 20 * time.Second, APILatency: 50 * time.Millisecond}
	for _, edit := range edits {
		edit(&o)
	}
	return o
}

func accounts(n int) func(*sandbox.Options) {
	return func(o *sandbox.Options) { o.Accounts = n }
}

func faults(t *testing.T, list string) func(*sandbox.Options) {
	t.Helper()
	parsed, err := sandbox.ParseFaults(list)
	if err != nil {
		t.Fatal(err)
	}
	return func(o *sandbox.Options) { o.Faults = parsed }
}

func TestASecondRunFindsNothingToDo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow())
		r := testRequest(t)
		first := run(t, r, targetsOf(s))
		wantAll(t, first, "create succeeded")
		for _, result := range first {
			want := "arn:aws:iam::" + result.Target.Account + ":role/forgecroft-runner-plan"
			if got := result.Outputs[template.OutputPlanRoleARN]; got != want {
				t.Errorf("%s: PlanRoleArn %q, want %q", result.Target, got, want)
			}
		}
		changed := mutations(s)
		wantAll(t, run(t, r, targetsOf(s)), "none succeeded")
		if again := mutations(s); !slices.Equal(again, changed) {
			t.Errorf("a run with nothing to do changed something: %v, before it %v", again, changed)
		}
	})
}

func TestOneAccountCostsLittleMoreThanItsStack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		result := run(t, testRequest(t), targetsOf(s))[0]
		const changeSetStep = 2 * time.Second // its computation takes 1 s here
		if limit := 22*time.Second + changeSetStep; result.Elapsed > limit {
			t.Errorf("20 s of stack took %v, more than %v", result.Elapsed, limit)
		}
	})
}

func TestManyAccountsCostFewCallsAndLittleMoreTimeThanOne(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(100)))
		r := testRequest(t)
		r.Concurrency = 100
		started := time.Now()
		results := run(t, r, targetsOf(s))
		wantAll(t, results, "create succeeded")
		if took := time.Since(started); took > 25*time.Second {
			t.Errorf("the run took %v", took)
		}
		for _, result := range results {
			if result.APICalls > 9 { // sts:AssumeRole and sts:GetCallerIdentity come on top
				t.Errorf("%s cost %d calls: %v", result.Target, result.APICalls, s.Calls()[result.Target.Account])
			}
			if n := total(s.Calls()[result.Target.Account]); n != result.APICalls {
				t.Errorf("%s: counted %d calls, the sandbox got %d", result.Target, result.APICalls, n)
			}
		}
	})
}

func TestStacksFasterThanExpectedAreFoundOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(100), func(o *sandbox.Options) { o.StackDuration = 5 * time.Second }))
		r := testRequest(t)
		r.Concurrency = 100
		started := time.Now()
		wantAll(t, run(t, r, targetsOf(s)), "create succeeded")
		if took := time.Since(started); took > 9*time.Second {
			t.Errorf("stacks of 5 s took the run %v", took)
		}
	})
}

func TestAnUpdateChangesWhatWasAskedForOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow())
		r := testRequest(t)
		r.Given[template.ParamMaxSessionDuration] = "7200"
		run(t, r, targetsOf(s))
		delete(r.Given, template.ParamMaxSessionDuration)
		r.Given[template.ParamAllowedRegions] = "us-west-2"
		r.RunID = "second"
		results := run(t, r, targetsOf(s))
		wantAll(t, results, "update succeeded")
		views, err := New(*r, nil).View(t.Context(), targetsOf(s))
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range views {
			if v.Failure != nil || v.Parameters[template.ParamAllowedRegions] != "us-west-2" || v.Parameters[template.ParamMaxSessionDuration] != "7200" {
				t.Errorf("%s: %+v", v.Target, v)
			}
		}
		wantAll(t, run(t, r, targetsOf(s)), "none succeeded")
	})
}

func TestPlanningChangesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow())
		plans, err := New(*testRequest(t), nil).Plan(t.Context(), targetsOf(s))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range plans {
			if p.Action != ActionCreate {
				t.Errorf("%s: %s %s", p.Target, p.Action, p.Reason)
			}
		}
		if got := mutations(s); len(got) > 0 {
			t.Errorf("planning called %v", got)
		}
	})
}

func TestAProviderMadeBeforehandIsReusedAndOutlivesTheTeardown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(2)))
		targets := targetsOf(s)
		makeProvider(t, targets[0], template.DefaultAudience)
		r := testRequest(t)
		results := run(t, r, targets)
		if got := outcomes(results); !slices.Equal(got, []string{"blocked blocked provider_exists", "create succeeded"}) {
			t.Fatalf("got %v", got)
		}
		r.ExistingProvider = ExistingProviderReuse
		if got := outcomes(run(t, r, targets)); !slices.Equal(got, []string{"create succeeded", "none succeeded"}) {
			t.Fatalf("got %v", got)
		}
		wantAll(t, tornDown(t, r, targets), "delete succeeded")
		if n := len(providers(t, targets[0])); n != 1 {
			t.Errorf("the provider that was there before is one of %d after the teardown", n)
		}
		if n := len(providers(t, targets[1])); n != 0 {
			t.Errorf("%d providers are left of our own", n)
		}
		wantAll(t, tornDown(t, r, targets), "none succeeded")
	})
}

func TestOurProviderStaysWhileAnotherRoleTrustsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		targets := targetsOf(s)
		r := testRequest(t)
		run(t, r, targets)
		makeRole(t, targets[0], "other", template.ProviderARN("aws", targets[0].Account, template.DefaultIssuer))
		results := tornDown(t, r, targets)
		wantAll(t, results, "delete succeeded")
		if notes := strings.Join(results[0].Notes, " "); !strings.Contains(notes, "other roles trust it (other)") {
			t.Errorf("notes: %s", notes)
		}
		if n := len(providers(t, targets[0])); n != 1 {
			t.Errorf("%d providers are left", n)
		}
		// The next stack uses it again: there is never a second one.
		again := run(t, r, targets)
		wantAll(t, again, "create succeeded")
		if again[0].Outputs[template.OutputOIDCProviderARN] == "" {
			t.Error("no provider in the outputs")
		}
	})
}

func TestAFailedCreationNamesItsCauseAndIsMadeAgain(t *testing.T) {
	t.Parallel()
	tests := []struct{ reason, resource, message, fix string }{
		{"provider-unreachable", "OidcProvider", "Could not connect to openid configuration", ".well-known/openid-configuration"},
		{"provider-exists", "OidcProvider", "already exists", "--existing-provider reuse"},
		{"role-exists", "PlanRole", "already exists", "PlanRoleName"},
		{"quota", "PlanRole", "Cannot exceed quota", "service-quotas"},
		{"scp-denied", "PlanRole", "explicit deny in a service control policy", "service control policy"},
	}
	for _, tt := range tests {
		t.Run(tt.reason, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSandbox(t, slow(accounts(2), faults(t, "stack-failure=1:"+tt.reason)))
				r := testRequest(t)
				targets := targetsOf(s)
				results := run(t, r, targets)
				failed := slices.IndexFunc(results, func(r Result) bool { return r.Status == StatusFailed })
				if failed < 0 || results[1-failed].Status != StatusSucceeded {
					t.Fatalf("got %v", outcomes(results))
				}
				f := results[failed].Failure
				if f.Resource == "" || !strings.Contains(f.Message, tt.message) || !strings.Contains(f.Fix, tt.fix) || f.Code == "" {
					t.Errorf("failure %+v", f)
				}
				if strings.HasPrefix(tt.resource, "Oidc") != strings.HasPrefix(f.Resource, "Oidc") {
					t.Errorf("%s failed, want %s", f.Resource, tt.resource)
				}
				r.RunID = "second"
				again := run(t, r, targets)
				if got := outcomes(again)[failed]; got != "recreate succeeded" {
					t.Fatalf("the second run: %s: %+v", got, again[failed].Failure)
				}
				if !slices.ContainsFunc(again[failed].Attempts, func(e ResourceEvent) bool { return strings.Contains(e.Reason, tt.message) }) {
					t.Errorf("the failed attempt is not kept: %+v", again[failed].Attempts)
				}
				if n := len(providers(t, targets[failed])); n != 1 {
					t.Errorf("%d providers", n)
				}
			})
		})
	}
}

func TestThrottlingAndBrokenConnectionsFailNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(60), faults(t, "throttle=20%,http500=5%,reset=5%")))
		r := testRequest(t)
		r.Concurrency = 60
		sink := &recorder{t: t}
		e := New(*r, sink)
		plans, err := e.Plan(t.Context(), targetsOf(s))
		if err != nil {
			t.Fatal(err)
		}
		wantAll(t, deployed(t, e, plans), "create succeeded")
		if sink.count(EventThrottled) == 0 {
			t.Error("nobody was told of the throttling")
		}
		if sink.count(EventFinished) != len(plans) {
			t.Errorf("%d of %d targets were reported as finished", sink.count(EventFinished), len(plans))
		}
		onceEach(t, s)
	})
}

// onceEach checks that every account has one stack, one provider and never had more.
func onceEach(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	for _, target := range targetsOf(s) {
		if n := len(stacksEver(t, target)); n != 1 {
			t.Errorf("%s: %d stacks were made", target, n)
		}
		if n := len(providers(t, target)); n != 1 {
			t.Errorf("%s: %d providers", target, n)
		}
	}
}

func TestARunKilledAtAnyMomentIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	for _, after := range []time.Duration{
		10 * time.Millisecond, 120 * time.Millisecond, 260 * time.Millisecond, 310 * time.Millisecond, 400 * time.Millisecond,
		1200 * time.Millisecond, 1500 * time.Millisecond, 1700 * time.Millisecond, 2500 * time.Millisecond, 10 * time.Second, 21 * time.Second, 23 * time.Second,
	} {
		t.Run(after.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newSandbox(t, slow(accounts(10)))
				r := testRequest(t)
				killed, kill := context.WithTimeout(t.Context(), after)
				defer kill()
				e := New(*r, &recorder{t: t})
				plans, err := e.Plan(killed, targetsOf(s))
				if err == nil {
					left := time.Now()
					results, _ := e.Deploy(killed, nil, plans)
					<-killed.Done()
					if since := time.Since(left); since > after+100*time.Millisecond {
						t.Errorf("a cancelled run went on for %v", since)
					}
					for _, result := range results {
						if result.Status == StatusFailed {
							t.Errorf("%s: %+v", result.Target, result.Failure)
						}
						if result.Status == StatusInProgress && (result.StackID == "" || !strings.Contains(result.Failure.Fix, result.StackID)) {
							t.Errorf("%s goes on, and nobody says how to look at it: %+v", result.Target, result.Failure)
						}
					}
				}
				r.RunID = "second"
				for _, result := range run(t, r, targetsOf(s)) {
					if result.Status != StatusSucceeded || len(result.Outputs) == 0 {
						t.Errorf("%s: %v %+v", result.Target, outcomes([]Result{result}), result.Failure)
					}
				}
				onceEach(t, s)
				wantAll(t, run(t, r, targetsOf(s)), "none succeeded")
			})
		})
	}
}

func TestAnInterruptWaitsForWhatRunsAndStartsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(6)))
		r := testRequest(t)
		r.Concurrency = 2
		sink := &recorder{t: t}
		e := New(*r, sink)
		plans, err := e.Plan(t.Context(), targetsOf(s))
		if err != nil {
			t.Fatal(err)
		}
		drain := make(chan struct{})
		time.AfterFunc(10*time.Second, func() { close(drain) })
		results, err := e.Deploy(t.Context(), drain, plans)
		if err == nil {
			t.Error("an interrupted run that left targets out gave no error")
		}
		want := []string{"create succeeded", "create succeeded", "create skipped not_started", "create skipped not_started", "create skipped not_started", "create skipped not_started"}
		if got := outcomes(results); !slices.Equal(got, want) {
			t.Errorf("got %v", got)
		}
		if sink.count(EventStopping) != 1 || sink.count(EventFinished) != 6 {
			t.Errorf("%d stopping, %d finished", sink.count(EventStopping), sink.count(EventFinished))
		}
	})
}

func TestMaxFailuresStopsFurtherTargets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(6), faults(t, "stack-failure=6:quota:always")))
		r := testRequest(t)
		r.Concurrency = 1
		r.MaxFailures, _ = ParseMaxFailures("2")
		results := run(t, r, targetsOf(s))
		var failed, skipped int
		for _, result := range results {
			switch result.Status {
			case StatusFailed:
				failed++
			case StatusSkipped:
				skipped++
			case StatusSucceeded, StatusBlocked, StatusInProgress:
			}
		}
		if failed != 2 || skipped != 4 {
			t.Errorf("%d failed, %d skipped: %v", failed, skipped, outcomes(results))
		}
	})
}

func TestWhatChangedSinceTheReviewIsNotOverwritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		targets := targetsOf(s)
		r := testRequest(t)
		e := New(*r, nil)
		create, err := e.Plan(t.Context(), targets)
		if err != nil {
			t.Fatal(err)
		}
		run(t, r, targets)
		wantAll(t, deployed(t, e, create), "create failed stack_changed")

		r.Given[template.ParamAllowedRegions], r.RunID = "us-west-2", "mine"
		mine := New(*r, nil)
		update, err := mine.Plan(t.Context(), targets)
		if err != nil {
			t.Fatal(err)
		}
		r.Given[template.ParamAllowedRegions], r.RunID = "eu-west-1", "theirs"
		run(t, r, targets)
		wantAll(t, deployed(t, mine, update), "update failed stack_changed")
	})
}

func TestAChangeSetThatDoesMoreThanReviewedIsNotExecuted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		targets := targetsOf(s)
		r := testRequest(t)
		run(t, r, targets)
		r.Given[template.ParamPlanRoleName], r.RunID = "renamed", "second"
		e := New(*r, nil)
		plans, err := e.Plan(t.Context(), targets)
		if err != nil {
			t.Fatal(err)
		}
		reviewed := slices.Clone(plans)
		reviewed[0].Changes = nil // the review did not name the replacement
		executed := callsOf(s, "cloudformation:ExecuteChangeSet")
		wantAll(t, deployed(t, e, reviewed), "update failed change_set_differs")
		if callsOf(s, "cloudformation:ExecuteChangeSet") != executed || callsOf(s, "cloudformation:DeleteChangeSet") != 1 {
			t.Errorf("the change set was executed or left behind: %v", s.Calls())
		}
		wantAll(t, deployed(t, e, plans), "update succeeded")
	})
}

func TestAChangeSetWithoutChangesIsSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		targets := targetsOf(s)
		r := testRequest(t)
		run(t, r, targets)
		e := New(*r, nil)
		plans, err := e.Plan(t.Context(), targets)
		if err != nil {
			t.Fatal(err)
		}
		plans[0].Action = ActionUpdate
		results := deployed(t, e, plans)
		wantAll(t, results, "none succeeded")
		if results[0].Outputs[template.OutputPlanRoleARN] == "" {
			t.Error("the outputs are lost")
		}
		if callsOf(s, "cloudformation:DeleteChangeSet") != 1 {
			t.Error("the empty change set was left behind")
		}
	})
}

func TestACopyInAnotherRegionIsRecognised(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		r := testRequest(t)
		run(t, r, targetsOf(s))
		elsewhere := targetsOf(s)
		elsewhere[0].Region, elsewhere[0].Config.Region = "us-east-2", "us-east-2"
		results := run(t, r, elsewhere)
		wantAll(t, results, "blocked blocked stack_elsewhere")
		if fix := results[0].Failure.Fix; !strings.Contains(fix, "--region "+testRegion) {
			t.Errorf("fix: %s", fix)
		}
	})
}

func TestOneTargetsMisfortuneIsItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(4)))
		targets := targetsOf(s)
		targets[0].Err = &fleet.WrongAccountError{Want: targets[0].Account, Got: "999999999999"}
		targets[1] = withCredentials(targets[1], func(context.Context) (aws.Credentials, error) { panic("a provider of credentials that panics") })
		targets[2] = withCredentials(targets[2], func(context.Context) (aws.Credentials, error) { return sandbox.AdminCredentials("999999999999"), nil })
		results := run(t, testRequest(t), targets)
		got := outcomes(results)
		if got[0] != "blocked blocked wrong_account" || got[1] != "blocked blocked internal_error" || results[2].Status != StatusBlocked || got[3] != "create succeeded" {
			t.Errorf("got %v", got)
		}
		if fix := results[0].Failure.Fix; fix == "" {
			t.Error("no way out of a wrong account")
		}
	})
}

func TestAnIssuerOfOnesOwnWorksTheSame(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		r := testRequest(t)
		r.Template = testTemplate(t, "https://forgecroft.example.com/tenant")
		results := run(t, r, targetsOf(s))
		wantAll(t, results, "create succeeded")
		if got := results[0].Outputs[template.OutputOIDCProviderARN]; !strings.HasSuffix(got, ":oidc-provider/forgecroft.example.com/tenant") {
			t.Errorf("provider %s", got)
		}
		wantAll(t, tornDown(t, r, targetsOf(s)), "delete succeeded")
		if n := len(providers(t, targetsOf(s)[0])); n != 0 {
			t.Errorf("%d providers are left", n)
		}
	})
}

func TestASinkSeesEveryPhaseAndResource(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(2), faults(t, "stack-failure=1:quota")))
		targets := targetsOf(s)
		r := testRequest(t)
		sink := &recorder{t: t}
		e := New(*r, sink)
		plans, err := e.Plan(t.Context(), targets)
		if err != nil {
			t.Fatal(err)
		}
		results := deployed(t, e, plans)
		var done, total int
		for _, event := range sink.events {
			if event.Type == EventResource && event.Target.Account == targets[0].Account {
				done, total = event.Done, event.Total
			}
		}
		if done == 0 || total != 3 {
			t.Errorf("%d of %d resources", done, total)
		}
		failed := targets[slices.IndexFunc(results, func(r Result) bool { return r.Status == StatusFailed })].Account
		if got, want := sink.phases(failed), "plan queued change_set deploy done"; got != want {
			t.Errorf("phases %q, want %q", got, want)
		}
		again := &recorder{t: t}
		r.RunID = "second"
		e = New(*r, again)
		if plans, err = e.Plan(t.Context(), targets); err != nil {
			t.Fatal(err)
		}
		deployed(t, e, plans)
		if got, want := again.phases(failed), "plan queued delete change_set deploy done"; got != want {
			t.Errorf("phases of a recreation %q, want %q", got, want)
		}
	})
}
