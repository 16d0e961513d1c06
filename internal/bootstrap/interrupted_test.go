package bootstrap

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/forgecroft/fcoidc/internal/fleet"
)

// lateStacks is a CloudFormation during whose telling of why something failed the run is interrupted.
type lateStacks struct {
	StackAPI
	interrupt context.CancelFunc
}

func (s lateStacks) DescribeEvents(ctx context.Context, in *cloudformation.DescribeEventsInput, o ...func(*cloudformation.Options)) (*cloudformation.DescribeEventsOutput, error) {
	s.interrupt()
	return s.StackAPI.DescribeEvents(ctx, in, o...)
}

// lateProvider is an IAM during whose deletion of a provider the run is interrupted.
type lateProvider struct {
	IdentityAPI
	interrupt context.CancelFunc
}

func (p lateProvider) DeleteOpenIDConnectProvider(ctx context.Context, in *iam.DeleteOpenIDConnectProviderInput, o ...func(*iam.Options)) (*iam.DeleteOpenIDConnectProviderOutput, error) {
	p.interrupt()
	return p.IdentityAPI.DeleteOpenIDConnectProvider(ctx, in, o...)
}

// deployLate plans with plan and deploys; the run is interrupted late.
func deployLate(t *testing.T, r *Request, plan func(*Engine) ([]Plan, error)) Result {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	e := New(*r, &recorder{t: t})
	stacks, identity := e.CloudFormation, e.IAM
	e.CloudFormation = func(target fleet.Target) StackAPI { return lateStacks{stacks(target), interrupt} }
	e.IAM = func(target fleet.Target) IdentityAPI { return lateProvider{identity(target), interrupt} }
	plans, err := plan(e)
	if err != nil {
		t.Fatal(err)
	}
	results, err := e.Deploy(ctx, nil, plans)
	if err == nil {
		t.Error("an interrupted run gave no error")
	}
	return results[0]
}

func TestAFailureIsNoneTheLessOneIfTheRunIsInterruptedWhileItIsExplained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1), faults(t, "stack-failure=1:quota:always")))
		r, targets := testRequest(t), targetsOf(s)
		plan := func(e *Engine) ([]Plan, error) { return e.Plan(t.Context(), targets) }
		result := deployLate(t, r, plan)
		wantAll(t, []Result{result}, "create failed ROLLBACK_COMPLETE")
		if result.StackID == "" {
			t.Error("nobody says which stack it is")
		}
		r.RunID = "second"
		wantAll(t, []Result{deployLate(t, r, plan)}, "recreate failed ROLLBACK_COMPLETE")
	})
}

func TestADeletionThatFailedIsNoneTheLessOneIfTheRunIsInterruptedWhileItIsExplained(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		r, targets := testRequest(t), targetsOf(s)
		run(t, r, targets)
		_, err := iamOf(targets[0]).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
			RoleName: aws.String("forgecroft-runner-plan"), PolicyName: aws.String("by-hand"),
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}`),
		})
		if err != nil {
			t.Fatal(err)
		}
		result := deployLate(t, r, func(e *Engine) ([]Plan, error) { return e.PlanTeardown(t.Context(), targets) })
		wantAll(t, []Result{result}, "delete failed DELETE_FAILED")
	})
}

func TestATeardownInterruptedAfterTheStackSaysWhatMayBeLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSandbox(t, slow(accounts(1)))
		r, targets := testRequest(t), targetsOf(s)
		run(t, r, targets)
		result := deployLate(t, r, func(e *Engine) ([]Plan, error) { return e.PlanTeardown(t.Context(), targets) })
		wantAll(t, []Result{result}, "delete failed interrupted")
		if f := result.Failure; f == nil || !strings.HasPrefix(f.Message, "the stack is deleted; the provider arn:") {
			t.Errorf("failure %+v", f)
		}
		wantAll(t, tornDown(t, r, targets), "delete succeeded")
	})
}
