package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/forgecroft/fcoidc/internal/fleet"
	"github.com/forgecroft/fcoidc/internal/template"
)

// Deploy does what plans say, those of [Engine.Plan] or of [Engine.PlanTeardown], and
// returns a result for each, in their order. A target that fails leaves the others alone
// unless the request's MaxFailures is reached.
//
// Once drain is closed nothing new is started and what runs is waited for; if that left
// targets out, the error is [context.Canceled]. drain may be nil. If ctx ends, Deploy
// leaves at once: CloudFormation goes on with the stacks whose results are in progress,
// and the error is ctx's. The results are complete in any case.
func (e *Engine) Deploy(ctx context.Context, drain <-chan struct{}, plans []Plan) ([]Result, error) {
	work := 0
	for i := range plans {
		if changes(plans[i].Action) {
			work++
			e.emit(&plans[i].Target, &Event{Type: EventPhase, Phase: PhaseQueued})
		}
	}
	g := newGate(ctx, drain, e.request.MaxFailures, work, func(detail string) {
		e.emit(&fleet.Target{}, &Event{Type: EventStopping, Detail: detail})
	})
	results := make([]Result, len(plans))
	p := newParts(min(work, e.request.Concurrency))
	e.each(len(plans), func(i int) {
		e.deployOne(ctx, g, &plans[i], &results[i], p)
		e.emit(&plans[i].Target, &Event{Type: EventFinished, Phase: PhaseDone, Result: &results[i]})
	})
	return results, g.end()
}

// changes reports whether a does something in the account.
func changes(a Action) bool {
	switch a {
	case ActionCreate, ActionUpdate, ActionRecreate, ActionDelete:
		return true
	case ActionNone, ActionBlocked, ActionSkipped:
	}
	return false
}

// deployOne does what p says and writes into r how it ended.
func (e *Engine) deployOne(ctx context.Context, g *gate, p *Plan, r *Result, all *parts) {
	*r = p.Result()
	r.Started = time.Now()
	if changes(p.Action) {
		if why, ok := g.enter(); ok {
			e.work(ctx, p, r, all.deal())
			g.leave(r.Status == StatusFailed)
		} else {
			r.Reason = why
			r.Failure = &Failure{Code: "not_started", Message: why}
		}
	}
	r.Elapsed += time.Since(r.Started)
}

// work does a plan that changes something and writes down how it ended.
func (e *Engine) work(ctx context.Context, p *Plan, r *Result, own part) {
	a := e.account(&p.Target)
	j := &job{engine: e, account: a, plan: p, result: r, part: own}
	defer func() {
		if caught := recover(); caught != nil {
			r.Status, r.Failure = StatusFailed, &Failure{Code: "internal_error", Message: panicText(caught), Fix: reportBug}
		}
		r.APICalls = p.calls + a.calls()
	}()
	var err error
	switch p.Action {
	case ActionCreate, ActionUpdate, ActionRecreate:
		err = j.deploy(ctx)
	case ActionDelete:
		err = j.teardown(ctx)
	case ActionNone, ActionBlocked, ActionSkipped:
	}
	j.settle(ctx, err)
}

// job is the work on one target.
type job struct {
	*account
	engine *Engine
	plan   *Plan
	result *Result
	part   part

	cleared bool   // the failed stack that a recreate replaces is deleted
	made    string // ARN of the stack whose change set was executed
	deleted bool   // something of the account is deleted, or may be
}

// untouched reports whether the account is as it was before the work.
func (j *job) untouched() bool { return j.made == "" && !j.deleted }

// settle turns how the work ended into the target's status.
func (j *job) settle(ctx context.Context, err error) {
	r := j.result
	lost, isLost := errors.AsType[*lostError](err)
	_, isFailed := errors.AsType[*failedError](err)
	switch {
	case err == nil:
		r.Status = StatusSucceeded
	case isLost:
		r.Status, r.Failure = StatusInProgress, failureOf(j.target, lost.err)
		r.Failure.Message = lost.what
		if ctx.Err() != nil {
			r.Failure.Code = "interrupted"
		}
		r.Failure.Fix = "run the same command again, which waits for it and goes on; to look: " +
			awsCommand(j.target, "cloudformation describe-stacks --stack-name "+r.StackID)
		r.Reason = r.Failure.Message
	case ctx.Err() != nil && !isFailed && j.untouched():
		r.Status, r.Reason = StatusSkipped, "the run was interrupted before anything was changed"
	default:
		r.Status, r.Failure = StatusFailed, failureOf(j.target, err)
	}
	if j.cleared && r.Status == StatusFailed {
		r.StackID, r.Outputs = j.made, nil
		if j.made == "" {
			r.Failure.Message = "the failed stack was deleted, a new one not yet made: " + r.Failure.Message
		}
	}
}

// deploy brings the stack to what the plan says.
func (j *job) deploy(ctx context.Context) error {
	in := stackInput{kind: cfntypes.ChangeSetTypeCreate, name: j.engine.request.StackName, parameters: j.plan.Parameters}
	switch j.plan.Action {
	case ActionRecreate:
		parameters, err := j.clear(ctx)
		if err != nil {
			return err
		}
		in.parameters = parameters
	case ActionUpdate:
		if err := j.unmoved(ctx); err != nil {
			return err
		}
		in.kind, in.name, in.tags = cfntypes.ChangeSetTypeUpdate, j.plan.StackID, j.plan.seen.Tags
		in.keep, in.revert = j.plan.seen.Status == cfntypes.StackStatusUpdateFailed, j.plan.reverts
	case ActionCreate, ActionNone, ActionDelete, ActionBlocked, ActionSkipped:
	}
	in.tags = stackTags(&j.engine.request, in.tags)
	return j.apply(ctx, in)
}

// apply makes a change set, checks it against what was reviewed, executes it and waits.
func (j *job) apply(ctx context.Context, in stackInput) error {
	j.enter(PhaseChangeSet, "")
	set, err := j.createChangeSet(ctx, in)
	if errors.Is(err, errNoChanges) {
		if in.revert {
			if err := j.verifyReverted(ctx, "CloudFormation finds nothing to change", 1); err != nil {
				return err
			}
		}
		j.result.Action, j.result.Reason = ActionNone, "CloudFormation finds nothing to change"
		return nil
	}
	if err != nil {
		return err
	}
	j.result.StackID = set.stackID
	if extra := unnamed(j.plan.Changes, set.changes); len(extra) > 0 {
		j.discard(ctx, set)
		return j.fail("change_set_differs", fmt.Sprintf("the change set would do what the review did not name (%s), and was not executed", joinWords(extra)),
			"run the same command again to review what is there now")
	}

	token := changeSetPrefix + j.engine.request.RunID
	j.enter(PhaseDeploy, changeSetWords(set.changes))
	if err := ctx.Err(); err != nil {
		return err
	}
	j.made = set.stackID
	if err := j.execute(ctx, set, token); err != nil {
		return err
	}
	stack, err := j.await(ctx, operation{
		stackID: set.stackID, pace: j.engine.deploys, part: j.part, changeSet: set.id, slow: !set.atOnce,
		watch: newWatch(set.stackID, token, len(set.changes)),
	})
	switch {
	case err != nil:
		return &lostError{"stack " + set.stackID + " goes on", err}
	case stack == nil:
		return j.moved("the stack was deleted by somebody else while it was being deployed")
	case !healthy(stack.Status):
		return &failedError{j.explain(ctx, stack, token)}
	}
	j.result.Outputs = stack.Outputs
	if in.revert {
		err = j.verifyReverted(ctx, "the update succeeded", revertLooks)
		if _, seen := errors.AsType[*failedError](err); err != nil && !seen && ctx.Err() != nil {
			return &lostError{"stack " + set.stackID + " is updated, but whether its drift is reverted was not seen", err}
		}
		return err
	}
	return nil
}

// unmoved checks that the stack is still the one that was reviewed. A change set alone
// would not tell: it compares with what is there when it is made.
func (j *job) unmoved(ctx context.Context) error {
	seen := j.plan.seen
	now, err := j.describeStack(ctx, seen.ID)
	switch {
	case err != nil:
		return err
	case now == nil || now.Status == cfntypes.StackStatusDeleteComplete:
		return j.moved("the stack was deleted by somebody else in the meantime")
	case now.Status != seen.Status:
		return j.moved(fmt.Sprintf("the stack was %s and is %s", seen.Status, now.Status))
	case now.ChangeSet != seen.ChangeSet || !maps.Equal(now.Parameters, seen.Parameters) || !maps.Equal(now.Tags, seen.Tags):
		return j.moved("the stack was updated by somebody else in the meantime")
	}
	return nil
}

// clear deletes a failed stack to make room for a new one, after its story is kept, and
// looks anew at what is there then: the deletion leaves the provider in the account. It
// returns the parameters for the new stack.
func (j *job) clear(ctx context.Context) (map[string]string, error) {
	seen := j.plan.seen
	now, err := j.describeStack(ctx, seen.ID)
	if err != nil {
		return nil, err
	}
	if now != nil && now.Status != cfntypes.StackStatusDeleteComplete {
		if now.Status != seen.Status {
			return nil, j.moved(fmt.Sprintf("the stack was %s and is %s", seen.Status, now.Status))
		}
		if j.result.Attempts, err = j.attempt(ctx, seen.ID); err != nil {
			return nil, err
		}
		if err := j.deleteStack(ctx, seen.ID); err != nil {
			return nil, err
		}
	}
	j.cleared = true
	tpl, err := j.engine.template()
	if err != nil {
		return nil, err
	}
	again := j.engine.request
	again.Given = maps.Clone(j.plan.Parameters)
	delete(again.Given, template.ParamCreateProvider) // for what there is now
	o, err := j.observe(ctx, &again, tpl)
	if err != nil {
		return nil, err
	}
	p := decide(&again, tpl, o)
	if p.Action != ActionCreate {
		return nil, j.fail(p.Code, p.Reason, p.Fix)
	}
	return p.Parameters, nil
}

// deleteStack deletes a stack of ours and waits until it is gone.
func (j *job) deleteStack(ctx context.Context, stackID string) error {
	j.enter(PhaseDelete, "")
	token := changeSetPrefix + j.engine.request.RunID + "-delete"
	_, err := call(ctx, j.account, j.stacks.DeleteStack, &cloudformation.DeleteStackInput{StackName: &stackID, ClientRequestToken: &token}, j.stackOptions)
	if err != nil && errorCode(err) != "TokenAlreadyExistsException" {
		if ctx.Err() != nil && errorCode(err) == "" {
			return &lostError{"the deletion of stack " + stackID + " may go on", err}
		}
		return doing(err, "delete stack %s", stackID)
	}
	stack, err := j.await(ctx, operation{
		stackID: stackID, pace: j.engine.deletes, part: j.part, watch: newWatch(stackID, token, 0),
	})
	switch {
	case err != nil:
		return &lostError{"the deletion of stack " + stackID + " goes on", err}
	case stack != nil && stack.Status != cfntypes.StackStatusDeleteComplete:
		return &failedError{j.explain(ctx, stack, token)}
	}
	j.deleted = true
	return nil
}
