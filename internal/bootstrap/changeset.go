package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// changeSetPrefix begins the name of every change set of fcoidc, and the tokens of its
// operations; the policy that fcoidc print-policy prints allows such change sets only.
const changeSetPrefix = "fcoidc-"

// errNoChanges says that a stack is already what the change set would make of it.
var errNoChanges = errors.New("the change set holds no changes")

// changeSet is a change set that can be executed.
type changeSet struct {
	id      string // the ARN: names are looked for in all stacks by some endpoints
	stackID string
	changes []cfntypes.Change
	atOnce  bool // CloudFormation had computed it when asked right after
}

// stackInput is what a change set is made from.
type stackInput struct {
	kind       cfntypes.ChangeSetType
	name       string // of the stack
	parameters map[string]string
	tags       map[string]string

	// keep says to leave a failure as it is. CloudFormation takes an update of a stack in
	// UPDATE_FAILED only like that: it would not know what to roll back to.
	keep bool

	// revert says to bring the resources to what the template says even where they differ from what
	// was deployed, because somebody changed them by hand.
	revert bool
}

// createChangeSet makes a change set and waits until CloudFormation has computed it.
// It returns [errNoChanges] if there is nothing to do, with the change set deleted.
func (j *job) createChangeSet(ctx context.Context, in stackInput) (*changeSet, error) {
	e, a := j.engine, j.account
	name := changeSetPrefix + e.request.RunID
	onFailure := cfntypes.OnStackFailure("") // CloudFormation's default: roll back
	if in.keep {
		onFailure = cfntypes.OnStackFailureDoNothing
	}
	mode := cfntypes.DeploymentMode("") // compare templates only
	if in.revert {
		mode = cfntypes.DeploymentModeRevertDrift
	}
	out, err := call(ctx, a, a.stacks.CreateChangeSet, &cloudformation.CreateChangeSetInput{
		StackName: &in.name, ChangeSetName: &name, ChangeSetType: in.kind, ClientToken: &name,
		Description:  aws.String("Forgecroft's trust, deployed by fcoidc in run " + e.request.RunID),
		TemplateBody: &e.body, OnStackFailure: onFailure, DeploymentMode: mode,
		Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam},
		Parameters:   parameterList(in.parameters),
		Tags:         tagList(in.tags),
	}, a.stackOptions)
	switch {
	case err == nil:
		return j.computed(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: out.Id})
	case errorCode(err) == "AlreadyExistsException":
		// Ours: its name holds the run's id. The answer to the first request was lost.
		return j.computed(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: &name, StackName: &in.name})
	case saysNoChanges(errorMessage(err)):
		return nil, errNoChanges
	case strings.Contains(errorMessage(err), "already exists and cannot be created"):
		return nil, a.moved("the stack was created by somebody else in the meantime")
	case noSuchStack(err):
		return nil, a.moved("the stack was deleted by somebody else in the meantime")
	default:
		return nil, doing(err, "create change set %s of stack %s in %s", name, in.name, a.target)
	}
}

// changeSetLimit is how long CloudFormation may compute a change set.
const changeSetLimit = 10 * time.Minute

// computed waits until a change set can be executed.
func (j *job) computed(ctx context.Context, in *cloudformation.DescribeChangeSetInput) (*changeSet, error) {
	started, last := time.Now(), time.Duration(0)
	for n := 0; ; n++ {
		if err := pause(ctx, started, j.engine.changeSets, func(_ time.Duration, e expectation) time.Duration {
			return changeSetDue(n, last, j.part.role, e)
		}); err != nil {
			return nil, err
		}
		last = time.Since(started)
		set, out, err := j.readChangeSet(ctx, in)
		if err != nil {
			return nil, err
		}
		switch out.Status {
		case cfntypes.ChangeSetStatusCreateComplete:
			j.engine.changeSets.measured(time.Since(started), true)
			set.atOnce = last < firstLook
			return set, nil
		case cfntypes.ChangeSetStatusFailed:
			return nil, j.refused(ctx, set, aws.ToString(out.StatusReason))
		case cfntypes.ChangeSetStatusCreatePending, cfntypes.ChangeSetStatusCreateInProgress:
		default:
			return nil, j.moved(fmt.Sprintf("the change set became %s: somebody else deleted it", out.Status))
		}
		if time.Since(started) > changeSetLimit {
			return nil, j.fail("change_set_timeout", fmt.Sprintf("CloudFormation has not computed change set %s within %s", set.id, changeSetLimit), "run the same command again")
		}
	}
}

// readChangeSet reads a change set with all its changes, which come in pages.
func (a *account) readChangeSet(ctx context.Context, in *cloudformation.DescribeChangeSetInput) (*changeSet, *cloudformation.DescribeChangeSetOutput, error) {
	set := &changeSet{}
	page := *in
	for {
		out, err := call(ctx, a, a.stacks.DescribeChangeSet, &page, a.stackOptions)
		if err != nil {
			return nil, nil, doing(err, "read change set %s in %s", aws.ToString(in.ChangeSetName), a.target)
		}
		set.id, set.stackID = aws.ToString(out.ChangeSetId), aws.ToString(out.StackId)
		set.changes = append(set.changes, out.Changes...)
		if out.NextToken == nil {
			return set, out, nil
		}
		page.NextToken = out.NextToken
	}
}

// refused is the error of a change set that CloudFormation would not compute. The change
// set is of no use to anybody and is deleted.
func (a *account) refused(ctx context.Context, set *changeSet, reason string) error {
	if saysNoChanges(reason) {
		a.discard(ctx, set)
		return errNoChanges
	}
	failure := newFailure(a.target, "change_set_failed", reason, "")
	// Validations before the deployment say more in the operation's events.
	events, err := a.operationEvents(ctx, &cloudformation.DescribeEventsInput{ChangeSetName: &set.id}, "")
	if first, ok := firstFailure(events); err == nil && ok {
		failure = newFailure(a.target, "change_set_failed", first.reason, first.id)
	}
	a.discard(ctx, set)
	return &failedError{failure}
}

// saysNoChanges recognises the two ways of CloudFormation to say that a change set would
// change nothing; neither has a code.
func saysNoChanges(reason string) bool {
	return strings.Contains(reason, "didn't contain changes") || strings.Contains(reason, "No updates are to be performed")
}

// discard deletes a change set of ours. One that stays does no harm: the next execution
// on the stack deletes it.
func (a *account) discard(ctx context.Context, set *changeSet) {
	_, _ = call(ctx, a, a.stacks.DeleteChangeSet, &cloudformation.DeleteChangeSetInput{ChangeSetName: &set.id}, a.stackOptions)
}

// execute starts a change set. It may be called again after a lost answer: the token
// makes CloudFormation take the second request for the first.
func (a *account) execute(ctx context.Context, set *changeSet, token string) error {
	_, err := call(ctx, a, a.stacks.ExecuteChangeSet, &cloudformation.ExecuteChangeSetInput{
		ChangeSetName: &set.id, ClientRequestToken: &token,
	}, a.stackOptions)
	if err == nil {
		return nil
	}
	if code := errorCode(err); code != "" && !executed(code) {
		return doing(err, "execute change set %s in %s", set.id, a.target)
	}
	// The answer may have been lost on its way while the request arrived.
	stack, lookErr := a.describeStack(ctx, set.stackID)
	switch {
	case lookErr != nil:
		return &lostError{what: "whether " + set.stackID + " goes on is not known", err: doing(err, "execute change set %s", set.id)}
	case stack != nil && (running(stack.Status) || stack.ChangeSet == set.id):
		return nil
	default:
		return doing(err, "execute change set %s in %s", set.id, a.target)
	}
}

// executed reports whether code may be the answer to a second request for an execution
// that has begun.
func executed(code string) bool {
	switch code {
	case "InvalidChangeSetStatus", "InvalidChangeSetStatusException", "ChangeSetNotFound", "ChangeSetNotFoundException",
		"TokenAlreadyExistsException", "OperationInProgressException":
		return true
	}
	return false
}

// moved says that an account is not any more what the plan was made for.
func (a *account) moved(how string) error {
	return a.fail("stack_changed", "what was reviewed does not hold any more: "+how, "run the same command again to review what is there now")
}

func (a *account) fail(code, message, fix string) error {
	return &failedError{&Failure{Code: code, Message: message, Fix: fix}}
}

func parameterList(values map[string]string) []cfntypes.Parameter {
	list := make([]cfntypes.Parameter, 0, len(values))
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, cfntypes.Parameter{ParameterKey: aws.String(name), ParameterValue: aws.String(values[name])})
	}
	return list
}

func tagList(tags map[string]string) []cfntypes.Tag {
	list := make([]cfntypes.Tag, 0, len(tags))
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, cfntypes.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}
