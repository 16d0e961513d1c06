package bootstrap

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// watch tells the sink the events of one operation as they come.
type watch struct {
	stackID string
	token   string // ClientRequestToken of the operation: its events carry it
	total   int    // resources that the operation touches
	seen    map[string]bool
	done    map[string]bool
}

func newWatch(stackID, token string, total int) *watch {
	return &watch{stackID: stackID, token: token, total: total, seen: map[string]bool{}, done: map[string]bool{}}
}

// read tells what is new and reports whether the stack's own event says that the
// operation is over.
func (w *watch) read(ctx context.Context, a *account) (ended bool, err error) {
	fresh, err := w.fresh(ctx, a)
	if err != nil {
		return false, err
	}
	for _, e := range slices.Backward(fresh) {
		resource := resourceEvent(&e)
		if resource.PhysicalID == w.stackID {
			ended = !running(cfntypes.StackStatus(resource.Status))
			continue
		}
		if !strings.HasSuffix(resource.Status, "_IN_PROGRESS") {
			w.done[resource.LogicalID] = true
		}
		a.emit(&Event{Type: EventResource, Phase: a.phase, Resource: &resource, Done: len(w.done), Total: max(w.total, len(w.done))})
	}
	return ended, nil
}

// fresh reads the operation's events that were not seen before, newest first.
func (w *watch) fresh(ctx context.Context, a *account) ([]cfntypes.StackEvent, error) {
	var events []cfntypes.StackEvent
	in := &cloudformation.DescribeStackEventsInput{StackName: &w.stackID}
	for {
		out, err := call(ctx, a, a.stacks.DescribeStackEvents, in, a.stackOptions)
		if err != nil {
			return nil, doing(err, "read the events of stack %s", w.stackID)
		}
		for _, e := range out.StackEvents {
			if aws.ToString(e.ClientRequestToken) != w.token || w.seen[aws.ToString(e.EventId)] {
				return events, nil // everything further down is older
			}
			w.seen[aws.ToString(e.EventId)] = true
			events = append(events, e)
		}
		if out.NextToken == nil {
			return events, nil
		}
		in.NextToken = out.NextToken
	}
}

func resourceEvent(e *cfntypes.StackEvent) ResourceEvent {
	return ResourceEvent{
		LogicalID: aws.ToString(e.LogicalResourceId), PhysicalID: aws.ToString(e.PhysicalResourceId),
		Type: aws.ToString(e.ResourceType), Status: string(e.ResourceStatus), Reason: aws.ToString(e.ResourceStatusReason),
	}
}
