package bootstrap

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// failedEvent is what an operation's event says of a failure, whichever API told it.
type failedEvent struct {
	at      time.Time
	id      string // of the resource, the stack's own included
	kind    string // AWS::IAM::Role
	status  string
	reason  string
	ofStack bool
}

// firstFailure finds what went wrong first: the earliest failed resource that was not
// merely cancelled because another had failed, or else the stack's own reason.
func firstFailure(events []failedEvent) (failedEvent, bool) {
	slices.SortStableFunc(events, func(a, b failedEvent) int { return a.at.Compare(b.at) })
	for _, ofStack := range []bool{false, true} {
		for _, e := range events {
			if e.ofStack == ofStack && e.reason != "" && !cancelled(e.reason) {
				return e, true
			}
		}
	}
	return failedEvent{}, false
}

// cancelled recognises "Resource creation cancelled" and its kin: the resource did not
// fail, it was given up when another one did.
func cancelled(reason string) bool {
	return strings.HasPrefix(reason, "Resource ") && strings.HasSuffix(strings.ToLower(strings.TrimRight(reason, ".")), "cancelled")
}

// explain says why the operation with token ended in s's state.
func (a *account) explain(ctx context.Context, s *Stack, token string) *Failure {
	events, err := a.failedEvents(ctx, s.ID, token)
	if err == nil {
		if e, ok := firstFailure(events); ok {
			return newFailure(a.target, codeInReason(e.reason, string(s.Status)), e.reason, e.id)
		}
	}
	reason := s.Reason
	if reason == "" {
		reason = fmt.Sprintf("the stack is %s", s.Status)
	}
	return newFailure(a.target, string(s.Status), reason, "")
}

// failedEvents reads the failures of an operation from DescribeEvents, which knows of
// validations and hooks too, or from the stack's events where the endpoint has no such
// action or the caller may not use it.
func (a *account) failedEvents(ctx context.Context, stackID, token string) ([]failedEvent, error) {
	events, err := a.operationEvents(ctx, &cloudformation.DescribeEventsInput{
		StackName: &stackID, Filters: &cfntypes.EventFilter{FailedEvents: aws.Bool(true)},
	}, token)
	if err == nil && len(events) > 0 {
		return events, nil
	}
	return a.stackEvents(ctx, stackID, token)
}

func (a *account) operationEvents(ctx context.Context, in *cloudformation.DescribeEventsInput, token string) ([]failedEvent, error) {
	var events []failedEvent
	once := func(o *cloudformation.Options) {
		a.stackOptions(o)
		o.RetryMaxAttempts = 2 // an endpoint without the action may answer with a server's error
	}
	for {
		out, err := call(ctx, a, a.stacks.DescribeEvents, in, once)
		if err != nil {
			return nil, err
		}
		for i := range out.OperationEvents {
			if e, ok := newFailedEvent(&out.OperationEvents[i], token); ok {
				events = append(events, e)
			}
		}
		if out.NextToken == nil {
			return events, nil
		}
		in.NextToken = out.NextToken
	}
}

func newFailedEvent(e *cfntypes.OperationEvent, token string) (failedEvent, bool) {
	if theirs := aws.ToString(e.ClientRequestToken); token != "" && theirs != "" && theirs != token {
		return failedEvent{}, false
	}
	reason := aws.ToString(e.ResourceStatusReason)
	for _, other := range []*string{e.ValidationStatusReason, e.HookStatusReason} {
		if reason == "" {
			reason = aws.ToString(other)
		}
	}
	kind := aws.ToString(e.ResourceType)
	return failedEvent{
		at: aws.ToTime(e.Timestamp), id: aws.ToString(e.LogicalResourceId), kind: kind,
		status: string(e.ResourceStatus), reason: reason, ofStack: kind == typeStack || kind == "",
	}, true
}

// typeStack is the resource type of the stack's own events.
const typeStack = "AWS::CloudFormation::Stack"

// stackEvents reads the failures of the operation with token from the stack's events.
func (a *account) stackEvents(ctx context.Context, stackID, token string) ([]failedEvent, error) {
	var events []failedEvent
	err := a.eachStackEvent(ctx, stackID, func(e *cfntypes.StackEvent) {
		theirs := aws.ToString(e.ClientRequestToken)
		if token != "" && theirs != "" && theirs != token || !failedStatus(string(e.ResourceStatus)) {
			return
		}
		events = append(events, failedEvent{
			at: aws.ToTime(e.Timestamp), id: aws.ToString(e.LogicalResourceId), kind: aws.ToString(e.ResourceType),
			status: string(e.ResourceStatus), reason: aws.ToString(e.ResourceStatusReason),
			ofStack: aws.ToString(e.PhysicalResourceId) == stackID,
		})
	})
	slices.Reverse(events) // oldest first: the order of events of one moment
	return events, err
}

// failedStatus also takes the stack's turn to rolling back, whose reason names what failed.
func failedStatus(status string) bool {
	return strings.HasSuffix(status, "_FAILED") || strings.HasSuffix(status, "ROLLBACK_IN_PROGRESS")
}

// attempt is the story of a stack, oldest event first.
func (a *account) attempt(ctx context.Context, stackID string) ([]ResourceEvent, error) {
	var events []ResourceEvent
	err := a.eachStackEvent(ctx, stackID, func(e *cfntypes.StackEvent) { events = append(events, resourceEvent(e)) })
	slices.Reverse(events)
	return events, err
}

// eventPages bounds how many pages of a stack's events are read, newest first.
const eventPages = 20

func (a *account) eachStackEvent(ctx context.Context, stackID string, do func(*cfntypes.StackEvent)) error {
	in := &cloudformation.DescribeStackEventsInput{StackName: &stackID}
	for range eventPages {
		out, err := call(ctx, a, a.stacks.DescribeStackEvents, in, a.stackOptions)
		if err != nil {
			return doing(err, "read the events of stack %s", stackID)
		}
		for i := range out.StackEvents {
			do(&out.StackEvents[i])
		}
		if out.NextToken == nil {
			return nil
		}
		in.NextToken = out.NextToken
	}
	return nil
}
